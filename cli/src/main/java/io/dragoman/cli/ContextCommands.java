// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Contexts;
import io.dragoman.cli.internal.Fields;
import io.dragoman.cli.internal.Output;
import io.dragoman.cli.internal.Output.Column;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dragoman context}: names for brokers. */
final class ContextCommands {
  private ContextCommands() {}

  static CommandLine of(Console console) {
    return CommandTree.group(
        "context",
        List.of("contexts", "ctx"),
        "Names for brokers, so that no command needs an address.",
        List.of(
            "dragoman context add prod --server broker.example.org:50000",
            "dragoman context use prod",
            "dragoman queues list --context test",
            "dragoman context list"),
        List.of(
            new CommandLine(new ListCommand(console)),
            new CommandLine(new UseCommand(console)),
            new CommandLine(new AddCommand(console)),
            new CommandLine(new RemoveCommand(console))));
  }

  /** A command on the file of contexts; it speaks to no broker. */
  @Command(abbreviateSynopsis = true, sortOptions = false)
  private abstract static class FileCommand implements Callable<Integer> {
    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Show this help.")
    @SuppressWarnings("unused") // Read by the parser.
    private boolean help;

    @ArgGroup(validate = false, order = 900, heading = "%nOutput:%n")
    private OutputOptions shown = new OutputOptions();

    private final Console console;

    FileCommand(Console console) {
      this.console = console;
    }

    Contexts contexts() {
      return Contexts.load(console);
    }

    Output output() {
      return shown.open(console);
    }
  }

  @Command(
      name = "list",
      aliases = {"l", "ls"},
      description = "Show all contexts. Tokens are not shown.",
      footer = {"", "Examples:", "  dragoman context list"})
  static final class ListCommand extends FileCommand {
    private static final List<Column> COLUMNS =
        List.of(
            new Column("", false, fields -> Boolean.TRUE.equals(fields.get("current")) ? "*" : ""),
            Column.text("NAME", "name"),
            Column.text("SERVER", "server"),
            Column.text("TRANSPORT", "transport"),
            Column.text("CLIENT ID", "clientId"),
            new Column(
                "TOKEN", false, fields -> Boolean.TRUE.equals(fields.get("token")) ? "yes" : ""));

    ListCommand(Console console) {
      super(console);
    }

    @Override
    public Integer call() {
      Contexts contexts = contexts();
      List<Fields> rows = contexts.names().stream().map(name -> row(contexts, name)).toList();
      output().table(rows, COLUMNS, "there are no contexts; make one: dragoman context add NAME");
      return 0;
    }

    private static Fields row(Contexts contexts, String name) {
      Fields settings = contexts.get(name);
      return new Fields()
          .put("name", name)
          .put("current", name.equals(contexts.current()))
          .putIfSet("server", settings.text("server"))
          .putIfSet("rest", settings.text("rest"))
          .putIfSet("http", settings.text("http"))
          .putIfSet("transport", settings.text("transport"))
          .putIfSet("clientId", settings.text("clientId"))
          .put("token", settings.has("token"));
    }
  }

  @Command(
      name = "use",
      aliases = {"select"},
      description = "Use a context whenever no other is named.",
      footer = {"", "Examples:", "  dragoman context use prod", "  dragoman context use --none"})
  static final class UseCommand extends FileCommand {
    @Parameters(arity = "0..1", paramLabel = "NAME", description = "Its name.")
    private String name = "";

    @Option(names = "--none", description = "None: this machine.")
    private boolean none;

    UseCommand(Console console) {
      super(console);
    }

    @Override
    public Integer call() {
      if (name.isEmpty() != none) {
        throw io.dragoman.cli.internal.CliException.usage("give a NAME or --none");
      }
      Contexts contexts = contexts();
      contexts.use(name);
      contexts.save();
      output()
          .result(
              new Fields().put("current", name),
              none ? "using no context" : "using context " + name);
      return 0;
    }
  }

  @Command(
      name = "add",
      aliases = {"set", "save"},
      description =
          "Give a broker a name, or change what a name stands for. The first becomes the one in"
              + " use.",
      footer = {
        "",
        "Examples:",
        "  dragoman context add prod --server broker.example.org",
        "  dragoman context add old --server 10.0.0.5 --rest 9090 --transport rest"
      })
  static final class AddCommand extends FileCommand {
    @Parameters(paramLabel = "NAME", description = "Its name.")
    private String name = "";

    @ArgGroup(validate = false, order = 901, heading = "%nThe broker:%n")
    private ConnectionOptions connection = new ConnectionOptions();

    AddCommand(Console console) {
      super(console);
    }

    @Override
    public Integer call() {
      Contexts contexts = contexts();
      Fields settings = connection.asContext();
      contexts.put(name, settings);
      if (contexts.names().size() == 1) {
        contexts.use(name);
      }
      contexts.save();
      output()
          .result(
              new Fields().put("name", name).put("current", name.equals(contexts.current())),
              "context "
                  + name
                  + " is in "
                  + contexts.file()
                  + (name.equals(contexts.current()) ? " and in use" : ""));
      return 0;
    }
  }

  @Command(
      name = "remove",
      aliases = {"rm", "delete"},
      description = "Forget a context.",
      footer = {"", "Examples:", "  dragoman context remove old"})
  static final class RemoveCommand extends FileCommand {
    @Parameters(paramLabel = "NAME", description = "Its name.")
    private String name = "";

    RemoveCommand(Console console) {
      super(console);
    }

    @Override
    public Integer call() {
      Contexts contexts = contexts();
      contexts.remove(name);
      contexts.save();
      output().result(new Fields().put("removed", name), "removed context " + name);
      return 0;
    }
  }
}
