// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static io.dragoman.conformance.Json.base64;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.WsClient;
import io.dragoman.server.Dragoman;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A server that speaks KubeMQ's REST dialect, and the requests that tests send to it. Its clients
 * know the protocol only; the methods at the end, which start a server, are the only place that
 * knows the product.
 */
public final class KubeMq implements AutoCloseable {

  private static final Duration DEADLINE = Duration.ofSeconds(45);
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(DEADLINE).build();

  private final URI rest;
  private final URI api;
  private final URI grpc;
  private final URI backends;
  private final URI clients;
  private final AutoCloseable server;

  private KubeMq(URI rest, URI api, URI grpc, URI backends, URI clients, AutoCloseable server) {
    this.rest = rest;
    this.api = api;
    this.grpc = grpc;
    this.backends = backends;
    this.clients = clients;
    this.server = server;
  }

  public URI rest() {
    return rest;
  }

  public URI api() {
    return api;
  }

  /** The gRPC port, of which only host and port mean something. */
  public URI grpc() {
    return grpc;
  }

  /** Connmix' interface for backends. */
  public URI backends() {
    return backends;
  }

  /** Where connmix' clients connect. */
  public URI clients() {
    return clients;
  }

  public HttpClient http() {
    return HTTP;
  }

  // --- plain exchanges

  public Answer post(String path, JsonNode body) {
    return post(path, body.toString());
  }

  public Answer post(String path, String body) {
    return exchange(jsonPost(path, body));
  }

  public CompletableFuture<Answer> postAsync(String path, JsonNode body) {
    return HTTP.sendAsync(jsonPost(path, body.toString()), BodyHandlers.ofString())
        .thenApply(KubeMq::answer);
  }

  public Answer get(String path) {
    return exchange(HttpRequest.newBuilder(rest.resolve(path)).timeout(DEADLINE).build());
  }

  public Answer getFromApi(String path) {
    return exchange(HttpRequest.newBuilder(api.resolve(path)).timeout(DEADLINE).build());
  }

