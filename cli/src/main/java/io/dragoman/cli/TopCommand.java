// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Fields;
import io.dragoman.cli.internal.Format;
import io.dragoman.cli.internal.Interrupt;
import io.dragoman.cli.internal.Management;
import io.dragoman.cli.internal.Output;
import io.dragoman.cli.internal.Table;
import io.dragoman.cli.internal.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What passes through the broker, channel by channel, refreshed until Ctrl-C. */
@Command(
    name = "top",
    description =
        "Show the busiest channels, refreshed until Ctrl-C; without a terminal one text after the"
            + " other.",
    footer = {
      "",
      "Examples:",
      "  dragoman top",
      "  dragoman top --interval 5 --filter orders",
      "  dragoman top --once --output json"
    })
final class TopCommand extends BrokerCommand {
  private static final String HOME_AND_CLEAR = "\033[H\033[2J";
  private static final String ALTERNATE_SCREEN = "\033[?1049h\033[?25l";
  private static final String NORMAL_SCREEN = "\033[?25h\033[?1049l";
  private static final List<String> HEADINGS =
      List.of(
          "KIND", "NAME", "IN/S", "OUT/S", "IN", "OUT", "WAITING", "HELD", "DELAYED", "CLIENTS");

  @Option(
      names = {"-i", "--interval"},
      paramLabel = "TIME",
      defaultValue = "2",
      converter = Converters.Time.class,
      description = "How often (2 s).")
  private Duration interval = Duration.ofSeconds(2);

  @Option(names = "--once", description = "Measure for one interval, show, end.")
  private boolean once;

  @Option(
      names = {"-n", "--channels"},
      paramLabel = "N",
      defaultValue = "20",
      description = "Show at most so many channels (20).")
  private int channels = 20;

  @Option(
      names = {"-f", "--filter"},
      paramLabel = "TEXT",
      description = "Only names that contain this.")
  private String filter = "";

  TopCommand(Console console) {
    super(console);
  }

  /** What the broker had counted at a moment. */
  private record Sample(long nanos, Map<String, Fields> channels) {}

  /** A channel as it is shown. */
  private record Row(Fields fields, double rate) {}

  @Override
  public Integer call() {
    if (interval.isZero()) {
      throw usage("--interval must be more than 0");
    }
    Management management = management();
    Interrupt interrupt = Interrupt.ofThisThread();
    Output output = output();
    Retries retries = new Retries(output);
    boolean screen = console().outIsTerminal() && !once && output.format() == Format.table;
    try {
      Sample before = sample(management);
      retries.succeeded();
      if (screen) {
        console().print(ALTERNATE_SCREEN);
      }
      do {
        Thread.sleep(interval.toMillis());
        try {
          Sample now = sample(management);
          retries.succeeded();
          show(output, screen, before, now);
          before = now;
        } catch (CliException e) {
          retries.failed(e);
        }
      } while (!once);
    } catch (InterruptedException e) {
      if (!interrupt.happened()) {
        throw CliException.failed("interrupted");
      }
    } finally {
      if (screen) {
        console().print(NORMAL_SCREEN);
        console().flush();
      }
    }
    return DONE;
  }

  private Sample sample(Management management) {
    Map<String, Fields> all = new HashMap<>();
    Map<String, String> parameters = Management.parameters("contains", filter, "max", "1000");
    management.pages(
        "/v1/channels",
        parameters,
        "channels",
        "after",
        channel -> all.put(channel.text("kind") + "/" + channel.text("name"), channel));
    management.pages(
        "/v1/queues",
        parameters,
        "queues",
        "after",
        queue -> {
          Fields channel = all.get("queue/" + queue.text("name"));
          if (channel != null) {
            channel
                .put("waiting", queue.number("waiting"))
                .put("inFlight", queue.number("inFlight"))
                .put("delayed", queue.number("delayed"));
          }
        });
    return new Sample(System.nanoTime(), all);
  }

  private static long count(Fields channel, String direction, String what) {
    return channel.get(direction) instanceof Map<?, ?> map && map.get(what) instanceof Number n
        ? n.longValue()
        : 0;
  }

  private static Row row(String key, Fields now, Sample before, double seconds) {
    Fields past = before.channels().getOrDefault(key, new Fields());
    long in = count(now, "incoming", "messages");
    long out = count(now, "outgoing", "messages");
    double inRate = Math.max(0, in - count(past, "incoming", "messages")) / seconds;
    double outRate = Math.max(0, out - count(past, "outgoing", "messages")) / seconds;
    return new Row(
        new Fields()
            .put("kind", now.text("kind"))
            .put("name", now.text("name"))
            .put("inPerSecond", Math.round(inRate))
            .put("outPerSecond", Math.round(outRate))
            .put("in", in)
            .put("out", out)
            .put("waiting", now.get("waiting"))
            .put("inFlight", now.get("inFlight"))
            .put("delayed", now.get("delayed"))
            .put("receivers", now.number("receivers")),
        inRate + outRate);
  }

  private void show(Output output, boolean screen, Sample before, Sample now) {
    double seconds = Math.max(1, now.nanos() - before.nanos()) / 1e9;
    List<Row> rows = new ArrayList<>();
    now.channels().forEach((key, channel) -> rows.add(row(key, channel, before, seconds)));
    rows.sort(
        Comparator.comparingDouble(Row::rate)
            .reversed()
            .thenComparing(row -> row.fields().text("kind"))
            .thenComparing(row -> row.fields().text("name")));
    long in = rows.stream().mapToLong(row -> row.fields().number("inPerSecond")).sum();
    long out = rows.stream().mapToLong(row -> row.fields().number("outPerSecond")).sum();
    List<Fields> shown = rows.stream().limit(channels).map(Row::fields).toList();
    if (output.format() != Format.table) {
      output.result(
          new Fields()
              .put("time", Instant.now())
              .put("seconds", Math.round(seconds * 1000) / 1000.0)
              .put("inPerSecond", in)
              .put("outPerSecond", out)
              .put("channelCount", rows.size())
              .put("channels", shown),
          "");
      return;
    }
    String head =
        String.format(
            Locale.ROOT,
            "%s  %s  %,d channels  in %,d/s  out %,d/s",
            target().http(),
            Times.human(Instant.now()),
            rows.size(),
            in,
            out);
    console()
        .print((screen ? HOME_AND_CLEAR : "") + head + "\n\n" + table(shown).text(output.style()));
    if (!screen && !once) {
      console().print("\n");
    }
    console().flush();
  }

  private static Table table(List<Fields> shown) {
    Table table = new Table(HEADINGS);
    for (int column = 2; column < HEADINGS.size(); column++) {
      table.alignRight(column);
    }
    for (Fields row : shown) {
      table.add(
          List.of(
              row.text("kind"),
              row.text("name"),
              row.text("inPerSecond"),
              row.text("outPerSecond"),
              row.text("in"),
              row.text("out"),
              row.text("waiting"),
              row.text("inFlight"),
              row.text("delayed"),
              row.text("receivers")));
    }
    return table;
  }
}
