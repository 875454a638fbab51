// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Answer;
import io.dragoman.conformance.RawWebSocket;
import io.dragoman.core.Message;
import io.dragoman.core.QueueInfo;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.server.Dragoman;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** A server that speaks connmix: its API as backends see it, and queues to put something in. */
final class Connmix implements AutoCloseable {
  static final String SOCKET = "/ws/v1";

  /** Events written to the sockets of backends. */
  static final String EVENTS_WRITTEN =
      "dragoman_gateway_messages_out_total"
          + "{dialect=\"connmix\",interface=\"api-websocket\",kind=\"queue\"}";

  private static final Duration DEADLINE = Duration.ofSeconds(45);
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(DEADLINE).build();

  private final Dragoman broker;

  private Connmix(Dragoman broker) {
    this.broker = broker;
  }

  /** Starts a server in a temporary directory. */
  static Connmix start(Map<String, String> settings) {
    Dragoman.Builder builder = Dragoman.inTemporaryDirectory();
    settings.forEach(builder::set);
    return new Connmix(builder.start());
  }

  /** Starts a server with what is in this directory. */
  static Connmix in(Path directory) {
    return new Connmix(Dragoman.in(directory).start());
  }

  Dragoman broker() {
    return broker;
  }

  /** The listener of the API. */
  URI api() {
    return URI.create("http://127.0.0.1:" + broker.port("connmix-api"));
  }

  /** The listener where backends look first. */
  URI center() {
    return URI.create("http://127.0.0.1:" + broker.port("connmix-center"));
  }

  /** The listener of KubeMQ's REST. */
  URI kubemq() {
    return URI.create("http://127.0.0.1:" + broker.port("kubemq-rest"));
  }

  // --- backends

  Backend backend() {
    return backend(SOCKET);
  }

  /**
   * @param headers lines of the handshake
   */
  Backend backend(String path, String... headers) {
    return new Backend(RawWebSocket.connect(api(), path, headers));
  }

  /** One that consumes topics whose names end alike. */
  Backend consuming(String end, String... beginnings) {
    Backend backend = backend();
    for (String each : beginnings) {
      backend.pop(each + end);
    }
    return backend;
  }

  Answer get(URI listener, String path, String... headers) {
    return exchange(listener, "GET", path, "", headers);
  }

  Answer post(String path, String body, String... headers) {
    return exchange(api(), "POST", path, body, headers);
  }

  /**
   * @param headers names and values in turn
   */
  Answer exchange(URI listener, String method, String path, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(listener.resolve(path))
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

  /**
   * What the metrics say; zero if there is nothing of that name.
   *
   * @param series a name, and its labels if it has any
   * @param headers names and values in turn
   */
  double figure(String series, String... headers) {
    Answer metrics = get(api(), "/metrics", headers);
    assertThat(metrics.status()).isEqualTo(200);
    return metrics
        .text()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  // --- clients

  /** A connection of a client. */
  PushedClient client() {
    return PushedClient.open(broker.core().connections());
  }

  /** The listener of clients. */
  URI clients() {
    return clients("connmix-client");
  }

  /**
   * A listener of clients.
   *
   * @param name {@code connmix-client}, or with {@code -2} and so on for further ones
   */
  URI clients(String name) {
    return URI.create("http://127.0.0.1:" + broker.port(name));
  }

  /** A client on its WebSocket. */
  ChatClient chat() {
    return chat("/chat");
  }

  /**
   * @param headers lines of the handshake
   */
  ChatClient chat(String path, String... headers) {
    return new ChatClient(RawWebSocket.connect(clients(), path, headers));
  }

  // --- queues

  /** Puts something in a queue, as a client or a service does. */
  void enqueue(String queue, String clientId, String body) {
    enqueue(queue, clientId, body.getBytes(StandardCharsets.UTF_8));
  }

  void enqueue(String queue, String clientId, byte[] body) {
    send(List.of(message(queue, clientId, body)));
  }

  /** All at once. */
  void enqueue(String queue, String clientId, List<String> bodies) {
    send(
        bodies.stream()
            .map(each -> message(queue, clientId, each.getBytes(StandardCharsets.UTF_8)))
            .toList());
  }

  private static QueueSend message(String queue, String clientId, byte[] body) {
    Message message = Message.builder().channel(queue).clientId(clientId).body(body).build();
    return new QueueSend(message, QueuePolicy.NONE);
  }

  private void send(List<QueueSend> sends) {
    broker
        .core()
        .queues()
        .send(sends)
        .toCompletableFuture()
        .join()
        .forEach(receipt -> receipt.orThrow());
  }

  /** Waits until a queue has so many messages that nobody holds, and so many that somebody does. */
  void awaitQueue(String queue, long waiting, long leased) {
    Awaitility.await()
        .atMost(DEADLINE)
        .untilAsserted(
            () -> {
              QueueInfo info =
                  broker.core().queues().info(queue).toCompletableFuture().join().orThrow();
              assertThat(List.of(info.waiting(), info.inFlight()))
                  .isEqualTo(List.of(waiting, leased));
            });
  }

  /** Until so many ask for messages of a queue and have been given none yet. */
  void awaitConsumers(String queue, int count) {
    Awaitility.await()
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(5))
        .until(
            () ->
                broker
                        .core()
                        .queues()
                        .info(queue)
                        .toCompletableFuture()
                        .join()
                        .orThrow()
                        .waitingReceivers()
                    == count);
  }

  /** As {@link #close}, for tests that look at what it does to others. */
  void stop() {
    broker.close();
  }

  @Override
  public void close() {
    stop();
  }
}
