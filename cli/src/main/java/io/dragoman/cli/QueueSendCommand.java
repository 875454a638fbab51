// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import com.google.protobuf.ByteString;
import io.dragoman.cli.internal.Broker;
import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Fields;
import io.dragoman.cli.internal.Format;
import io.dragoman.cli.internal.Output;
import io.dragoman.cli.internal.Output.Column;
import io.dragoman.cli.internal.OutputClosedException;
import io.dragoman.cli.internal.Progress;
import io.dragoman.cli.internal.Times;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueueMessagePolicy;
import io.dragoman.kubemq.protocol.QueueMessagesBatchRequest;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Puts messages into a queue. */
@Command(
    name = "send",
    aliases = "s",
    description = "Send a message to a queue. What was answered as sent is on the broker's disk.",
    footer = {
      "",
      "Examples:",
      "  dragoman queues send orders 'first order'",
      "  dragoman queues send orders '{\"id\":1}' -m application/json --tag shop=berlin",
      "  dragoman queues send orders later --delay 1h --expiration 6h",
      "  dragoman queues send orders risky --max-receive 3 --dead-letter-queue orders.dead",
      "  dragoman queues send orders @order.bin",
      "  cat orders.txt | dragoman queues send orders - --lines"
    })
final class QueueSendCommand extends BrokerCommand {
  /** So many messages go to the broker at once. */
  private static final int BATCH = 500;

  private static final long BATCH_BYTES = 4 << 20;

  private static final List<Column> COLUMNS =
      List.of(
          Column.text("ID", "id"),
          Column.time("SENT", "sentAt"),
          Column.time("DUE", "deliverAt"),
          Column.time("EXPIRES", "expiresAt"));

  @Mixin private SendArguments body = new SendArguments();

  @Mixin private BuildOption build = new BuildOption();

  @Option(
      names = {"-m", "--metadata"},
      paramLabel = "TEXT",
      description = "Goes with the body.")
  private String metadata = "";

  @Option(
      names = {"-e", "--expiration"},
      paramLabel = "TIME",
      converter = Converters.Time.class,
      description = "Drop the message when nobody took it so long.")
  private Duration expiration = Duration.ZERO;

  @Option(
      names = {"-d", "--delay"},
      paramLabel = "TIME",
      converter = Converters.Time.class,
      description = "Hold the message back so long.")
  private Duration delay = Duration.ZERO;

  @Option(
      names = {"-r", "--max-receive"},
      paramLabel = "N",
      description = "Hand it out at most so often; then it is a dead letter.")
  private int maxReceive;

  @Option(
      names = {"-q", "--dead-letter-queue"},
      paramLabel = "QUEUE",
      description = "Where dead letters go; without it they are dropped.")
  private String deadLetterQueue = "";

  @Option(
      names = {"-i", "--messages"},
      paramLabel = "N",
      defaultValue = "1",
      description = "Send it so many times.")
  private int messages = 1;

  @Option(names = "--id", paramLabel = "ID", description = "The message's id (one is made up).")
  private String id = "";

  @Option(names = "--lines", description = "Every line of standard input is a message.")
  private boolean lines;

  QueueSendCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() {
    if (build.isWanted() && (lines || !body.isMissing())) {
      throw usage("--build asks for the body: leave BODY, --file and --lines out");
    }
    if (lines && !body.isInput()) {
      throw usage("--lines reads standard input: leave BODY out or give -");
    }
    if (messages < 1) {
      throw usage("--messages must be 1 or more");
    }
    try (Broker broker = connect()) {
      if (lines) {
        InputLines bodies = new InputLines(console().in(), body);
        return sendMany(broker, bodies, bodies::isReady, -1);
      }
      ByteString content = content();
      if (messages > 1) {
        Iterator<ByteString> bodies = Collections.nCopies(messages, content).iterator();
        return sendMany(broker, bodies, () -> true, messages);
      }
      SendQueueMessageResult result = broker.send(message(content));
      if (result.getIsError()) {
        throw CliException.failed(result.getError());
      }
      output().result(fields(result), sentence(result));
      return DONE;
    }
  }

  private ByteString content() {
    if (!build.isWanted()) {
      return body.read(console());
    }
    BuildOption.Parts parts = build.ask(console());
    metadata = parts.metadata();
    body.tags().putAll(parts.tags());
    return parts.body();
  }

