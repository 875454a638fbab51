// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Fields;
import io.dragoman.cli.internal.Format;
import io.dragoman.cli.internal.GrpcBroker;
import io.dragoman.cli.internal.Latencies;
import io.dragoman.cli.internal.Management;
import io.dragoman.cli.internal.Output;
import io.dragoman.cli.internal.Progress;
import io.dragoman.cli.internal.Table;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures throughput and latency of a broker. */
@Command(
    name = "bench",
    description =
        "Measure throughput and latency of the broker, over gRPC. Names what an answer of the"
            + " broker means (durability), and the command that repeats the measurement.",
    footer = {
      "",
      "Patterns: queues (send, then receive), events and events-store (from a sender to one",
      "subscriber), queries (there and back). Latency is of a call, or of an event's whole way.",
      "",
      "Examples:",
      "  dragoman bench queues",
      "  dragoman bench queues --batch 100 --messages 500000",
      "  dragoman bench events --size 1000 --outstanding 1000",
      "  dragoman bench queues --csv >> results.csv"
    })
final class BenchCommand extends BrokerCommand {
  private static final double[] LADDER = {50, 75, 90, 95, 99, 99.9, 99.99};
  private static final Pattern SYNC =
      Pattern.compile("(?m)^dragoman_storage_sync_seconds_(count|sum) ([0-9.eE+-]+)");

  /** What is measured. */
  enum Load {
    queues,
    events,
    events_store,
    queries
  }

  /** Also with a hyphen, as the command of that name. */
  static final class LoadConverter implements picocli.CommandLine.ITypeConverter<Load> {
    @Override
    public Load convert(String value) {
      for (Load load : Load.values()) {
        if (load.name().equals(value.replace('-', '_'))) {
          return load;
        }
      }
      throw new picocli.CommandLine.TypeConversionException(
          "'" + value + "' is no pattern; use queues, events, events-store or queries");
    }
  }

  @Parameters(
      arity = "0..1",
      paramLabel = "PATTERN",
      converter = LoadConverter.class,
      description = "queues (default), events, events-store or queries.")
  private Load load = Load.queues;

  @Option(
      names = {"-n", "--messages"},
      paramLabel = "N",
      defaultValue = "50000",
      description = "So many messages (50000).")
  private long messages = 50_000;

  @Option(
      names = {"-s", "--size"},
      paramLabel = "BYTES",
      defaultValue = "300",
      description = "Of this size (300).")
  private int size = 300;

  @Option(
      names = {"-c", "--outstanding"},
      paramLabel = "N",
      defaultValue = "64",
      description = "So many under way at a time (64).")
  private int outstanding = 64;

