// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import io.dragoman.core.Metrics;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a text into effect, and again what it has become from time to time. What cannot be read or
 * used is counted, logged once, and leaves everything as it was. Closing it ends that.
 */
public final class TextReloader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TextReloader.class);

  private final String what;
  private final TextSource source;
  private final Consumer<String> use;
  private final Metrics.Counter failures;
  private @Nullable ScheduledExecutorService thread;

  /** What was logged last, which is not logged again as long as it is the same. */
  private String complaint = "";

  private TextReloader(
      String what, TextSource source, Consumer<String> use, Metrics.Counter failures) {
    this.what = what;
    this.source = source;
    this.use = use;
    this.failures = failures;
  }

  /**
   * Puts the text into effect before it returns.
   *
   * @param what the text is, at the beginning of a sentence
   * @param reload how often it is read again; zero never
   * @param use puts a text into effect, on one thread at a time; throws {@link
   *     IllegalArgumentException}, whose message says why, when it cannot be used
   * @throws IOException if it cannot be read or used; the message says why
   */
  public static TextReloader start(
      String what,
      TextSource source,
      Duration reload,
      Consumer<String> use,
      Metrics.Counter failures)
      throws IOException {
    TextReloader reloader = new TextReloader(what, source, use, failures);
    reloader.load();
    if (!reload.isZero()) {
      reloader.repeat(reload.toNanos());
    }
    return reloader;
  }

  private void load() throws IOException {
    try {
      use.accept(source.read());
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private void repeat(long nanos) {
    ScheduledExecutorService made =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread reading = new Thread(task, "dragoman-reload");
              reading.setDaemon(true);
              return reading;
            });
    thread = made;
    var unused = made.scheduleWithFixedDelay(this::reload, nanos, nanos, TimeUnit.NANOSECONDS);
  }

  private void reload() {
    try {
      load();
      complaint = "";
    } catch (IOException | RuntimeException | Error e) {
      // Whatever it is: there would be no next time.
      failures.increment();
      String reason = String.valueOf(e.getMessage());
      if (!reason.equals(complaint)) {
        complaint = reason;
        LOG.warn("{} stays as it was: {}", what, reason);
      }
    }
  }

  @Override
  public void close() {
    ScheduledExecutorService running = thread;
    if (running != null) {
      running.shutdownNow();
    }
  }
}
