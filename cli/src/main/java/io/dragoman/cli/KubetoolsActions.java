// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import com.google.protobuf.ByteString;
import io.dragoman.cli.internal.Body;
import io.dragoman.cli.internal.Broker;
import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Exchange;
import io.dragoman.cli.internal.Fields;
import io.dragoman.cli.internal.Interrupt;
import io.dragoman.cli.internal.Json;
import io.dragoman.cli.internal.Management;
import io.dragoman.cli.internal.MessageText;
import io.dragoman.cli.internal.Style;
import io.dragoman.cli.internal.Table;
import io.dragoman.cli.internal.Target;
import io.dragoman.kubemq.protocol.AckAllQueueMessagesRequest;
import io.dragoman.kubemq.protocol.AckAllQueueMessagesResponse;
import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.EventReceive;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueueMessagePolicy;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesRequest;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesResponse;
import io.dragoman.kubemq.protocol.Request;
import io.dragoman.kubemq.protocol.Request.RequestType;
import io.dragoman.kubemq.protocol.Response;
import io.dragoman.kubemq.protocol.Result;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import io.dragoman.kubemq.protocol.Subscribe;
import io.dragoman.kubemq.protocol.Subscribe.EventsStoreType;
import io.dragoman.kubemq.protocol.Subscribe.SubscribeType;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What the commands of KubeMQ's old tool do, and say, with their defaults (kubemq.md §6.1). For one
 * thread.
 */
final class KubetoolsActions {
  private static final Duration POLL = Duration.ofMillis(200);

  private final Console console;
  private final Path directory;
  private final Map<String, String> flags;

  /**
   * @param flags those that were given, each under the first of its names; read when an action runs
   */
  KubetoolsActions(Console console, Path directory, Map<String, String> flags) {
    this.console = console;
    this.directory = directory;
    this.flags = flags;
  }

