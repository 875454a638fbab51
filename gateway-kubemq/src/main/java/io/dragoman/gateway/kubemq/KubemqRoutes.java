// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq;

import io.dragoman.core.Metrics;
import io.dragoman.gateway.kubemq.internal.RouteTable;
import io.dragoman.security.TextSource;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The routes that senders can name as {@code routes:<key>}: an array of objects with {@code Key}
 * and {@code Routes}, as text, in a file, or behind a URL. What is read again and cannot be used
 * leaves the routes as they were. Safe from any thread.
 */
public final class KubemqRoutes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KubemqRoutes.class);

  private final TextSource source;
  private final Metrics.Counter failures;
  private volatile RouteTable table = RouteTable.EMPTY;
  private @Nullable ScheduledExecutorService reloading;

  private KubemqRoutes(TextSource source, Metrics metrics) {
    this.source = source;
    this.failures =
        metrics.counter(
            "dragoman_routes_reload_failed_total",
            "Times when the route table could not be read again, and stayed as it was",
            "dialect",
            "kubemq");
    metrics.gauge(
        "dragoman_routes", "Keys of the route table", () -> table.size(), "dialect", "kubemq");
  }

  /**
   * Routes from a text.
   *
   * @throws IOException if it is no route table; the message says why
   */
  public static KubemqRoutes of(String json, Metrics metrics) throws IOException {
    return loaded(() -> json, Duration.ZERO, metrics);
  }

  /**
   * Routes from a file.
   *
   * @param reload how often it is read again; zero never
   * @throws IOException if it cannot be read or is no route table; the message says why
   */
  public static KubemqRoutes file(Path file, Duration reload, Metrics metrics) throws IOException {
    return loaded(TextSource.file(file), reload, metrics);
  }

  /**
   * Routes from a URL, by GET. Blocks until the answer is there, 10 s at most.
   *
   * @param reload how often it is read again; zero never
   * @throws IOException if it cannot be read or is no route table; the message says why
   */
  public static KubemqRoutes url(URI url, Duration reload, Metrics metrics) throws IOException {
    return loaded(TextSource.url(url), reload, metrics);
  }

  /**
   * Says what is wrong with a text that is to be a route table.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static void check(String json) {
    RouteTable.parse(json);
  }

  /** The routes as they are now. */
  RouteTable table() {
    return table;
  }

  private static KubemqRoutes loaded(TextSource source, Duration reload, Metrics metrics)
      throws IOException {
    KubemqRoutes routes = new KubemqRoutes(source, metrics);
    routes.load();
    if (!reload.isZero()) {
      routes.reloadEvery(reload);
    }
    return routes;
  }

  private void load() throws IOException {
    try {
      table = RouteTable.parse(source.read());
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private void reloadEvery(Duration reload) {
    ScheduledExecutorService thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread made = new Thread(task, "dragoman-routes");
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
      LOG.warn("The route table stays as it was: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    ScheduledExecutorService thread = reloading;
    if (thread != null) {
      thread.shutdownNow();
    }
  }
}