  private QueueMessage message(ByteString content) {
    return QueueMessage.newBuilder()
        .setMessageID(id)
        .setClientID(target().clientId())
        .setChannel(body.channel())
        .setMetadata(metadata)
        .setBody(content)
        .putAllTags(body.tags())
        .setPolicy(
            QueueMessagePolicy.newBuilder()
                .setExpirationSeconds(Converters.seconds(expiration))
                .setDelaySeconds(Converters.seconds(delay))
                .setMaxReceiveCount(maxReceive)
                .setMaxReceiveQueue(deadLetterQueue))
        .build();
  }

  /** How far it has come. */
  private static final class Tally {
    private long sent;
    private long refused;
    private String firstError = "";

    /** Of these the broker has not answered. */
    private int underWay;

    void add(List<SendQueueMessageResult> results) {
      for (SendQueueMessageResult result : results) {
        if (result.getIsError()) {
          refused++;
          firstError = firstError.isEmpty() ? result.getError() : firstError;
        } else {
          sent++;
        }
      }
      underWay = 0;
    }

    /** For whoever wants to go on by hand, without sending anything twice. */
    String text() {
      return sent
          + (sent == 1 ? " was" : " were")
          + " sent before"
          + (refused > 0 ? ", " + refused + " were refused" : "")
          + (underWay > 0 ? "; the next " + underWay + " may have been sent" : "");
    }
  }

  /** Sends in batches; what the broker refused is told at the end, and makes the command fail. */
  private int sendMany(
      Broker broker, Iterator<ByteString> bodies, BooleanSupplier ready, long total) {
    Output output = output();
    Tally tally = new Tally();
    Output.Records records = quiet() ? null : results(output);
    try (Progress progress = new Progress(console(), "sent", total, quiet())) {
      while (bodies.hasNext()) {
        QueueMessagesBatchRequest batch = batch(bodies, ready);
        tally.underWay = batch.getMessagesCount();
        List<SendQueueMessageResult> results = broker.sendBatch(batch).getResultsList();
        tally.add(results);
        if (records != null) {
          results.forEach(result -> records.add(fields(result)));
        }
        progress.at(tally.sent + tally.refused);
      }
    } catch (CliException e) {
      throw tally.sent + tally.refused == 0 ? e : e.and(tally.text());
    } catch (OutputClosedException e) {
      throw CliException.failed("nobody reads what is printed any more").and(tally.text());
    }
    if (records != null) {
      records.done();
    }
    if (tally.refused > 0) {
      throw CliException.failed(
          tally.refused
              + " of "
              + (tally.sent + tally.refused)
              + " were refused: "
              + tally.firstError);
    }
    if (output.format() == Format.table) {
      output.result(
          new Fields(),
          "sent "
              + tally.sent
              + (tally.sent == 1 ? " message" : " messages")
              + " to "
              + body.channel());
    }
    return DONE;
  }

  /** For people a sum is enough; programs get a record for each message. */
  private Output.@Nullable Records results(Output output) {
    return output.format() == Format.table ? null : output.records(COLUMNS, "");
  }

  /** What is there already, so that a slow producer on standard input delays nothing. */
  private QueueMessagesBatchRequest batch(Iterator<ByteString> bodies, BooleanSupplier ready) {
    QueueMessagesBatchRequest.Builder batch = QueueMessagesBatchRequest.newBuilder();
    long bytes = 0;
    do {
      ByteString content = bodies.next();
      bytes += content.size();
      batch.addMessages(message(content));
    } while (batch.getMessagesCount() < BATCH
        && bytes < BATCH_BYTES
        && ready.getAsBoolean()
        && bodies.hasNext());
    return batch.build();
  }

  private Fields fields(SendQueueMessageResult result) {
    return new Fields()
        .put("channel", body.channel())
        .put("id", result.getMessageID())
        .put("sentAt", Times.ofNanos(result.getSentAt()))
        .put("deliverAt", Times.ofNanos(result.getDelayedTo()))
        .put("expiresAt", Times.ofNanos(result.getExpirationAt()))
        .putIfSet("error", result.getError());
  }

  private String sentence(SendQueueMessageResult result) {
    StringBuilder text =
        new StringBuilder("sent " + result.getMessageID() + " to " + body.channel());
    if (result.getDelayedTo() != 0) {
      text.append(", due ").append(Times.human(Times.ofNanos(result.getDelayedTo())));
    }
    if (result.getExpirationAt() != 0) {
      text.append(", expires ").append(Times.human(Times.ofNanos(result.getExpirationAt())));
    }
    return text.toString();
  }
}
