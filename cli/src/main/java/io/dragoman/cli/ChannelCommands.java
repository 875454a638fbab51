// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Fields;
import io.dragoman.cli.internal.Management;
import io.dragoman.cli.internal.Output;
import io.dragoman.cli.internal.Output.Column;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code dragoman channels}: the channels of all kinds. */
final class ChannelCommands {
  private static final String PATH = "/v1/channels";
  private static final String KINDS = "queues, events, events-store, commands or queries";

  private ChannelCommands() {}

  static CommandLine of(Console console) {
    return CommandTree.group(
        "channels",
        List.of("channel", "ch"),
        "Channels of all kinds: list, create, delete.",
        List.of(
            "dragoman channels list",
            "dragoman channels list --kind queues --filter orders",
            "dragoman channels create queues orders",
            "dragoman channels delete queues orders --yes"),
        List.of(
            new CommandLine(new ListCommand(console)),
            new CommandLine(new CreateCommand(console)),
            new CommandLine(new DeleteCommand(console))));
  }

  /** As the user says it, and in the broker's words. */
  static final class Kind implements ITypeConverter<String> {
    @Override
    public String convert(String value) {
      return switch (value.toLowerCase(Locale.ROOT).replace('_', '-')) {
        case "queue", "queues", "q" -> "queue";
        case "events", "event", "e" -> "events";
        case "events-store", "events-stores", "es", "log", "logs" -> "log";
        case "commands", "command", "cmd" -> "command";
        case "queries", "query" -> "query";
        default -> throw new TypeConversionException("'" + value + "' is no kind; use " + KINDS);
      };
    }
  }

  @Command(
      name = "list",
      aliases = {"l", "ls"},
      description = "Show the channels and what passes through them.",
      footer = {
        "",
        "Counts are those since the broker started.",
        "",
        "Examples:",
        "  dragoman channels list",
        "  dragoman channels list --kind events-store --output json"
      })
  static final class ListCommand extends BrokerCommand {
    private static final List<Column> COLUMNS =
        List.of(
            Column.text("KIND", "kind"),
            Column.text("NAME", "name"),
            new Column("ACTIVE", false, fields -> yes(fields.get("active"))),
            Column.number("CLIENTS", "receivers"),
            new Column("IN", true, fields -> count(fields, "incoming")),
            new Column("OUT", true, fields -> count(fields, "outgoing")),
            Column.time("LAST ACTIVITY", "lastActivity"));

    @Option(
        names = {"-k", "--kind"},
        paramLabel = "KIND",
        converter = Kind.class,
        description = "Only " + KINDS + ".")
    private @Nullable String kind;

    @Option(
        names = {"-f", "--filter"},
        paramLabel = "TEXT",
        description = "Only names that contain this.")
    private String filter = "";

    ListCommand(Console console) {
      super(console);
    }

    private static String yes(@Nullable Object flag) {
      return Boolean.TRUE.equals(flag) ? "yes" : "no";
    }

    private static String count(Fields fields, String direction) {
      return fields.get(direction) instanceof Map<?, ?> map
          ? String.valueOf(map.get("messages"))
          : "0";
    }

    @Override
    public Integer call() {
      Management management = management();
      Output.Records records = output().records(COLUMNS, "there are no channels");
      management.pages(
          PATH,
          Management.parameters(
              "kind", kind == null ? "" : kind, "contains", filter, "max", "1000"),
          "channels",
          "after",
          records::add);
      records.done();
      return DONE;
    }
  }

  @Command(
      name = "create",
      aliases = {"c", "add"},
      description = "Make a channel. One that is there already is no failure.",
      footer = {"", "Examples:", "  dragoman channels create queues orders"})
  static final class CreateCommand extends BrokerCommand {
    @Parameters(index = "0", paramLabel = "KIND", converter = Kind.class, description = KINDS)
    private String kind = "";

    @Parameters(index = "1", paramLabel = "NAME", description = "Its name.")
    private String name = "";

    CreateCommand(Console console) {
      super(console);
    }

    @Override
    public Integer call() {
      Fields answer = management().post(PATH, Management.parameters("kind", kind, "name", name));
      output()
          .result(
              answer,
              Boolean.TRUE.equals(answer.get("created"))
                  ? "created " + kind + " " + name
                  : kind + " " + name + " was there already");
      return DONE;
    }
  }

  @Command(
      name = "delete",
      aliases = {"d", "rm", "remove"},
      description = "Delete a channel with all that is in it.",
      footer = {"", "Examples:", "  dragoman channels delete queues orders --yes"})
  static final class DeleteCommand extends BrokerCommand {
    @Parameters(index = "0", paramLabel = "KIND", converter = Kind.class, description = KINDS)
    private String kind = "";

    @Parameters(index = "1", paramLabel = "NAME", description = "Its name.")
    private String name = "";

    @Option(
        names = {"-y", "--yes"},
        description = "Do not ask.")
    private boolean yes;

    DeleteCommand(Console console) {
      super(console);
    }

    @Override
    public Integer call() throws IOException {
      if (!yes && !isConfirmed()) {
        output().note("nothing was deleted");
        return FAILED;
      }
      Fields answer = management().delete(PATH, Management.parameters("kind", kind, "name", name));
      output().result(answer, "deleted " + kind + " " + name);
      return DONE;
    }

    private boolean isConfirmed() throws IOException {
      if (!console().inIsTerminal()) {
        throw CliException.usage("deleting " + kind + " " + name + " needs --yes");
      }
      console().err().print("Delete " + kind + " " + name + " with all that is in it? [y/N] ");
      console().err().flush();
      String answer =
          new BufferedReader(new InputStreamReader(console().in(), StandardCharsets.UTF_8))
              .readLine();
      return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
    }
  }
}
