// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import com.google.protobuf.ByteString;
import io.dragoman.cli.internal.Broker;
import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Exchange;
import io.dragoman.cli.internal.Fields;
import io.dragoman.cli.internal.Interrupt;
import io.dragoman.cli.internal.Json;
import io.dragoman.cli.internal.Management;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ScopeType;

/**
 * KubeMQ's old command line tool of 2019, which the documents of that time use: its commands, their
 * short names, flags, defaults and words (kubemq.md §6.1). For one thread.
 */
final class Kubetools {
  private static final String CHANNEL = "invalid args, should be a channel name";
  private static final String CHANNEL_AND_BODY =
      "invalid args, should be a channel name and message body";
  private static final Duration POLL = Duration.ofMillis(200);

  private final Console console;
  private final Path directory;
  private final Map<String, String> flags = new HashMap<>();

  private Kubetools(Console console, Path directory) {
    this.console = console;
    this.directory = directory;
  }

  /** Runs a command of the old tool; returns what the process ends with. */
  static int execute(Console console, Path directory, String... arguments) {
    return Main.execute(new Kubetools(console, directory).tree(), console, arguments);
  }

  /** What a command does with its arguments. */
  @FunctionalInterface
  private interface Action {
    void run(List<String> arguments) throws InterruptedException;
  }

  // --- The commands --------------------------------------------------------------------------

  private CommandLine tree() {
    return group(
        "kubetools",
        "KubeMQ's old command line tool: rpc, pubsub, queue, mon, get, health, metrics, test.",
        List.of(),
        rpc(),
        pubSub(),
        queue(),
        monitor(),
        lists(),
        leaf("health", List.of("h"), "Show the broker's health.", null, args -> health()),
        // Its short name in the old tool, m, was taken there as well.
        leaf("metrics", List.of(), "Show the broker's metrics.", null, args -> metrics()),
        leaf(
            "test",
            List.of("t"),
            "Send and receive by every pattern over every connection.",
            null,
            args -> new KubetoolsTest(console, this::target).run()),
        leaf("version", List.of("v"), "Show the version.", null, args -> version()));
  }

  private CommandLine rpc() {
    return withTransport(
        group(
            "rpc",
            "Commands and queries.",
            List.of("r"),
            group(
                "send",
                "Send one.",
                List.of("s"),
                withFlag(
                    leaf(
                        "command",
                        List.of("c"),
                        "Send a command.",
                        CHANNEL_AND_BODY,
                        args -> sendRequest(RequestType.Command, args)),
                    "Wait so many milliseconds (10000).",
                    "-o",
                    "--rpcSendTimout"),
                withFlag(
                    leaf(
                        "query",
                        List.of("q"),
                        "Send a query.",
                        CHANNEL_AND_BODY,
                        args -> sendRequest(RequestType.Query, args)),
                    "Wait so many milliseconds (10000).",
                    "-o",
                    "--rpcSendTimout")),
            group(
                "receive",
                "Receive and answer.",
                List.of("rec", "r"),
                withGroup(
                    leaf(
                        "command",
                        List.of("c"),
                        "Answer commands.",
                        CHANNEL,
                        args -> receiveRequests(SubscribeType.Commands, args))),
                withGroup(
                    leaf(
                        "query",
                        List.of("q"),
                        "Answer queries.",
                        CHANNEL,
                        args -> receiveRequests(SubscribeType.Queries, args))))),
        "--rpcTransport");
  }

  private CommandLine pubSub() {
    return withTransport(
        group(
            "pubsub",
            "Events and events store.",
            List.of("p", "ps"),
            group(
                "send",
                "Send one.",
                List.of("s"),
                leaf(
                    "events",
                    List.of("e"),
                    "Send an event.",
                    CHANNEL_AND_BODY,
                    args -> sendEvent(false, args)),
                leaf(
                    "events_store",
                    List.of("es"),
                    "Store an event.",
                    CHANNEL_AND_BODY,
                    args -> sendEvent(true, args))),
            group(
                "receive",
                "Receive until Ctrl-C.",
                List.of("rec", "r"),
                withGroup(
                    leaf(
                        "events",
                        List.of("e"),
                        "Receive events.",
                        CHANNEL,
                        args -> receiveEvents(SubscribeType.Events, args))),
                withGroup(
                    leaf(
                        "events_store",
                        List.of("es"),
                        "Receive stored events, from now on.",
                        CHANNEL,
                        args -> receiveEvents(SubscribeType.EventsStore, args))))),
        "--pubsubTransport");
  }

