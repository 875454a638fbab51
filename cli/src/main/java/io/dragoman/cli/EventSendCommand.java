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
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Sends events, stored or not. Several go over one stream. */
@Command(name = "send", aliases = "s")
final class EventSendCommand extends BrokerCommand {
  /** So many stored events may be without their answer. */
  private static final int OUTSTANDING_MAX = 64;

  @Mixin private SendArguments body = new SendArguments();

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
      ByteString content = body.read(console());
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
    long sent = 0;
    long open = 0;
    try (Exchange<Event, Result> exchange = broker.eventStream();
        Progress progress = new Progress(console(), "sent", total, quiet())) {
      while (bodies.hasNext()) {
        exchange.send(event(bodies.next()));
        sent++;
        open += allAnswered ? 1 : 0;
        open -= take(exchange, open >= OUTSTANDING_MAX ? target().timeout() : Duration.ZERO);
        progress.at(sent - open);
      }
      exchange.finish();
      while (allAnswered ? open > 0 : !exchange.ended()) {
        long answered = take(exchange, target().timeout());
        if (answered == 0 && !exchange.ended()) {
          throw CliException.failed(
              "no answer within " + target().timeout().toSeconds() + " s (--timeout)");
        }
        open -= answered;
        if (exchange.ended() && allAnswered && open > 0) {
          throw CliException.failed("the broker ended the stream; " + open + " are unanswered");
        }
      }
    }
    output()
        .result(
            new Fields().put("channel", body.channel()).put("sent", sent).put("stored", store),
            "sent " + sent + (sent == 1 ? " event" : " events") + " to " + body.channel());
    return DONE;
  }

  /** Takes an answer if there is one in time; 1 if there was. */
  private static int take(Exchange<Event, Result> exchange, Duration wait)
      throws InterruptedException {
    Result result = exchange.next(wait);
    if (result == null) {
      return 0;
    }
    check(result);
    return 1;
  }
}
