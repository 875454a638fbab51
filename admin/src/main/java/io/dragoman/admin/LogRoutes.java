// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.dragoman.admin.Parameters.BadParameterException;
import io.dragoman.core.Broker;
import io.dragoman.core.Kind;
import io.dragoman.core.LogInfo;
import io.dragoman.core.LogRecord;
import io.dragoman.core.LogStart;
import io.dragoman.core.Logs;
import io.dragoman.core.Result;
import io.dragoman.transport.HttpExchange;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** {@code /v1/logs}: figures, and reading without subscribing. */
final class LogRoutes {
  private static final int PAGE_BYTES_MAX = 4 << 20;

  private final Broker broker;
  private final Logs logs;
  private final Background background;

  LogRoutes(Broker broker, Background background) {
    this.broker = broker;
    this.logs = broker.logs();
    this.background = background;
  }

  void list(HttpExchange exchange) throws BadParameterException {
    Infos.answer(
        exchange,
        background,
        text -> broker.channels().list(Kind.LOG, text),
        logs::info,
        page -> list(exchange, page));
  }

  private static void list(HttpExchange exchange, Page<LogInfo> page) {
    Answers.json(
        exchange,
        200,
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("logs");
          for (LogInfo info : page.items()) {
            write(json, info);
          }
          json.writeEndArray();
          page.writeNext(json);
          json.writeEndObject();
        });
  }

  private static void write(JsonGenerator json, LogInfo info) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", info.channel());
    json.writeNumberField("messages", info.messages());
    json.writeNumberField("bytes", info.bytes());
    json.writeNumberField("firstSequence", info.firstSequence());
    json.writeNumberField("lastSequence", info.lastSequence());
    json.writeNumberField("trimmed", info.trimmed());
    json.writeNumberField("subscribers", info.subscribers());
    json.writeEndObject();
  }

  /** What was read from a sequence on, and the log as it was just before. */
  private record Read(long from, List<LogRecord> records, LogInfo info) {

    /** Where to go on; 0 at the end. */
    long next() {
      if (!records.isEmpty()) {
        long last = records.get(records.size() - 1).sequence();
        return last < info.lastSequence() ? last + 1 : 0;
      }
      // All that was asked for was trimmed meanwhile, which is not the end of the log.
      boolean wasThere = info.messages() > 0 && from <= info.lastSequence();
      return wasThere ? info.lastSequence() + 1 : 0;
    }
  }

  void browse(HttpExchange exchange) throws BadParameterException {
    Parameters asked = Parameters.of(exchange, "log", "from", "max");
    String log = asked.required("log");
    long from = asked.sequence("from");
    int max = asked.max();
    background.answerInTurn(
        exchange,
        () -> Infos.then(logs.info(log), info -> read(info, from, max)),
        read -> browse(exchange, log, read));
  }

  private CompletionStage<Result<Read>> read(LogInfo info, long from, int max) {
    LogStart start = from == 0 ? new LogStart.First() : new LogStart.AtSequence(from);
    return logs.read(info.channel(), start, max, PAGE_BYTES_MAX)
        .thenApply(result -> result.map(records -> new Read(from, records, info)));
  }

  private static void browse(HttpExchange exchange, String log, Read read) {
    Answers.json(
        exchange,
        200,
        json -> {
          json.writeStartObject();
          json.writeStringField("log", log);
          json.writeArrayFieldStart("messages");
          for (LogRecord each : read.records) {
            json.writeStartObject();
            MessageJson.write(json, each);
            json.writeEndObject();
          }
          json.writeEndArray();
          long next = read.next();
          if (next != 0) {
            json.writeNumberField("next", next);
          }
          json.writeEndObject();
        });
  }
}