  private CommandLine queue() {
    CommandLine send = leaf("send", List.of("s"), "Send one.", CHANNEL_AND_BODY, this::sendToQueue);
    withFlag(send, "Expires after so many seconds (0: never).", "-e", "--expiration");
    withFlag(send, "Held back so many seconds (0).", "-d", "--delay");
    return withTransport(
        group(
            "queue",
            "Queues.",
            List.of("q"),
            send,
            withCounts(
                leaf(
                    "receive",
                    List.of("r", "rec"),
                    "Receive.",
                    CHANNEL,
                    args -> receiveFromQueue(false, args))),
            withCounts(
                leaf(
                    "peak",
                    List.of("p", "peek"),
                    "Look without taking.",
                    CHANNEL,
                    args -> receiveFromQueue(true, args))),
            withFlag(
                leaf("ack", List.of("a"), "Acknowledge all.", CHANNEL, this::ackQueue),
                "For so many seconds (2).",
                "-w",
                "--wait")),
        "--queueTransport");
  }

  private CommandLine monitor() {
    List<CommandLine> kinds = new ArrayList<>();
    Map.of(
            "events", "e",
            "events_store", "es",
            "commands", "c",
            "queries", "q",
            "queue", "qu")
        .entrySet()
        .stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            kind ->
                kinds.add(
                    leaf(
                        kind.getKey(),
                        List.of(kind.getValue()),
                        "Show what passes.",
                        CHANNEL,
                        args -> watch(kind.getKey(), args.get(0)))));
    return group("mon", "Monitor a channel.", List.of("m"), kinds.toArray(CommandLine[]::new));
  }

  private CommandLine lists() {
    return group(
        "get",
        "Lists.",
        List.of("g"),
        leaf("queues", List.of("qu", "queue"), "All queues.", null, args -> list("queues")),
        leaf(
            "events_stores",
            List.of("es", "events_store"),
            "All channels of the events store.",
            null,
            args -> list("events_stores")));
  }

  // --- How they are made ---------------------------------------------------------------------

  private static CommandLine group(
      String name, String description, List<String> aliases, CommandLine... commands) {
    return CommandTree.group(name, aliases, description, List.of(), List.of(commands));
  }

  /**
   * A command.
   *
   * @param needs what is said when there are not the arguments it needs; null: it needs none
   */
  private CommandLine leaf(
      String name,
      List<String> aliases,
      String description,
      @Nullable String needs,
      Action action) {
    List<String> arguments = new ArrayList<>();
    CommandSpec spec =
        CommandSpec.wrapWithoutInspection(
            (Callable<Integer>)
                () -> {
                  check(arguments, needs);
                  action.run(arguments);
                  console.flush();
                  return 0;
                });
    spec.name(name).aliases(aliases.toArray(String[]::new));
    spec.mixinStandardHelpOptions(false);
    spec.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("Show this help.").build());
    spec.usageMessage().description(description);
    spec.addPositional(
        PositionalParamSpec.builder()
            .arity("0..*")
            .paramLabel(label(needs))
            .type(List.class)
            .auxiliaryTypes(String.class)
            .setter(setter(value -> replace(arguments, value)))
            .build());
    return new CommandLine(spec);
  }

  private static String label(@Nullable String needs) {
    if (needs == null) {
      return "";
    }
    return needs.equals(CHANNEL) ? "CHANNEL" : "CHANNEL BODY";
  }

  private static void replace(List<String> arguments, @Nullable Object value) {
    arguments.clear();
    if (value instanceof List<?> list) {
      list.forEach(each -> arguments.add(String.valueOf(each)));
    }
  }

  private static void check(List<String> arguments, @Nullable String needs) {
    int wanted = needs == null ? 0 : needs.equals(CHANNEL) ? 1 : 2;
    if (needs != null && arguments.size() != wanted) {
      throw CliException.failed(needs);
    }
  }

  private static ISetter setter(Consumer<@Nullable Object> consumer) {
    return new ISetter() {
      @Override
      @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // As picocli declares it.
      public <T> @Nullable T set(T value) {
        consumer.accept(value);
        return null;
      }
    };
  }

  /** Defaults are where a flag is read; the description names them. */
  private CommandLine withFlag(CommandLine command, String description, String... names) {
    return withFlag(command, description, ScopeType.LOCAL, names);
  }

  private CommandLine withFlag(
      CommandLine command, String description, ScopeType scope, String... names) {
    String key = names[0];
    command
        .getCommandSpec()
        .addOption(
            OptionSpec.builder(names)
                .type(String.class)
                .arity("1")
                .paramLabel("VALUE")
                .description(description)
                .scopeType(scope)
                .setter(
                    setter(
                        given -> {
                          if (given != null) {
                            flags.put(key, given.toString());
                          }
                        }))
                .build());
    return command;
  }

  private CommandLine withTransport(CommandLine command, String longName) {
    return withFlag(command, "How: grpc (default) or rest.", ScopeType.INHERIT, "-t", longName);
  }

  private CommandLine withGroup(CommandLine command) {
    return withFlag(command, "Share with this group.", "-g", "--group");
  }

  private CommandLine withCounts(CommandLine command) {
    withFlag(command, "So many (1).", "-i", "--items");
    return withFlag(command, "Wait so many seconds (2).", "-w", "--wait");
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

  // --- What they do --------------------------------------------------------------------------

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

  private void sendRequest(RequestType type, List<String> arguments) {
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
      say("response body: " + response.getBody().toStringUtf8());
    }
  }

  private void receiveRequests(SubscribeType type, List<String> arguments)
      throws InterruptedException {
    boolean query = type == SubscribeType.Queries;
    Target target = target();
    try (Broker broker = Broker.of(target)) {
      Subscribe subscription = subscription(type, arguments.get(0), target.clientId());
      take(
          broker.subscribeToRequests(subscription),
          request -> {
            say(
                (query ? "Query Received: " : "Command Received: ")
                    + request.getBody().toStringUtf8());
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

  private void sendEvent(boolean store, List<String> arguments) {
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

  private void receiveEvents(SubscribeType type, List<String> arguments)
      throws InterruptedException {
    Target target = target();
    try (Broker broker = Broker.of(target)) {
      Subscribe subscription = subscription(type, arguments.get(0), target.clientId());
      Exchange<Subscribe, EventReceive> events = broker.subscribeToEvents(subscription);
      take(events, event -> say("Message: " + event.getBody().toStringUtf8()));
    }
  }

  private void sendToQueue(List<String> arguments) {
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

  private void receiveFromQueue(boolean peek, List<String> arguments) {
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
    answer.getMessagesList().forEach(message -> say(message.getBody().toStringUtf8()));
    if (answer.getMessagesCount() == 0) {
      say("no messages");
    }
  }

  private void ackQueue(List<String> arguments) {
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

  private void watch(String kind, String channel) throws InterruptedException {
    Exchange<String, String> monitor = new Management(target()).monitor(kind, channel);
    monitor.send("start");
    take(monitor, this::say);
  }

  private void list(String what) {
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

  private void health() {
    say(Json.pretty(Json.parse(new Management(target()).text("/health"))));
  }

  private void metrics() {
    console.print(new Management(target()).text("/metrics"));
  }

  private void version() {
    String version = Main.class.getPackage().getImplementationVersion();
    say("kubetools of dragoman " + (version == null ? "development" : version));
  }
}
