// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq;

import io.dragoman.core.Metrics;
import io.dragoman.gateway.kubemq.internal.RouteTable;
import io.dragoman.security.TextReloader;
import io.dragoman.security.TextSource;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The routes that senders can name as {@code routes:<key>}: an array of objects with {@code Key}
 * and {@code Routes}, as text, in a file, or behind a URL. What is read again and cannot be used
 * leaves the routes as they were. Safe from any thread.
 */
public final class KubemqRoutes implements AutoCloseable {
  private final TextReloader reloader;
  private volatile RouteTable table = RouteTable.EMPTY;

  private KubemqRoutes(TextSource source, Duration reload, Metrics metrics) throws IOException {
    Metrics.Counter failures =
        metrics.counter(
            "dragoman_routes_reload_failed_total",
            "Times when the route table could not be read again, and stayed as it was",
            "dialect",
            "kubemq");
    metrics.gauge(
        "dragoman_routes", "Keys of the route table", () -> table.size(), "dialect", "kubemq");
    reloader =
        TextReloader.start(
            "The route table", source, reload, text -> table = RouteTable.parse(text), failures);
  }

  /**
   * Routes from a text.
   *
   * @throws IOException if it is no route table; the message says why
   */
  public static KubemqRoutes of(String json, Metrics metrics) throws IOException {
    return new KubemqRoutes(() -> json, Duration.ZERO, metrics);
  }

  /**
   * Routes from a file.
   *
   * @param reload how often it is read again; zero never
   * @throws IOException if it cannot be read or is no route table; the message says why
   */
  public static KubemqRoutes file(Path file, Duration reload, Metrics metrics) throws IOException {
    return new KubemqRoutes(TextSource.file(file), reload, metrics);
  }

  /**
   * Routes from a URL, by GET. Blocks until the answer is there, 10 s at most.
   *
   * @param reload how often it is read again; zero never
   * @throws IOException if it cannot be read or is no route table; the message says why
   */
  public static KubemqRoutes url(URI url, Duration reload, Metrics metrics) throws IOException {
    return new KubemqRoutes(TextSource.url(url), reload, metrics);
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

  @Override
  public void close() {
    reloader.close();
  }
}
