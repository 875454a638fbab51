// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import io.dragoman.core.Metrics;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that verify tokens. Those in a file or behind a URL are read again from time to time,
 * and when a token names one that is not known; what cannot be read leaves them as they were.
 * Reading the keys is safe from any thread and never blocks.
 */
final class KeyRing {
  private static final Logger LOG = LoggerFactory.getLogger(KeyRing.class);

  /** Until the keys behind a URL are there at all. */
  private static final long RETRY_SECONDS = 5;

  /** Between two readings because of unknown keys: tokens are anybody's, readings are not free. */
  private static final long ASKED_SECONDS = 10;

  private final List<VerificationKey> secrets;
  private final @Nullable TextSource source;
  private final ScheduledExecutorService thread;
  private final Metrics.Counter failures;
  private final AtomicBoolean asked = new AtomicBoolean();
  private volatile List<VerificationKey> keys;
  private volatile boolean loaded;

  /**
   * Counts changes of the keys, after each: what was found with earlier ones may no longer hold.
   */
  private volatile int version;

  private List<VerificationKey> published = List.of();

  /**
   * A ring with its keys, but for those behind a URL that does not answer.
   *
   * @throws IOException if the keys cannot be used; the message says why
   */
  KeyRing(AuthOptions options, ScheduledExecutorService thread, Metrics metrics)
      throws IOException {
    this.thread = thread;
    this.secrets =
        options.secret().filter(each -> !each.isEmpty()).map(KeyRing::secret).stream().toList();
    this.keys = secrets;
    this.failures =
        metrics.counter(
            "dragoman_jwt_keys_reload_failed_total",
            "Times when the keys of tokens could not be read, and stayed as they were");
    metrics.gauge("dragoman_jwt_keys", "Keys that tokens are verified with", () -> keys.size());
    this.source = options.keys().isPresent() ? source(options.keys().get()) : null;
    this.loaded = source == null;
    if (source != null) {
      load(source, TextSource.isUrl(options.keys().orElseThrow()));
      schedule(options.reload());
    }
  }

  private static VerificationKey secret(String secret) {
    byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
    return new VerificationKey(new SecretKeySpec(bytes, "HMAC"), null, null);
  }

  private static TextSource source(String place) throws IOException {
    try {
      if (!TextSource.isUrl(place)) {
        return TextSource.file(Path.of(place));
      }
      URI url = URI.create(place);
      if (!TextSource.isTrustworthy(url)) {
        throw new IOException("keys come over https, or from this machine");
      }
      return TextSource.url(url);
    } catch (IllegalArgumentException e) {
      // Not its words: they quote the place, which may have a password in it.
      throw new IOException("this is neither a file nor a URL", e);
    }
  }

  private void load(TextSource from, boolean mayBeLate) throws IOException {
    try {
      reload(from);
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    } catch (IOException e) {
      if (!mayBeLate) {
        throw e;
      }
      failed(e);
    }
  }

  private void schedule(Duration reload) {
    if (!loaded) {
      var unused = thread.schedule(this::retry, RETRY_SECONDS, TimeUnit.SECONDS);
    }
    if (!reload.isZero()) {
      long nanos = reload.toNanos();
      var unused =
          thread.scheduleWithFixedDelay(this::reloadQuietly, nanos, nanos, TimeUnit.NANOSECONDS);
    }
  }

  private void retry() {
    if (!loaded) {
      reloadQuietly();
      if (!loaded) {
        var unused = thread.schedule(this::retry, RETRY_SECONDS, TimeUnit.SECONDS);
      }
    }
  }

  private void reloadQuietly() {
    TextSource from = source;
    if (from != null) {
      try {
        reload(from);
      } catch (IOException | RuntimeException e) {
        failed(e);
      }
    }
  }

  private void failed(Exception e) {
    failures.increment();
    LOG.warn("The keys of tokens stay as they were: {}", e.getMessage());
  }

  private synchronized void reload(TextSource from) throws IOException {
    List<VerificationKey> read = PublicKeys.parse(from.read());
    if (!read.equals(published)) {
      published = read;
      List<VerificationKey> all = new ArrayList<>(secrets);
      all.addAll(read);
      keys = List.copyOf(all);
      version++;
      LOG.info("Tokens are verified with {} public keys.", read.size());
    }
    loaded = true;
  }

  /** Has the keys read again soon, because there may be a new one. */
  void askForNew() {
    if (source != null && asked.compareAndSet(false, true)) {
      thread.execute(this::reloadQuietly);
      var unused = thread.schedule(() -> asked.set(false), ASKED_SECONDS, TimeUnit.SECONDS);
    }
  }

  List<VerificationKey> keys() {
    return keys;
  }

  int version() {
    return version;
  }

  /** Whether the keys have been read at least once. */
  boolean isLoaded() {
    return loaded;
  }
}
