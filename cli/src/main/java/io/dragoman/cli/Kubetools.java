// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.kubemq.protocol.Request.RequestType;
import io.dragoman.kubemq.protocol.Subscribe.SubscribeType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ScopeType;

/**
 * KubeMQ's old command line tool of 2019, which the documents of that time use: its commands, their
 * short names, flags and arguments (kubemq.md §6.1); {@link KubetoolsActions} is what they do. For
 * one thread.
 */
final class Kubetools {
  private static final String CHANNEL = "invalid args, should be a channel name";
  private static final String CHANNEL_AND_BODY =
      "invalid args, should be a channel name and message body";

  private final Console console;
  private final Map<String, String> flags = new HashMap<>();
  private final KubetoolsActions actions;

  private Kubetools(Console console, Path directory) {
    this.console = console;
    this.actions = new KubetoolsActions(console, directory, flags);
  }

  /** Runs a command of the old tool; returns what the process ends with. */
  static int execute(Console console, Path directory, String... arguments) {
    return Main.execute(tree(console, directory), console, arguments);
  }

  /** All its commands. */
  static CommandLine tree(Console console, Path directory) {
    return new Kubetools(console, directory).tree();
  }

  /** What a command does with its arguments. */
  @FunctionalInterface
  private interface Action {
    void run(List<String> arguments) throws InterruptedException;
  }

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
        leaf("health", List.of("h"), "Show the broker's health.", null, args -> actions.health()),
        // Its short name in the old tool, m, was taken there as well.
        leaf("metrics", List.of(), "Show the broker's metrics.", null, args -> actions.metrics()),
        leaf(
            "test",
            List.of("t"),
            "Send and receive by every pattern over every connection.",
            null,
            args -> actions.test()),
        leaf("version", List.of("v"), "Show the version.", null, args -> actions.version()));
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
                        args -> actions.sendRequest(RequestType.Command, args)),
                    "Wait so many milliseconds (10000).",
                    "-o",
                    "--rpcSendTimout"),
                withFlag(
                    leaf(
                        "query",
                        List.of("q"),
                        "Send a query.",
                        CHANNEL_AND_BODY,
                        args -> actions.sendRequest(RequestType.Query, args)),
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
                        args -> actions.receiveRequests(SubscribeType.Commands, args))),
                withGroup(
                    leaf(
                        "query",
                        List.of("q"),
                        "Answer queries.",
                        CHANNEL,
                        args -> actions.receiveRequests(SubscribeType.Queries, args))))),
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
                    args -> actions.sendEvent(false, args)),
                leaf(
                    "events_store",
                    List.of("es"),
                    "Store an event.",
                    CHANNEL_AND_BODY,
                    args -> actions.sendEvent(true, args))),
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
                        args -> actions.receiveEvents(SubscribeType.Events, args))),
                withGroup(
                    leaf(
                        "events_store",
                        List.of("es"),
                        "Receive stored events, from now on.",
                        CHANNEL,
                        args -> actions.receiveEvents(SubscribeType.EventsStore, args))))),
        "--pubsubTransport");
  }

  private CommandLine queue() {
    CommandLine send =
        leaf("send", List.of("s"), "Send one.", CHANNEL_AND_BODY, actions::sendToQueue);
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
                    args -> actions.receiveFromQueue(false, args))),
            withCounts(
                leaf(
                    "peak",
                    List.of("p", "peek"),
                    "Look without taking.",
                    CHANNEL,
                    args -> actions.receiveFromQueue(true, args))),
            withFlag(
                leaf("ack", List.of("a"), "Acknowledge all.", CHANNEL, actions::ackQueue),
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
                        args -> actions.watch(kind.getKey(), args.get(0)))));
    return group("mon", "Monitor a channel.", List.of("m"), kinds.toArray(CommandLine[]::new));
  }

  private CommandLine lists() {
    return group(
        "get",
        "Lists.",
        List.of("g"),
        leaf("queues", List.of("qu", "queue"), "All queues.", null, args -> actions.list("queues")),
        leaf(
            "events_stores",
            List.of("es", "events_store"),
            "All channels of the events store.",
            null,
            args -> actions.list("events_stores")));
  }

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
}
