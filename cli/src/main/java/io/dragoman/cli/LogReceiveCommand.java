// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Broker;
import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Exchange;
import io.dragoman.cli.internal.MessageFields;
import io.dragoman.cli.internal.Output;
import io.dragoman.cli.internal.ShownPosition;
import io.dragoman.cli.internal.ShownPosition.Shown;
import io.dragoman.kubemq.protocol.EventReceive;
import io.dragoman.kubemq.protocol.Subscribe;
import io.dragoman.kubemq.protocol.Subscribe.EventsStoreType;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Subscribes to a channel of the events store. */
@Command(
    name = "receive",
    aliases = {"r", "rec", "subscribe", "sub"})
final class LogReceiveCommand extends BrokerCommand {
  @Parameters(paramLabel = "CHANNEL", description = "The channel.")
  private String channel = "";

  @Option(
      names = {"-g", "--group"},
      paramLabel = "NAME",
      description = "Share with all of this group: each event to one of them.")
  private String group = "";

  @ArgGroup(exclusive = true)
  private Start start = new Start();

  @Mixin private Following following = new Following();

  LogReceiveCommand(Console console) {
    super(console);
  }

  /** Where to begin; one of these. */
  static final class Start {
    @Option(names = "--start-new", description = "With the next new event (default).")
    @SuppressWarnings("unused") // The default, which one may say.
    private boolean fromNew;

    @Option(names = "--start-first", description = "With the first that is stored.")
    private boolean first;

    @Option(names = "--start-last", description = "With the last that is stored.")
    private boolean last;

    @Option(
        names = "--start-sequence",
        paramLabel = "N",
        description = "With this sequence number.")
    private @Nullable Long sequence;

    @Option(
        names = "--start-time",
        paramLabel = "TIME",
        converter = PointInTime.class,
        description = "With the first not before 'YYYY-MM-DD hh:mm:ss' (local) or RFC 3339.")
    private @Nullable Instant time;

    @Option(
        names = "--start-duration",
        paramLabel = "TIME",
        converter = Converters.Time.class,
        description = "With the first of the last, for example, 1h.")
    private @Nullable Duration duration;

    void apply(Subscribe.Builder subscription) {
      if (sequence != null) {
        subscription
            .setEventsStoreTypeData(EventsStoreType.StartAtSequence)
            .setEventsStoreTypeValue(sequence);
      } else if (time != null) {
        subscription
            .setEventsStoreTypeData(EventsStoreType.StartAtTime)
            .setEventsStoreTypeValue(
                Math.addExact(
                    Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano()));
      } else if (duration != null) {
        subscription
            .setEventsStoreTypeData(EventsStoreType.StartAtTimeDelta)
            .setEventsStoreTypeValue(Converters.seconds(duration));
      } else if (first) {
        subscription.setEventsStoreTypeData(EventsStoreType.StartFromFirst);
      } else if (last) {
        subscription.setEventsStoreTypeData(EventsStoreType.StartFromLast);
      } else {
        subscription.setEventsStoreTypeData(EventsStoreType.StartNewOnly);
      }
    }
  }

  /** Local time as people write it, or RFC 3339. */
  static final class PointInTime implements ITypeConverter<Instant> {
    private static final DateTimeFormatter LOCAL =
        DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);

    @Override
    public Instant convert(String value) {
      try {
        return value.contains("T")
            ? DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(value, Instant::from)
            : LocalDateTime.parse(value, LOCAL).atZone(ZoneId.systemDefault()).toInstant();
      } catch (DateTimeException e) {
        throw new TypeConversionException(
            "'" + value + "' is no time; use '2026-11-21 08:00:00' or 2026-11-21T08:00:00Z");
      }
    }
  }

  @Override
  public Integer call() {
    Output output = output();
    Subscribe.Builder subscription =
        Subscribe.newBuilder()
            .setSubscribeTypeData(Subscribe.SubscribeType.EventsStore)
            .setClientID(target().clientId())
            .setChannel(channel)
            .setGroup(group);
    start.apply(subscription);
    Output.Records records = output.messageStream();
    SoFar soFar = new SoFar(output);
    try (Broker broker = connect()) {
      following.<EventReceive>run(
          () -> soFar.subscribe(broker, subscription.build()),
          "listening to the events store " + channel + "; Ctrl-C ends",
          output,
          event -> {
            records.add(MessageFields.of(event));
            soFar.shown(event);
          });
    } finally {
      soFar.save();
    }
    return DONE;
  }

  /**
   * What was shown. Whoever shares with a group, or is new each time, has nothing that could be
   * gone on with by the next command; but each goes on when the connection is lost.
   */
  private final class SoFar {
    /** A process that is killed shows again at most what it showed in this time. */
    private static final long SAVE_NANOS = 1_000_000_000;

    private final Output output;
    private final @Nullable ShownPosition file;
    private @Nullable Shown shown;
    private @Nullable Shown saved;
    private long savedAt = System.nanoTime() - SAVE_NANOS;

    SoFar(Output output) {
      this.output = output;
      boolean known = group.isEmpty() && connection().hasClientId(console());
      file = known ? ShownPosition.of(console(), target(), channel) : null;
      shown = file == null ? null : file.read().orElse(null);
      saved = shown;
    }

    Exchange<Subscribe, EventReceive> subscribe(Broker broker, Subscribe subscription) {
      Shown last = shown;
      if (last == null || !group.isEmpty()) {
        return broker.subscribeToEvents(subscription);
      }
      return file == null
          ? broker.subscribeToEvents(ContinuedLog.from(subscription, last.sequence() + 1))
          : ContinuedLog.open(broker, subscription, last);
    }

    void shown(EventReceive event) {
      shown = new Shown(event.getSequence(), event.getEventID());
      if (System.nanoTime() - savedAt >= SAVE_NANOS) {
        save();
      }
    }

    void save() {
      Shown last = shown;
      if (file == null || last == null || last.equals(saved)) {
        return;
      }
      try {
        file.write(last);
      } catch (CliException e) {
        output.note(e.text() + "\nThe next 'receive' may not begin right after what was shown.");
      }
      saved = last;
      savedAt = System.nanoTime();
    }
  }
}