  private int number(String flag, int otherwise) {
    String text = flags.get(flag);
    if (text == null) {
      return otherwise;
    }
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw CliException.failed(flag + ": '" + text + "' is no number");
    }
  }

  private Target target() {
    return target(flags.getOrDefault("-t", "grpc").equals("rest"));
  }

  private Target target(boolean useRest) {
    return KubetoolsConfig.target(console, directory, useRest);
  }

  private <R> R with(Function<Connected, R> use) {
    Target target = target();
    try (Broker broker = Broker.of(target)) {
      return use.apply(new Connected(broker, target.clientId()));
    }
  }

  /** A connection, and who we are on it. */
  private record Connected(Broker broker, String clientId) {}

  private void say(String text) {
    console.println(text);
    console.flush();
  }

  /** The bytes as they are, unless they go to a terminal. */
  private void say(String label, ByteString body) {
    console.print(label);
    MessageText.print(new Body(body.toByteArray()), console);
    console.flush();
  }

  void sendRequest(RequestType type, List<String> arguments) {
    Response response =
        with(
            mq ->
                mq.broker()
                    .request(
                        Request.newBuilder()
                            .setRequestTypeData(type)
                            .setClientID(mq.clientId())
                            .setChannel(arguments.get(0))
                            .setBody(ByteString.copyFromUtf8(arguments.get(1)))
                            .setTimeout(number("-o", 10_000))
                            .build()));
    if (!response.getExecuted()) {
      throw CliException.failed(response.getError());
    }
    say("response received: executed at " + Instant.now());
    if (type == RequestType.Query) {
      say("response body: ", response.getBody());
    }
  }

  void receiveRequests(SubscribeType type, List<String> arguments) throws InterruptedException {
    boolean query = type == SubscribeType.Queries;
    Target target = target();
    try (Broker broker = Broker.of(target)) {
      Subscribe subscription = subscription(type, arguments.get(0), target.clientId());
      take(
          broker.subscribeToRequests(subscription),
          request -> {
            say(query ? "Query Received: " : "Command Received: ", request.getBody());
            say("Sending Response");
            broker.respond(
                Response.newBuilder()
                    .setClientID(target.clientId())
                    .setRequestID(request.getRequestID())
                    .setReplyChannel(request.getReplyChannel())
                    .setExecuted(true)
                    .setBody(ByteString.copyFromUtf8(query ? "query received and handled" : ""))
                    .build());
          });
    }
  }

  private Subscribe subscription(SubscribeType type, String channel, String clientId) {
    return Subscribe.newBuilder()
        .setSubscribeTypeData(type)
        .setClientID(clientId)
        .setChannel(channel)
        .setGroup(flags.getOrDefault("-g", ""))
        .setEventsStoreTypeData(
            type == SubscribeType.EventsStore
                ? EventsStoreType.StartNewOnly
                : EventsStoreType.EventsStoreTypeUndefined)
        .build();
  }

  /** Takes what comes until Ctrl-C or the broker ends it. */
  private static <R> void take(Exchange<?, R> exchange, Consumer<R> consumer)
      throws InterruptedException {
    Interrupt interrupt = Interrupt.noted();
    try (exchange) {
      while (!interrupt.happened() && !exchange.ended()) {
        R item = exchange.next(POLL);
        if (item != null) {
          consumer.accept(item);
        }
      }
    }
    if (!interrupt.happened()) {
      throw CliException.failed("the broker ended the stream");
    }
  }

  void sendEvent(boolean store, List<String> arguments) {
    Result result =
        with(
            mq ->
                mq.broker()
                    .send(
                        Event.newBuilder()
                            .setClientID(mq.clientId())
                            .setChannel(arguments.get(0))
                            .setBody(ByteString.copyFromUtf8(arguments.get(1)))
                            .setStore(store)
                            .build()));
    if (!result.getSent()) {
      throw CliException.failed(result.getError());
    }
    say("message sent: " + result.getEventID());
  }

  void receiveEvents(SubscribeType type, List<String> arguments) throws InterruptedException {
    Target target = target();
    try (Broker broker = Broker.of(target)) {
      Subscribe subscription = subscription(type, arguments.get(0), target.clientId());
      Exchange<Subscribe, EventReceive> events = broker.subscribeToEvents(subscription);
      take(events, event -> say("Message: ", event.getBody()));
    }
  }

  void sendToQueue(List<String> arguments) {
    SendQueueMessageResult result =
        with(
            mq ->
                mq.broker()
                    .send(
                        QueueMessage.newBuilder()
                            .setClientID(mq.clientId())
                            .setChannel(arguments.get(0))
                            .setBody(ByteString.copyFromUtf8(arguments.get(1)))
                            .setPolicy(
                                QueueMessagePolicy.newBuilder()
                                    .setExpirationSeconds(number("-e", 0))
                                    .setDelaySeconds(number("-d", 0)))
                            .build()));
    if (result.getIsError()) {
      throw CliException.failed(result.getError());
    }
    say("message sent: " + result.getMessageID());
  }

  void receiveFromQueue(boolean peek, List<String> arguments) {
    ReceiveQueueMessagesResponse answer =
        with(
            mq ->
                mq.broker()
                    .receive(
                        ReceiveQueueMessagesRequest.newBuilder()
                            .setClientID(mq.clientId())
                            .setChannel(arguments.get(0))
                            .setMaxNumberOfMessages(number("-i", 1))
                            .setWaitTimeSeconds(number("-w", 2))
                            .setIsPeak(peek)
                            .build()));
    if (answer.getIsError()) {
      throw CliException.failed(answer.getError());
    }
    answer.getMessagesList().forEach(message -> say("", message.getBody()));
    if (answer.getMessagesCount() == 0) {
      say("no messages");
    }
  }

  void ackQueue(List<String> arguments) {
    AckAllQueueMessagesResponse answer =
        with(
            mq ->
                mq.broker()
                    .ackAll(
                        AckAllQueueMessagesRequest.newBuilder()
                            .setClientID(mq.clientId())
                            .setChannel(arguments.get(0))
                            .setWaitTimeSeconds(number("-w", 2))
                            .build()));
    if (answer.getIsError()) {
      throw CliException.failed(answer.getError());
    }
    say("acked " + answer.getAffectedMessages() + " messages");
  }

  void watch(String kind, String channel) throws InterruptedException {
    Exchange<String, String> monitor = new Management(target()).monitor(kind, channel);
    monitor.send("start");
    take(monitor, this::say);
  }

  void list(String what) {
    Fields answer = new Management(target()).get("/v1/stats/" + what, Map.of());
    Fields data = answer.get("data") instanceof Map<?, ?> map ? Fields.of(map) : new Fields();
    Table table =
        new Table(
            List.of("NAME", "CLIENTS", "MESSAGES", "BYTES", "FIRST_SEQUENCE", "LAST_SEQUENCE"));
    for (int column = 1; column < 6; column++) {
      table.alignRight(column);
    }
    List<Fields> rows = Management.list(data, "queues");
    for (Fields row : rows) {
      table.add(
          List.of(
              row.text("name"),
              row.text("subscribers"),
              row.text("messages"),
              row.text("bytes"),
              row.text("first_sequence"),
              row.text("last_sequence")));
    }
    console.print(table.text(new Style(console.colours())));
    say("TOTAL CHANNELS: " + rows.size());
  }

  void health() {
    say(Json.pretty(Json.parse(new Management(target()).text("/health"))));
  }

  void metrics() {
    console.print(new Management(target()).text("/metrics"));
  }

  void version() {
    String version = Main.class.getPackage().getImplementationVersion();
    say("kubetools of dragoman " + (version == null ? "development" : version));
  }

  /** Sends and receives by every pattern over every connection. */
  void test() throws InterruptedException {
    new KubetoolsTest(console, this::target).run();
  }
}
