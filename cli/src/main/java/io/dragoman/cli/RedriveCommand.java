// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Fields;
import io.dragoman.cli.internal.Interrupt;
import io.dragoman.cli.internal.Management;
import io.dragoman.cli.internal.Output;
import io.dragoman.cli.internal.Progress;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Returns dead letters to where they came from. */
@Command(
    name = "redrive",
    description =
        "Return the dead letters of a queue to the queues they came from, oldest first. Each is"
            + " moved in one step on the broker's disk: stopping at any moment loses none and"
            + " doubles none.",
    footer = {
      "",
      "Examples:",
      "  dragoman queues redrive orders.dead --dry-run",
      "  dragoman queues redrive orders.dead",
      "  dragoman queues redrive orders.dead --messages 10"
    })
final class RedriveCommand extends BrokerCommand {
  private static final String PATH = "/v1/queues/redrive";

  /** Short steps: Ctrl-C waits for the one under way. */
  private static final long STEP_MAX = 100;

  private static final long DRY_STEP_MAX = 1000;

  @Parameters(paramLabel = "QUEUE", description = "The queue with the dead letters.")
  private String queue = "";

  @Option(
      names = {"-m", "--messages"},
      paramLabel = "N",
      description = "At most so many.")
  private long messages = Long.MAX_VALUE;

  @Option(names = "--dry-run", description = "Only say what would be moved.")
  private boolean dryRun;

  RedriveCommand(Console console) {
    super(console);
  }

  /** How far it has come. */
  private static final class Sum {
    private final Map<String, Object> origins = new TreeMap<>();
    private long moved;
    private String through = "";
    private String next = "";

    void add(Fields step) {
      moved += step.number("moved");
      through = through.isEmpty() ? step.text("through") : through;
      next = step.text("next");
      if (step.get("origins") instanceof Map<?, ?> map) {
        map.forEach(
            (name, count) ->
                origins.merge(
                    String.valueOf(name),
                    count,
                    (a, b) -> ((Number) a).longValue() + ((Number) b).longValue()));
      }
    }
  }

  @Override
  public Integer call() {
    if (messages < 1) {
      throw usage("--messages must be 1 or more");
    }
    Output output = output();
    Management management = management();
    Interrupt interrupt = Interrupt.noted();
    boolean progressWanted = console().errIsTerminal() && !quiet();
    long total = -1;
    if (dryRun || progressWanted) {
      Sum planned = run(management, interrupt, true, -1);
      if (dryRun) {
        return showDryRun(output, planned, interrupt);
      }
      total = planned.moved;
    }
    // Whoever cancels what is only counting wants nothing moved.
    if (interrupt.happened()) {
      throw CliException.failed("interrupted; nothing was moved");
    }
    Sum done = run(management, interrupt, false, total);
    boolean partial = interrupt.happened() && !done.next.isEmpty();
    show(output, done, "moved", partial);
    if (partial) {
      throw CliException.failed(
          "interrupted; what was not moved is still in " + queue + ". Run it again to go on.");
    }
    return DONE;
  }

  private Sum run(Management management, Interrupt interrupt, boolean dry, long total) {
    Sum sum = new Sum();
    try (Progress progress = new Progress(console(), dry ? "counted" : "moved", total, quiet())) {
      do {
        long max = Math.min(messages - sum.moved, dry ? DRY_STEP_MAX : STEP_MAX);
        sum.add(
            management.post(
                PATH,
                Management.parameters(
                    "queue",
                    queue,
                    "from",
                    sum.next,
                    "through",
                    sum.through,
                    "max",
                    Long.toString(max),
                    "dryRun",
                    dry ? "true" : "")));
        progress.at(sum.moved);
      } while (!sum.next.isEmpty() && sum.moved < messages && !interrupt.happened());
    } catch (CliException e) {
      if (sum.moved > 0 && !dry) {
        throw CliException.failed(
            e.text() + "\n" + sum.moved + " were moved before; run it again to go on.");
      }
      throw e;
    }
    return sum;
  }

  private int showDryRun(Output output, Sum planned, Interrupt interrupt) {
    boolean partial = interrupt.happened() && !planned.next.isEmpty();
    show(output, planned, partial ? "would move at least" : "would move", partial);
    if (partial) {
      throw CliException.failed("interrupted; there are more than these");
    }
    return DONE;
  }

  private void show(Output output, Sum sum, String verb, boolean partial) {
    StringBuilder text =
        new StringBuilder(
            verb
                + " "
                + sum.moved
                + (sum.moved == 1 ? " dead letter of " : " dead letters of ")
                + queue);
    sum.origins.forEach(
        (origin, count) -> text.append("\n  ").append(count).append(" to ").append(origin));
    output.result(
        new Fields()
            .put("queue", queue)
            .put("dryRun", dryRun)
            .putIfSet("partial", partial)
            .put("moved", sum.moved)
            .put("origins", sum.origins),
        text.toString());
  }
}
