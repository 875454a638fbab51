// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Console;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;

/**
 * All commands. Reading the options of a command from its class takes a millisecond or two, and
 * there are many: of a command line that names its command, only that branch is built.
 */
final class CommandTree {

  /** A command right below {@code dragoman}. */
  private record Branch(List<String> names, Function<Console, CommandLine> maker) {}

  /** A command that the broker itself brings. */
  private record OfTheBroker(String name, List<String> aliases, String description) {}

  private static final List<OfTheBroker> OF_THE_BROKER =
      List.of(
          new OfTheBroker(
              "server", List.of("s", "serve"), "Run the broker until SIGTERM or Ctrl-C."),
          new OfTheBroker("config", List.of(), "Check or show the configuration."),
          new OfTheBroker(
              "doctor",
              List.of(),
              "Look through a data directory: what is damaged, and whose messages are lost. The"
                  + " broker must be stopped. Nothing is changed without --repair."));

  /** Of the broker as well, and not for users. */
  private static final String SELF_CHECK = "selfcheck";

  private static final List<Branch> BRANCHES =
      List.of(
          new Branch(List.of("queues", "q", "qu", "queue"), QueueCommands::of),
          new Branch(List.of("events", "e", "ev", "event"), EventCommands::events),
          new Branch(List.of("events-store", "events_store", "es"), EventCommands::eventsStore),
          new Branch(List.of("commands", "cmd", "command"), RequestCommands::commands),
          new Branch(List.of("queries", "query", "qry"), RequestCommands::queries),
          new Branch(List.of("channels", "channel", "ch"), ChannelCommands::of),
          new Branch(List.of("context", "contexts", "ctx"), ContextCommands::of),
          new Branch(List.of("bench"), console -> new CommandLine(new BenchCommand(console))),
          new Branch(List.of("top"), console -> new CommandLine(new TopCommand(console))),
          new Branch(List.of("ping"), console -> new CommandLine(new PingCommand(console))),
          new Branch(List.of("completion"), CompletionCommand::of),
          new Branch(
              List.of("selfcheck-commands"),
              console -> new CommandLine(new SelfcheckCommandsCommand(console))));

  private CommandTree() {}

  /** Whether a word is a command that the broker itself brings. */
  static boolean isOfTheBroker(String word) {
    return word.equals(SELF_CHECK)
        || OF_THE_BROKER.stream()
            .anyMatch(each -> each.name().equals(word) || each.aliases().contains(word));
  }

  /** The tree, or of it what these arguments need. */
  static CommandLine of(Console console, String... arguments) {
    List<Branch> named =
        arguments.length == 0
            ? List.of()
            : BRANCHES.stream().filter(branch -> branch.names().contains(arguments[0])).toList();
    return named.isEmpty() ? all(console) : root(made(console, named));
  }

  /** Everything, as help and completion show it. */
  static CommandLine all(Console console) {
    List<CommandLine> commands = new ArrayList<>();
    for (OfTheBroker each : OF_THE_BROKER) {
      CommandSpec spec = CommandSpec.create().name(each.name());
      spec.aliases(each.aliases().toArray(String[]::new));
      spec.usageMessage().description(each.description());
      commands.add(new CommandLine(spec));
    }
    commands.addAll(made(console, BRANCHES));
    return root(commands);
  }

  private static List<CommandLine> made(Console console, List<Branch> branches) {
    return branches.stream().map(branch -> branch.maker().apply(console)).toList();
  }

  private static CommandLine root(List<CommandLine> commands) {
    CommandLine root =
        group(
            "dragoman",
            List.of(),
            "One message broker that speaks the protocols its clients already speak, and all"
                + " messaging from a terminal.",
            List.of(
                "dragoman server",
                "dragoman queues send orders 'first order'",
                "dragoman queues receive orders",
                "dragoman events receive 'news.*' --output ndjson",
                "dragoman --help; dragoman queues send --help"),
            commands);
    root.getCommandSpec().versionProvider(new VersionText());
    root.getCommandSpec().mixinStandardHelpOptions(true);
    return root;
  }

  /** A command that only has commands below it. */
  static CommandLine group(
      String name,
      List<String> aliases,
      String description,
      List<String> examples,
      List<CommandLine> commands) {
    CommandSpec[] self = new CommandSpec[1];
    CommandSpec spec =
        CommandSpec.wrapWithoutInspection(
            (Runnable)
                () -> {
                  throw new ParameterException(self[0].commandLine(), "a command is missing");
                });
    self[0] = spec;
    spec.name(name).aliases(aliases.toArray(String[]::new));
    spec.mixinStandardHelpOptions(!name.equals("dragoman"));
    UsageMessageSpec usage = spec.usageMessage();
    usage.description(description).synopsisSubcommandLabel("COMMAND");
    usage.footer(footer(examples));
    CommandLine group = new CommandLine(spec);
    commands.forEach(group::addSubcommand);
    return group;
  }

  /** A command that is there more than once, with the words of one of its places. */
  static CommandLine described(Object command, String description, String... examples) {
    CommandLine line = new CommandLine(command);
    line.getCommandSpec()
        .usageMessage()
        .description(description)
        .footer(footer(Arrays.asList(examples)));
    return line;
  }

  private static String[] footer(List<String> examples) {
    List<String> lines = new ArrayList<>(examples.isEmpty() ? List.of() : List.of("", "Examples:"));
    examples.forEach(example -> lines.add("  " + example.replace("%", "%%").replace("@|", "@@|")));
    return lines.toArray(String[]::new);
  }

  /** Says which version this is, and on which Java. */
  private static final class VersionText implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {
        "dragoman " + (version == null ? "development" : version),
        "Java " + Runtime.version() + " (" + System.getProperty("java.vendor", "") + ")"
      };
    }
  }
}
