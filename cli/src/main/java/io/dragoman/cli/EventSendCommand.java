// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import com.google.protobuf.ByteString;
import io.dragoman.cli.internal.Broker;
import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Exchange;
import io.dragoman.cli.internal.Fields;
import io.dragoman.cli.internal.Progress;
import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.Result;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Sends events, stored or not. Several go over one stream. */
@Command(name = "send", aliases = "s")
final class EventSendCommand extends BrokerCommand {
  /** So many stored events may be without their answer. */
  private static final int OUTSTANDING_MAX = 64;

  @Mixin private SendArguments body = new SendArguments();

  @Mixin private BuildOption build = new BuildOption();

  @Option(names = "--metadata", paramLabel = "TEXT", description = "Goes with the body.")
  private String metadata = "";

  @Option(
      names = {"-m", "--messages"},
      paramLabel = "N",
      defaultValue = "1",
      description = "Send it so many times.")
  private int messages = 1;

  @Option(names = "--id", paramLabel = "ID", description = "The event's id (one is made up).")
  private String id = "";

  @Option(names = "--lines", description = "Every line of standard input is an event.")
  private boolean lines;

  @Option(
      names = {"-s", "--stream"},
      description = "Use the streaming call also for one event.")
  private boolean stream;

  private final boolean store;

  EventSendCommand(Console console, boolean store) {
    super(console);
    this.store = store;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
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
        return sendMany(broker, new InputLines(console().in(), body), -1);
      }
      ByteString content = content();
      if (stream || messages > 1) {
        return sendMany(broker, Collections.nCopies(messages, content).iterator(), messages);
      }
      Result result = broker.send(event(content));
      check(result);
      output()
          .result(
              new Fields()
                  .put("channel", body.channel())
                  .put("id", result.getEventID())
                  .put("stored", store),
              "sent " + result.getEventID() + " to " + body.channel());
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

  private Event event(ByteString content) {
    return Event.newBuilder()
        .setEventID(id)
        .setClientID(target().clientId())
        .setChannel(body.channel())
        .setMetadata(metadata)
        .setBody(content)
        .setStore(store)
        .putAllTags(body.tags())
        .build();
  }

  private static void check(Result result) {
    if (!result.getSent()) {
      throw CliException.failed(
          result.getError().isEmpty() ? "the event was not sent" : result.getError());
    }
  }

  private int sendMany(Broker broker, Iterator<ByteString> bodies, long total)
      throws InterruptedException {
    // Over gRPC an event that is not stored is answered only when it is refused.
    boolean allAnswered = store || target().useRest();
    Tally tally = new Tally();
    try (Exchange<Event, Result> exchange = broker.eventStream();
        Progress progress = new Progress(console(), "sent", total, quiet())) {
      while (bodies.hasNext()) {
        exchange.send(event(bodies.next()));
        tally.handedOver++;
        tally.open += allAnswered ? 1 : 0;
        boolean full = tally.open >= OUTSTANDING_MAX;
        tally.answered(exchange.next(full ? target().timeout() : Duration.ZERO));
        progress.at(tally.handedOver - tally.open);
      }
      exchange.finish();
      while (allAnswered ? tally.open > 0 : !exchange.ended()) {
        Result result = exchange.next(target().timeout());
        tally.answered(result);
        if (result == null && !exchange.ended()) {
          throw CliException.failed(
              "no answer within " + target().timeout().toSeconds() + " s (--timeout)");
        }
        if (exchange.ended() && allAnswered && tally.open > 0) {
          throw CliException.failed("the broker ended the stream");
        }
      }
    } catch (CliException e) {
      throw tally.isTold(e, allAnswered) ? e.and(tally.text(allAnswered)) : e;
    }
    long sent = tally.handedOver;
    output()
        .result(
            new Fields().put("channel", body.channel()).put("sent", sent).put("stored", store),
            "sent " + sent + (sent == 1 ? " event" : " events") + " to " + body.channel());
    return DONE;
  }

  /** How far it has come. */
  private static final class Tally {
    private long handedOver;
    private long accepted;
    private long open;

    void answered(@Nullable Result result) {
      if (result != null) {
        open--;
        check(result);
        accepted++;
      }
    }

    /** Events that are not answered are worth a word only when the broker went away. */
    boolean isTold(CliException failure, boolean allAnswered) {
      return allAnswered ? accepted > 0 : handedOver > 1 && failure.retryable();
    }

    /** For whoever wants to go on by hand, without sending anything twice. */
    String text(boolean allAnswered) {
      if (!allAnswered) {
        return "at most " + handedOver + " were sent before";
      }
      return accepted
          + (accepted == 1 ? " was" : " were")
          + " sent before"
          + (open > 0 ? "; the next " + open + " may have been sent" : "");
    }
  }
}