  @Option(
      names = {"-b", "--batch"},
      paramLabel = "N",
      defaultValue = "1",
      description = "Send to queues in batches of so many (1).")
  private int batch = 1;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "5000",
      description = "So many before, which are not measured (5000).")
  private long warmUp = 5_000;

  @Option(
      names = "--channel",
      paramLabel = "NAME",
      description = "The channel (a new one, which is deleted afterwards).")
  private String channel = "";

  @Option(names = "--csv", description = "Comma-separated, one line for each phase.")
  private boolean csv;

  BenchCommand(Console console) {
    super(console);
  }

  /** One measured part. */
  private record Phase(String name, long messages, double seconds, Latencies latencies) {
    double perSecond() {
      return messages / seconds;
    }
  }

  /** A load to be measured. */
  @FunctionalInterface
  private interface Run {
    void run(Latencies latencies, Progress progress) throws InterruptedException;
  }

  /** What the broker says about its storage. */
  private record Storage(String durability, double syncs, double syncSeconds) {}

  @Override
  public Integer call() throws InterruptedException {
    if (messages < 1 || size < 1 || outstanding < 1 || batch < 1 || warmUp < 0) {
      throw usage("--messages, --size, --outstanding and --batch must be 1 or more");
    }
    if (target().useRest()) {
      throw usage("bench measures over gRPC");
    }
    boolean ownChannel = channel.isEmpty();
    String name = ownChannel ? "bench." + Long.toString(System.nanoTime(), 36) : channel;
    Storage before = storage();
    List<Phase> phases;
    try (GrpcBroker broker = new GrpcBroker(target())) {
      // Says at once, and in words, when there is no broker.
      io.dragoman.kubemq.protocol.PingResult ignored = broker.ping();
      BenchLoads loads = new BenchLoads(broker, name, target().clientId(), size, outstanding);
      phases = measure(loads);
    } catch (StatusRuntimeException e) {
      throw CliException.failed(String.valueOf(e.getStatus().getDescription()));
    } finally {
      if (ownChannel) {
        remove(name);
      }
    }
    show(phases, before, storage());
    return DONE;
  }

  private List<Phase> measure(BenchLoads loads) throws InterruptedException {
    List<Phase> phases = new ArrayList<>();
    switch (load) {
      case queues -> {
        if (warmUp > 0) {
          phase("warm-up", warmUp, send(loads, warmUp));
          phase("warm-up", warmUp, (times, shown) -> loads.receiveFromQueue(warmUp, times, shown));
        }
        phases.add(phase("send", messages, send(loads, messages)));
        phases.add(
            phase(
                "receive",
                messages,
                (times, shown) -> loads.receiveFromQueue(messages, times, shown)));
      }
      case queries -> {
        if (warmUp > 0) {
          phase("warm-up", warmUp, (times, shown) -> loads.queries(warmUp, times, shown));
        }
        phases.add(
            phase("query", messages, (times, shown) -> loads.queries(messages, times, shown)));
      }
      default -> {
        boolean store = load == Load.events_store;
        if (warmUp > 0) {
          phase("warm-up", warmUp, (times, shown) -> loads.events(store, warmUp, times, shown));
        }
        phases.add(
            phase(
                "deliver",
                messages,
                (times, shown) -> loads.events(store, messages, times, shown)));
      }
    }
    return phases;
  }

  private Run send(BenchLoads loads, long count) {
    return batch > 1
        ? (times, shown) -> loads.sendBatches(count, batch, times, shown)
        : (times, shown) -> loads.sendToQueue(count, times, shown);
  }

  private Phase phase(String name, long count, Run run) throws InterruptedException {
    Latencies latencies = new Latencies();
    long began = System.nanoTime();
    try (Progress progress = new Progress(console(), name, count, quiet())) {
      run.run(latencies, progress);
    }
    return new Phase(name, count, (System.nanoTime() - began) / 1e9, latencies);
  }

  /** A broker without this API, or whose port we do not reach, is measured all the same. */
  private Storage storage() {
    try {
      Management management = management();
      String durability = Fields.of(management.get("/", Map.of()).values()).text("durability");
      Matcher matcher = SYNC.matcher(management.text("/metrics"));
      double syncs = 0;
      double seconds = 0;
      while (matcher.find()) {
        double value = Double.parseDouble(matcher.group(2));
        if (matcher.group(1).equals("count")) {
          syncs = value;
        } else {
          seconds = value;
        }
      }
      return new Storage(durability, syncs, seconds);
    } catch (CliException e) {
      return new Storage("", 0, 0);
    }
  }

  private void remove(String name) {
    try {
      String kind = load == Load.events_store ? "log" : "queue";
      if (load == Load.queues || load == Load.events_store) {
        Fields ignored =
            management().delete("/v1/channels", Management.parameters("kind", kind, "name", name));
      }
    } catch (CliException e) {
      output().note("the channel " + name + " was not deleted: " + e.text());
    }
  }

  // --- Results -------------------------------------------------------------------------------

  private void show(List<Phase> phases, Storage before, Storage after) {
    double syncs = after.syncs() - before.syncs();
    double syncMillis = syncs > 0 ? (after.syncSeconds() - before.syncSeconds()) * 1e3 / syncs : 0;
    if (csv) {
      csv(phases, after.durability());
      return;
    }
    Output output = output();
    output.result(
        fields(phases, after.durability(), syncs, syncMillis),
        output.format() == Format.table ? text(phases, after.durability(), syncs, syncMillis) : "");
  }

  private Fields fields(List<Phase> phases, String durability, double syncs, double syncMillis) {
    return new Fields()
        .put("pattern", pattern())
        .put("messages", messages)
        .put("sizeBytes", size)
        .put("outstanding", outstanding)
        .put("batch", batch)
        .put("durability", durability.isEmpty() ? "unknown" : durability)
        .put("syncs", Math.round(syncs))
        .put("syncMillis", rounded(syncMillis))
        .put("phases", phases.stream().map(BenchCommand::fields).toList())
        .put("command", command());
  }

  private static Fields fields(Phase phase) {
    Map<String, Object> ladder = new LinkedHashMap<>();
    for (double percent : LADDER) {
      ladder.put(percentName(percent), rounded(phase.latencies().percentile(percent) / 1e6));
    }
    ladder.put("max", rounded(phase.latencies().max() / 1e6));
    return new Fields()
        .put("phase", phase.name())
        .put("messages", phase.messages())
        .put("seconds", rounded(phase.seconds()))
        .put("perSecond", Math.round(phase.perSecond()))
        .put("latencyMillis", ladder);
  }

  private static double rounded(double value) {
    return Math.round(value * 1e3) / 1e3;
  }

  private static String percentName(double percent) {
    String digits = Double.toString(percent);
    return "p" + (digits.endsWith(".0") ? digits.substring(0, digits.length() - 2) : digits);
  }

  private String pattern() {
    return load.name().replace('_', '-');
  }

  private String command() {
    return "dragoman bench %s -n %d -s %d -c %d -b %d --warm-up %d"
        .formatted(pattern(), messages, size, outstanding, batch, warmUp);
  }

  private String durability(String mode) {
    return switch (mode) {
      case "sync" -> "sync: an answer means on disk";
      case "async" -> "async: an answer means written; the disk follows";
      case "" -> "unknown: the broker's port " + target().http() + " did not say (--http)";
      default -> mode;
    };
  }

  private String text(List<Phase> phases, String durability, double syncs, double syncMillis) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s over gRPC to %s: %,d messages of %,d bytes, %,d under way%s%n",
            pattern(),
            target().grpc(),
            messages,
            size,
            outstanding,
            batch > 1 ? ", in batches of " + batch : ""));
    if (load == Load.queues || load == Load.events_store) {
      text.append("durability ").append(durability(durability));
      if (syncs > 0) {
        text.append(
            String.format(Locale.ROOT, " (%,.0f syncs, %.2f ms on average)", syncs, syncMillis));
      }
      text.append('\n');
    }
    text.append('\n').append(table(phases).text(output().style()));
    return text.append("\nagain with: ").append(command()).toString();
  }

  private Table table(List<Phase> phases) {
    List<String> headings = new ArrayList<>(List.of("PHASE", "MSG/S", "MB/S", "SECONDS"));
    for (double percent : LADDER) {
      headings.add(percentName(percent).toUpperCase(Locale.ROOT) + " MS");
    }
    headings.add("MAX MS");
    Table table = new Table(headings);
    for (int column = 1; column < headings.size(); column++) {
      table.alignRight(column);
    }
    for (Phase phase : phases) {
      List<String> row = new ArrayList<>();
      row.add(phase.name());
      row.add(String.format(Locale.ROOT, "%,.0f", phase.perSecond()));
      row.add(String.format(Locale.ROOT, "%,.1f", phase.perSecond() * size / 1e6));
      row.add(String.format(Locale.ROOT, "%.2f", phase.seconds()));
      for (double percent : LADDER) {
        row.add(millis(phase.latencies().percentile(percent)));
      }
      row.add(millis(phase.latencies().max()));
      table.add(row);
    }
    return table;
  }

  private static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.3f", nanos / 1e6);
  }

  private void csv(List<Phase> phases, String durability) {
    StringBuilder text =
        new StringBuilder(
            "pattern,phase,durability,messages,size_bytes,outstanding,batch,seconds,messages_per_s");
    for (double percent : LADDER) {
      text.append(',').append(percentName(percent)).append("_ms");
    }
    text.append(",max_ms\n");
    for (Phase phase : phases) {
      text.append(
          String.format(
              Locale.ROOT,
              "%s,%s,%s,%d,%d,%d,%d,%.3f,%.0f",
              pattern(),
              phase.name(),
              durability.isEmpty() ? "unknown" : durability,
              phase.messages(),
              size,
              outstanding,
              batch,
              phase.seconds(),
              phase.perSecond()));
      for (double percent : LADDER) {
        text.append(',').append(millis(phase.latencies().percentile(percent)));
      }
      text.append(',').append(millis(phase.latencies().max())).append('\n');
    }
    console().print(text.toString());
    console().flush();
  }
}
