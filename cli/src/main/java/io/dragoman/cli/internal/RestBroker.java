// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import com.google.protobuf.Message;
import io.dragoman.kubemq.protocol.AckAllQueueMessagesRequest;
import io.dragoman.kubemq.protocol.AckAllQueueMessagesResponse;
import io.dragoman.kubemq.protocol.Empty;
import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.EventReceive;
import io.dragoman.kubemq.protocol.PingResult;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueueMessagesBatchRequest;
import io.dragoman.kubemq.protocol.QueueMessagesBatchResponse;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesRequest;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesResponse;
import io.dragoman.kubemq.protocol.Request;
import io.dragoman.kubemq.protocol.Response;
import io.dragoman.kubemq.protocol.Result;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import io.dragoman.kubemq.protocol.StreamQueueMessagesRequest;
import io.dragoman.kubemq.protocol.StreamQueueMessagesResponse;
import io.dragoman.kubemq.protocol.Subscribe;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Over REST and WebSocket (kubemq.md §1). */
final class RestBroker implements Broker {
  private final Http http;

  RestBroker(Target target) {
    this.http = new Http(target.rest(), target);
  }

  private <M extends Message> M post(String path, Message body, M answer, Duration wait) {
    HttpRequest.BodyPublisher publisher =
        HttpRequest.BodyPublishers.ofString(ProtoJson.text(body), StandardCharsets.UTF_8);
    return answer(
        http.send(
            path,
            wait,
            request -> request.header("Content-Type", "application/json").POST(publisher)),
        answer);
  }

  /** Opens the envelope; one that carries an error is thrown. */
  private static <M extends Message> M answer(Http.Answer answer, M prototype) {
    return data(answer.text(), prototype);
  }

  private static <M extends Message> M data(String text, M prototype) {
    Fields envelope = Json.parseObject(text);
    if (Boolean.TRUE.equals(envelope.get("is_error"))) {
      throw CliException.failed(envelope.text("message"));
    }
    if (!envelope.has("is_error")) {
      throw CliException.failed("the broker answered: " + text.strip());
    }
    return ProtoJson.read(
        envelope.get("data") instanceof Map<?, ?> data ? data : Map.of(), prototype);
  }

  private static <M extends Message> M frame(String text, M prototype) {
    Fields frame = Json.parseObject(text);
    if (frame.has("is_error") && Boolean.TRUE.equals(frame.get("is_error"))) {
      throw CliException.failed(frame.text("message"));
    }
    return ProtoJson.read(frame.values(), prototype);
  }

  @Override
  public PingResult ping() {
    return answer(
        http.send("/ping", Duration.ZERO, HttpRequest.Builder::GET),
        PingResult.getDefaultInstance());
  }

  @Override
  public SendQueueMessageResult send(QueueMessage message) {
    return post("/queue/send", message, SendQueueMessageResult.getDefaultInstance(), Duration.ZERO);
  }

  @Override
  public QueueMessagesBatchResponse sendBatch(QueueMessagesBatchRequest batch) {
    return post(
        "/queue/send_batch", batch, QueueMessagesBatchResponse.getDefaultInstance(), Duration.ZERO);
  }

  @Override
  public ReceiveQueueMessagesResponse receive(ReceiveQueueMessagesRequest request) {
    return post(
        "/queue/receive",
        request,
        ReceiveQueueMessagesResponse.getDefaultInstance(),
        Duration.ofSeconds(request.getWaitTimeSeconds()));
  }

  @Override
  public AckAllQueueMessagesResponse ackAll(AckAllQueueMessagesRequest request) {
    return post(
        "/queue/ack_all",
        request,
        AckAllQueueMessagesResponse.getDefaultInstance(),
        Duration.ofSeconds(request.getWaitTimeSeconds()));
  }

  @Override
  public Exchange<StreamQueueMessagesRequest, StreamQueueMessagesResponse> queueStream() {
    return http.webSocket(
        "/queue/stream",
        ProtoJson::text,
        text -> frame(text, StreamQueueMessagesResponse.getDefaultInstance()));
  }

  @Override
  public Result send(Event event) {
    return post("/send/event", event, Result.getDefaultInstance(), Duration.ZERO);
  }

  @Override
  public Exchange<Event, Result> eventStream() {
    return http.webSocket(
        "/send/stream", ProtoJson::text, text -> data(text, Result.getDefaultInstance()));
  }

  @Override
  public Response request(Request request) {
    return post(
        "/send/request",
        request,
        Response.getDefaultInstance(),
        Duration.ofMillis(request.getTimeout()));
  }

  @Override
  public void respond(Response response) {
    Empty ignored = post("/send/response", response, Empty.getDefaultInstance(), Duration.ZERO);
  }

  @Override
  public Exchange<Subscribe, EventReceive> subscribeToEvents(Subscribe subscription) {
    return http.webSocket(
        "/subscribe/events" + parameters(subscription),
        ProtoJson::text,
        text -> frame(text, EventReceive.getDefaultInstance()));
  }

  @Override
  public Exchange<Subscribe, Request> subscribeToRequests(Subscribe subscription) {
    return http.webSocket(
        "/subscribe/requests" + parameters(subscription),
        ProtoJson::text,
        text -> frame(text, Request.getDefaultInstance()));
  }

  private static String parameters(Subscribe subscription) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("client_id", subscription.getClientID());
    parameters.put("channel", subscription.getChannel());
    if (!subscription.getGroup().isEmpty()) {
      parameters.put("group", subscription.getGroup());
    }
    Subscribe.SubscribeType type = subscription.getSubscribeTypeData();
    parameters.put(
        "subscribe_type",
        type == Subscribe.SubscribeType.EventsStore
            ? "events_store"
            : type.name().toLowerCase(Locale.ROOT));
    if (subscription.getEventsStoreTypeDataValue() != 0) {
      parameters.put(
          "events_store_type_data", Integer.toString(subscription.getEventsStoreTypeDataValue()));
      parameters.put(
          "events_store_type_value", Long.toString(subscription.getEventsStoreTypeValue()));
    }
    return Http.query(parameters);
  }

  @Override
  public void close() {}
}
