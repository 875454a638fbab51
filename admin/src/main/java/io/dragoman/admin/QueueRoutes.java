// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.dragoman.admin.Parameters.BadParameterException;
import io.dragoman.core.Broker;
import io.dragoman.core.DelayedMessage;
import io.dragoman.core.DelayedPage;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.QueueInfo;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueuePage;
import io.dragoman.core.Queues;
import io.dragoman.core.Receipt;
import io.dragoman.core.RedriveStep;
import io.dragoman.core.Redriven;
import io.dragoman.core.Result;
import io.dragoman.core.Settled;
import io.dragoman.transport.HttpExchange;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** {@code /v1/queues}: figures, browsing, held-back messages, and the way back of dead letters. */
final class QueueRoutes {
  private static final long PAGE_BYTES_MAX = 4 << 20;
  private static final String QUEUE = "queue";
  private static final String HANDLE = "handle";

  private final Broker broker;
  private final Queues queues;
  private final Background background;

  QueueRoutes(Broker broker, Background background) {
    this.broker = broker;
    this.queues = broker.queues();
    this.background = background;
  }

  void list(HttpExchange exchange) throws BadParameterException {
    Infos.answer(
        exchange,
        background,
        text -> broker.channels().list(Kind.QUEUE, text),
        queues::info,
        page -> list(exchange, page));
  }

  private static void list(HttpExchange exchange, Page<QueueInfo> page) {
    Answers.json(
        exchange,
        200,
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("queues");
          for (QueueInfo info : page.items()) {
            write(json, info);
          }
          json.writeEndArray();
          page.writeNext(json);
          json.writeEndObject();
        });
  }

  private static void write(JsonGenerator json, QueueInfo info) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", info.queue());
    json.writeNumberField("waiting", info.waiting());
    json.writeNumberField("inFlight", info.inFlight());
    json.writeNumberField("delayed", info.delayed());
    json.writeNumberField("bytes", info.bytes());
    json.writeNumberField("firstSequence", info.firstSequence());
    json.writeNumberField("lastSequence", info.lastSequence());
    json.writeNumberField("entered", info.entered());
    json.writeNumberField("expired", info.expired());
    json.writeNumberField("deadLettered", info.deadLettered());
    json.writeNumberField("waitingReceivers", info.waitingReceivers());
    json.writeEndObject();
  }

  void browse(HttpExchange exchange) throws BadParameterException {
    Parameters asked = Parameters.of(exchange, QUEUE, "from", "max");
    String queue = asked.required(QUEUE);
    long from = asked.sequence("from");
    int max = asked.max();
    background.answerInTurn(
        exchange,
        () -> queues.browse(queue, from, max, PAGE_BYTES_MAX),
        page -> browse(exchange, queue, page));
  }

  private static void browse(HttpExchange exchange, String queue, QueuePage page) {
    Answers.json(
        exchange,
        200,
        json -> {
          json.writeStartObject();
          json.writeStringField(QUEUE, queue);
          json.writeArrayFieldStart("messages");
          for (QueueMessage message : page.messages()) {
            json.writeStartObject();
            MessageJson.write(json, message);
            json.writeEndObject();
          }
          json.writeEndArray();
          writeNext(json, page.next());
          json.writeEndObject();
        });
  }

  private static void writeNext(JsonGenerator json, long next) throws IOException {
    if (next != 0) {
      json.writeNumberField("next", next);
    }
  }

  void delayed(HttpExchange exchange) throws BadParameterException {
    Parameters asked = Parameters.of(exchange, QUEUE, "after", "max");
    String queue = asked.required(QUEUE);
    @Nullable Receipt after = asked.handle("after");
    int max = asked.max();
    background.answerInTurn(
        exchange,
        () ->
            Infos.then(
                queues.info(queue), there -> queues.delayed(queue, after, max, PAGE_BYTES_MAX)),
        page -> delayed(exchange, queue, page));
  }

  private static void delayed(HttpExchange exchange, String queue, DelayedPage page) {
    Answers.json(
        exchange,
        200,
        json -> {
          json.writeStartObject();
          json.writeStringField(QUEUE, queue);
          json.writeArrayFieldStart("messages");
          for (DelayedMessage each : page.messages()) {
            json.writeStartObject();
            json.writeStringField(HANDLE, each.handle().toString());
            MessageJson.write(json, each.message());
            json.writeEndObject();
          }
          json.writeEndArray();
          Receipt next = page.next();
          if (next != null) {
            json.writeStringField("next", next.toString());
          }
          json.writeEndObject();
        });
  }

  void cancelDelayed(HttpExchange exchange) throws BadParameterException {
    Receipt handle = Parameters.of(exchange, HANDLE).requiredHandle(HANDLE);
    changed(exchange, handle, queues.cancelDelayed(handle));
  }

  void deliverNow(HttpExchange exchange) throws BadParameterException {
    Receipt handle = Parameters.of(exchange, HANDLE).requiredHandle(HANDLE);
    changed(exchange, handle, queues.deliverNow(handle));
  }

  private void changed(
      HttpExchange exchange, Receipt handle, CompletionStage<Result<Settled>> change) {
    background.answer(
        exchange,
        change.thenApply(QueueRoutes::found),
        done ->
            Answers.json(
                exchange,
                200,
                json -> {
                  json.writeStartObject();
                  json.writeStringField(HANDLE, handle.toString());
                  json.writeBooleanField("done", true);
                  json.writeEndObject();
                }));
  }

  private static Result<Settled> found(Result<Settled> outcome) {
    return outcome instanceof Result.Ok<Settled> ok && ok.value() == Settled.STALE
        ? Result.refused(
            ErrorCode.NOT_FOUND,
            "no delayed message has this handle: it came due, or was cancelled or delivered")
        : outcome;
  }

  void redrive(HttpExchange exchange) throws BadParameterException {
    Parameters asked = Parameters.of(exchange, QUEUE, "from", "through", "max", "dryRun");
    String queue = asked.required(QUEUE);
    RedriveStep step =
        new RedriveStep(
            asked.sequence("from"), asked.sequence("through"), asked.max(), asked.flag("dryRun"));
    background.answer(
        exchange,
        queues.redrive(queue, step),
        done -> redriven(exchange, queue, step.dryRun(), done));
  }

  private static void redriven(HttpExchange exchange, String queue, boolean dryRun, Redriven done) {
    Answers.json(
        exchange,
        200,
        json -> {
          json.writeStartObject();
          json.writeStringField(QUEUE, queue);
          json.writeBooleanField("dryRun", dryRun);
          json.writeNumberField("moved", done.moved());
          json.writeObjectFieldStart("origins");
          for (Map.Entry<String, Integer> origin : done.origins().entrySet()) {
            json.writeNumberField(origin.getKey(), origin.getValue());
          }
          json.writeEndObject();
          json.writeNumberField("through", done.through());
          writeNext(json, done.next());
          json.writeEndObject();
        });
  }
}
