// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import io.dragoman.core.Metrics;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The access policy that holds at the moment: from a text, a file, or a URL, the last two read
 * again from time to time. What cannot be read or used leaves the policy as it was. Safe from any
 * thread.
 */
public final class AccessPolicies implements Supplier<AccessPolicy>, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AccessPolicies.class);

  private final TextSource source;
  private final Metrics.Counter failures;
  private volatile AccessPolicy policy = AccessPolicy.parse("[]");
  private @Nullable ScheduledExecutorService reloading;

  private AccessPolicies(TextSource source, Metrics metrics) {
    this.source = source;
    this.failures =
        metrics.counter(
            "dragoman_access_policy_reload_failed_total",
            "Times when the access policy could not be read again, and stayed as it was");
    metrics.gauge(
        "dragoman_access_policy_rules", "Rules of the access policy", () -> policy.size());
  }

  /**
   * A policy from a text.
   *
   * @throws IOException if it is none; the message says why
   */
  public static AccessPolicies of(String json, Metrics metrics) throws IOException {
    return loaded(() -> json, Duration.ZERO, metrics);
  }

  /**
   * A policy from a file.
   *
   * @param reload how often it is read again; zero never
   * @throws IOException if it cannot be read or is none; the message says why
   */
  public static AccessPolicies file(Path file, Duration reload, Metrics metrics)
      throws IOException {
    return loaded(TextSource.file(file), reload, metrics);
  }

  /**
   * A policy from a URL, by GET. Blocks until the answer is there, 10 s at most.
   *
   * @param reload how often it is read again; zero never
   * @throws IOException if it cannot be read or is none, or whoever is on the way could change it;
   *     the message says why
   */
  public static AccessPolicies url(URI url, Duration reload, Metrics metrics) throws IOException {
    if (!TextSource.isTrustworthy(url)) {
      throw new IOException("a policy comes over https, or from this machine");
    }
    return loaded(TextSource.url(url), reload, metrics);
  }

  private static AccessPolicies loaded(TextSource source, Duration reload, Metrics metrics)
      throws IOException {
    AccessPolicies policies = new AccessPolicies(source, metrics);
    policies.load();
    if (!reload.isZero()) {
      policies.reloadEvery(reload);
    }
    return policies;
  }

  private void load() throws IOException {
    try {
      policy = AccessPolicy.parse(source.read());
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private void reloadEvery(Duration reload) {
    ScheduledExecutorService thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread made = new Thread(task, "dragoman-policy");
              made.setDaemon(true);
              return made;
            });
    reloading = thread;
    long nanos = reload.toNanos();
    var unused = thread.scheduleWithFixedDelay(this::reload, nanos, nanos, TimeUnit.NANOSECONDS);
  }

  private void reload() {
    try {
      load();
    } catch (IOException | RuntimeException e) {
      failures.increment();
      LOG.warn("The access policy stays as it was: {}", e.getMessage());
    }
  }

  @Override
  public AccessPolicy get() {
    return policy;
  }

  @Override
  public void close() {
    ScheduledExecutorService thread = reloading;
    if (thread != null) {
      thread.shutdownNow();
    }
  }
}
