// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Fields;
import io.dragoman.cli.internal.Interrupt;
import io.dragoman.cli.internal.Management;
import io.dragoman.cli.internal.Output;
import io.dragoman.cli.internal.Output.Column;
import io.dragoman.cli.internal.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dragoman queues delayed}: messages that are held back. */
final class DelayedCommands {
  private static final String PATH = "/v1/queues/delayed";

  private DelayedCommands() {}

  static CommandLine of(Console console) {
    return CommandTree.group(
        "delayed",
        List.of(),
        "Messages that are held back: list, cancel, deliver now.",
        List.of(
            "dragoman queues delayed list orders",
            "dragoman queues delayed deliver 00000001c3",
            "dragoman queues delayed cancel --all-of orders"),
        List.of(
            new CommandLine(new ListCommand(console)),
            new CommandLine(new SettleCommand.Cancel(console)),
            new CommandLine(new SettleCommand.Deliver(console))));
  }

  @Command(
      name = "list",
      aliases = {"l", "ls"},
      description = "Show what a queue holds back, soonest first.",
      footer = {
        "",
        "Examples:",
        "  dragoman queues delayed list orders",
        "  dragoman queues delayed list orders --output ndjson | jq -r .handle"
      })
  static final class ListCommand extends BrokerCommand {
    @Parameters(paramLabel = "QUEUE", description = "The queue.")
    private String queue = "";

    ListCommand(Console console) {
      super(console);
    }

    @Override
    public Integer call() {
      Management management = management();
      Output output = output();
      long[] count = new long[1];
      Output.Records records = output.messages();
      management.pages(
          PATH,
          Management.parameters("queue", queue, "max", "100"),
          "messages",
          "after",
          message -> {
            records.add(message);
            count[0]++;
          });
      records.done();
      if (count[0] == 0) {
        output.note("nothing is held back");
      }
      return DONE;
    }
  }

  /** Does one thing to each of some held-back messages. */
  abstract static class SettleCommand extends BrokerCommand {
    private static final List<Column> COLUMNS =
        List.of(Column.text("HANDLE", "handle"), Column.text("RESULT", "result"));

    @Parameters(
        arity = "0..*",
        paramLabel = "HANDLE",
        description = "From 'dragoman queues delayed list'.")
    private List<String> handles = new ArrayList<>();

    @Option(
        names = "--all-of",
        paramLabel = "QUEUE",
        description = "All that this queue holds back now.")
    private @Nullable String queue;

    private final String verb;
    private final String done;

    SettleCommand(Console console, String verb, String done) {
      super(console);
      this.verb = verb;
      this.done = done;
    }

    @Override
    public Integer call() {
      if (handles.isEmpty() == (queue == null)) {
        throw usage("give either HANDLEs or --all-of QUEUE");
      }
      Management management = management();
      List<String> chosen = queue == null ? handles : all(management, queue);
      Output output = output();
      Interrupt interrupt = Interrupt.noted();
      int failed = 0;
      Output.Records records = output.records(COLUMNS, "nothing is held back");
      try (Progress progress = new Progress(console(), done, chosen.size(), quiet())) {
        int at = 0;
        for (String handle : chosen) {
          String soFar = done + " " + (at - failed) + " of " + chosen.size() + " before";
          if (interrupt.happened()) {
            throw CliException.failed("interrupted").and(soFar);
          }
          Fields result = new Fields().put("handle", handle);
          Optional<String> gone;
          try {
            gone = management.postToOne(PATH + "/" + verb, Management.parameters("handle", handle));
          } catch (CliException e) {
            // The broker cannot do it now, or nobody knows whether it did: the same for all others.
            throw at == 0 ? e : e.and(soFar);
          }
          result.put("result", gone.isEmpty() ? done : "failed").put("error", gone.orElse(null));
          failed += gone.isEmpty() ? 0 : 1;
          if (!quiet()) {
            records.add(result);
          }
          progress.at(++at);
        }
      } finally {
        // What was done was done, also when the rest was not.
        records.done();
      }
      if (failed > 0) {
        throw CliException.failed(
            failed + " of " + chosen.size() + " are not held back (any more)");
      }
      return DONE;
    }

    private static List<String> all(Management management, String queue) {
      List<String> handles = new ArrayList<>();
      management.pages(
          PATH,
          Management.parameters("queue", queue, "max", "1000"),
          "messages",
          "after",
          message -> handles.add(message.text("handle")));
      return handles;
    }

    @Command(
        name = "cancel",
        aliases = {"rm"},
        description = "Remove messages that are held back.",
        footer = {
          "",
          "Examples:",
          "  dragoman queues delayed cancel 00000001c3",
          "  dragoman queues delayed cancel --all-of orders"
        })
    static final class Cancel extends SettleCommand {
      Cancel(Console console) {
        super(console, "cancel", "cancelled");
      }
    }

    @Command(
        name = "deliver",
        aliases = {"now"},
        description = "Put messages that are held back into their queue now.",
        footer = {
          "",
          "Examples:",
          "  dragoman queues delayed deliver 00000001c3",
          "  dragoman queues delayed deliver --all-of orders"
        })
    static final class Deliver extends SettleCommand {
      Deliver(Console console) {
        super(console, "deliver", "delivered");
      }
    }
  }
}