  public Answer exchange(HttpRequest request) {
    try {
      return answer(HTTP.send(request, BodyHandlers.ofString()));
    } catch (IOException e) {
      throw new AssertionError(request + " was not answered", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private HttpRequest jsonPost(String path, String body) {
    return HttpRequest.newBuilder(rest.resolve(path))
        .timeout(DEADLINE)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(body))
        .build();
  }

  private static Answer answer(HttpResponse<String> response) {
    return new Answer(response.statusCode(), response.headers().map(), response.body());
  }

  // --- WebSockets

  public WsClient connect(String path) {
    return WsClient.connect(HTTP, webSocketUri(path));
  }

  public URI webSocketUri(String path) {
    return URI.create("ws" + rest.resolve(path).toString().substring("http".length()));
  }

  public WsClient subscribeEvents(String channel, String group) {
    return connect(Paths.events("client", channel, group));
  }

  public WsClient subscribeEventsStore(
      String client, String channel, String group, int type, long value) {
    return connect(Paths.eventsStore(client, channel, group, type, value));
  }

  public WsClient subscribeRequests(String kind, String channel, String group) {
    return connect(Paths.requests("responder-client", channel, group, kind));
  }

  // --- queues

  /** A valid queue message; tests add and change members. */
  public static ObjectNode queueMessage(String queue, String body) {
    return Json.object("ClientID", "sender-client", "Channel", queue, "Body", base64(body));
  }

  public static ObjectNode queueMessage(String queue, String body, Object... policy) {
    return Json.with(queueMessage(queue, body), "Policy", Json.object(policy));
  }

  public JsonNode send(ObjectNode message) {
    JsonNode data = post("/queue/send", message).data();
    if (data.path("IsError").asBoolean()) {
      throw new AssertionError("not stored: " + data);
    }
    return data;
  }

  public JsonNode send(String queue, String body) {
    return send(queueMessage(queue, body));
  }

  public JsonNode sendBatch(List<ObjectNode> messages) {
    ObjectNode batch = Json.object("BatchID", "", "Messages", messages);
    return post("/queue/send_batch", batch).data();
  }

  public static ObjectNode receiveRequest(String queue, int max, int waitSeconds) {
    return Json.object(
        "RequestID",
        "",
        "ClientID",
        "receiver-client",
        "Channel",
        queue,
        "MaxNumberOfMessages",
        max,
        "WaitTimeSeconds",
        waitSeconds);
  }

  public JsonNode receive(String queue, int max, int waitSeconds) {
    return post("/queue/receive", receiveRequest(queue, max, waitSeconds)).data();
  }

  /** Receives exactly one message, which must be there within ten seconds. */
  public JsonNode receiveOne(String queue) {
    List<JsonNode> messages = messages(receive(queue, 1, 10));
    if (messages.isEmpty()) {
      throw new AssertionError("no message in " + queue);
    }
    return messages.get(0);
  }

  public JsonNode peek(String queue, int max, int waitSeconds) {
    ObjectNode request = Json.with(receiveRequest(queue, max, waitSeconds), "IsPeak", true);
    return post("/queue/receive", request).data();
  }

  public JsonNode ackAll(String queue, int waitSeconds) {
    return post(
            "/queue/ack_all",
            Json.object("ClientID", "ack-client", "Channel", queue, "WaitTimeSeconds", waitSeconds))
        .data();
  }

  public static List<JsonNode> messages(JsonNode received) {
    List<JsonNode> messages = new ArrayList<>();
    received.path("Messages").forEach(messages::add);
    return messages;
  }

  /** The decoded bodies of what was received. */
  public static List<String> bodies(JsonNode received) {
    return messages(received).stream().map(message -> Json.decoded(message.path("Body"))).toList();
  }

  // --- events and requests

  public static ObjectNode event(String channel, String body) {
    return Json.object(
        "EventID", "", "ClientID", "events-client", "Channel", channel, "Body", base64(body));
  }

  public JsonNode publish(String channel, String body) {
    return post("/send/event", event(channel, body)).data();
  }

  public JsonNode store(String channel, String body) {
    return post("/send/event", Json.with(event(channel, body), "Store", true)).data();
  }

  /** A valid command (1) or query (2). */
  public static ObjectNode request(int type, String channel, int timeoutMillis) {
    return Json.object(
        "RequestTypeData",
        type,
        "ClientID",
        "requester-client",
        "Channel",
        channel,
        "Metadata",
        "request-metadata",
        "Body",
        base64("request-body"),
        "Timeout",
        timeoutMillis);
  }

  /** A response to a request that was received. */
  public static ObjectNode response(JsonNode request, String body) {
    return Json.object(
        "RequestID",
        request.get("RequestID"),
        "ClientID",
        "responder-client",
        "ReplyChannel",
        request.get("ReplyChannel"),
        "Metadata",
        "response-metadata",
        "Body",
        base64(body),
        "Executed",
        true,
        "Error",
        "");
  }

  public void respond(JsonNode request, String body) {
    post("/send/response", response(request, body)).data();
  }

  // --- servers

  /** Whether the tests run against a server that somebody else started. */
  public static boolean isExternal() {
    return System.getProperty("dragoman.rest.url") != null;
  }

  /** The server of all classes that need none of their own. */
  static KubeMq shared() {
    if (!isExternal()) {
      return start(Map.of());
    }
    String restUrl = System.getProperty("dragoman.rest.url");
    String apiUrl = System.getProperty("dragoman.api.url", restUrl.replace(":9090", ":8080"));
    String grpcUrl = System.getProperty("dragoman.grpc.url", restUrl.replace(":9090", ":50000"));
    return new KubeMq(
        URI.create(restUrl),
        URI.create(apiUrl),
        URI.create(grpcUrl),
        URI.create(restUrl.replace(":9090", ":6789")),
        URI.create(restUrl.replace(":9090", ":6790")),
        () -> {});
  }

  /** Starts a server in a temporary directory. */
  public static KubeMq start(Map<String, String> settings) {
    return start(Dragoman.inTemporaryDirectory(), settings);
  }

  /** Starts a server on a data directory, which may hold what an earlier one left. */
  public static KubeMq start(Path dataDirectory, Map<String, String> settings) {
    return start(Dragoman.in(dataDirectory), settings);
  }

  private static KubeMq start(Dragoman.Builder builder, Map<String, String> settings) {
    settings.forEach(builder::set);
    Dragoman broker = builder.start();
    return new KubeMq(
        listener(broker, "kubemq-rest"),
        listener(broker, "http"),
        listener(broker, "kubemq-grpc"),
        listener(broker, "connmix-api"),
        listener(broker, "connmix-client"),
        broker);
  }

  private static URI listener(Dragoman broker, String name) {
    return URI.create("http://127.0.0.1:" + broker.port(name));
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
