// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import io.dragoman.core.Metrics;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * The access policy that holds at the moment: from a text, a file, or a URL, the last two read
 * again from time to time. What cannot be read or used leaves the policy as it was. Safe from any
 * thread.
 */
public final class AccessPolicies implements Supplier<AccessPolicy>, AutoCloseable {
  private final TextReloader reloader;
  private volatile AccessPolicy policy = AccessPolicy.parse("[]");

  private AccessPolicies(TextSource source, Duration reload, Metrics metrics) throws IOException {
    Metrics.Counter failures =
        metrics.counter(
            "dragoman_access_policy_reload_failed_total",
            "Times when the access policy could not be read again, and stayed as it was");
    metrics.gauge(
        "dragoman_access_policy_rules", "Rules of the access policy", () -> policy.size());
    reloader =
        TextReloader.start(
            "The access policy",
            source,
            reload,
            text -> policy = AccessPolicy.parse(text),
            failures);
  }

  /**
   * A policy from a text.
   *
   * @throws IOException if it is none; the message says why
   */
  public static AccessPolicies of(String json, Metrics metrics) throws IOException {
    return new AccessPolicies(() -> json, Duration.ZERO, metrics);
  }

  /**
   * A policy from a file.
   *
   * @param reload how often it is read again; zero never
   * @throws IOException if it cannot be read or is none; the message says why
   */
  public static AccessPolicies file(Path file, Duration reload, Metrics metrics)
      throws IOException {
    return new AccessPolicies(TextSource.file(file), reload, metrics);
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
    return new AccessPolicies(TextSource.url(url), reload, metrics);
  }

  @Override
  public AccessPolicy get() {
    return policy;
  }

  @Override
  public void close() {
    reloader.close();
  }
}
