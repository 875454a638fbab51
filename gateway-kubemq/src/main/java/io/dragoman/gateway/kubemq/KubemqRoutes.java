// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq;

import io.dragoman.core.Metrics;
import io.dragoman.gateway.kubemq.internal.RouteTable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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
  private static final int BYTES_MAX = 1 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Where a table is read from. */
  @FunctionalInterface
  private interface Source {
    String read() throws IOException;
  }

  private final Source source;
  private final Metrics.Counter failures;
  private volatile RouteTable table = RouteTable.EMPTY;
  private @Nullable ScheduledExecutorService reloading;

  private KubemqRoutes(Source source, Metrics metrics) {
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
    return loaded(() -> readFile(file), reload, metrics);
  }

  /**
   * Routes from a URL, by GET. Blocks until the answer is there, 10 s at most.
   *
   * @param reload how often it is read again; zero never
   * @throws IOException if it cannot be read or is no route table; the message says why
   */
  public static KubemqRoutes url(URI url, Duration reload, Metrics metrics) throws IOException {
    HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    return loaded(() -> readUrl(client, url), reload, metrics);
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

  private static KubemqRoutes loaded(Source source, Duration reload, Metrics metrics)
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

  private static String readFile(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return text(in);
    } catch (NoSuchFileException e) {
      throw new IOException("there is no file " + file, e);
    }
  }

  private static String readUrl(HttpClient client, URI url) throws IOException {
    HttpRequest request = HttpRequest.newBuilder(url).timeout(PATIENCE).build();
    try {
      HttpResponse<InputStream> answer =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream in = answer.body()) {
        if (answer.statusCode() != 200) {
          throw new IOException(url + " answers with status " + answer.statusCode());
        }
        return text(in);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while reading " + url, e);
    } catch (IOException e) {
      throw new IOException(url + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static String text(InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(BYTES_MAX + 1);
    if (bytes.length > BYTES_MAX) {
      throw new IOException("a route table may have " + BYTES_MAX + " bytes, this one has more");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    ScheduledExecutorService thread = reloading;
    if (thread != null) {
      thread.shutdownNow();
    }
  }
}
