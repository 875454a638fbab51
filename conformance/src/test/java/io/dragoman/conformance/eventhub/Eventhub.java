// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import io.dragoman.conformance.Answer;
import io.dragoman.conformance.WsClient;
import io.dragoman.server.Dragoman;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;

/**
 * A server that speaks Eventhub. Its clients know the protocol only; the methods at the end, which
 * start a server, are the only place that knows the product.
 */
final class Eventhub implements AutoCloseable {

  private static final Duration DEADLINE = Duration.ofSeconds(45);
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(DEADLINE).build();

  private final URI http;
  private final URI own;
  private final AutoCloseable server;

  private Eventhub(URI http, URI own, AutoCloseable server) {
    this.http = http;
    this.own = own;
    this.server = server;
  }

  /** The listener that Eventhub shares with others. */
  URI http() {
    return http;
  }

  /** The listener that is Eventhub's alone. */
  URI own() {
    return own;
  }

  // --- WebSockets

  RpcClient connect() {
    return connect("/");
  }

  RpcClient connect(String path) {
    return new RpcClient(WsClient.connect(HTTP, webSocketUri(path)));
  }

  RpcClient connectWith(String authorization) {
    return new RpcClient(WsClient.connectAsync(HTTP, webSocketUri("/"), authorization).join());
  }

  private URI webSocketUri(String path) {
    return URI.create("ws" + http.resolve(path).toString().substring("http".length()));
  }

  // --- event streams

  /**
   * Opens the stream of a path with a query.
   *
   * @param headers names and values in turn
   */
  EventStreamClient stream(String path, String... headers) {
    return EventStreamClient.open(HTTP, http.resolve(path), headers);
  }

  // --- plain exchanges

  Answer get(String path, String... headers) {
    return exchange("GET", path, "", headers);
  }

  Answer post(String path, String body, String... headers) {
    return exchange("POST", path, body, headers);
  }

  /**
   * @param headers names and values in turn
   */
  Answer exchange(String method, String path, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(http.resolve(path))
            .timeout(DEADLINE)
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    try {
      HttpResponse<String> response = HTTP.send(request.build(), BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.headers().map(), response.body());
    } catch (IOException e) {
      throw new AssertionError(method + " " + path + " was not answered", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Publishes through a connection of its own and gives the event's id. */
  String publish(String topic, String message) {
    try (RpcClient client = connect()) {
      return client.publish(topic, message);
    }
  }

  // --- servers

  /** Whether the tests run against a server that somebody else started. */
  static boolean isExternal() {
    return System.getProperty("dragoman.eventhub.url") != null;
  }

  /** The server of all classes that need none of their own. */
  static Eventhub shared() {
    if (!isExternal()) {
      return start(Map.of());
    }
    URI url = URI.create(System.getProperty("dragoman.eventhub.url"));
    return new Eventhub(url, url, () -> {});
  }

  /** Starts a server in a temporary directory. */
  static Eventhub start(Map<String, String> settings) {
    Dragoman.Builder builder = Dragoman.inTemporaryDirectory().set("eventhub.port", "0");
    settings.forEach(builder::set);
    Dragoman broker = builder.start();
    return new Eventhub(
        URI.create("http://127.0.0.1:" + broker.port("http")),
        URI.create("http://127.0.0.1:" + broker.port("eventhub")),
        broker);
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (Exception e) {
      throw new AssertionError("the server did not stop", e);
    }
  }
}
