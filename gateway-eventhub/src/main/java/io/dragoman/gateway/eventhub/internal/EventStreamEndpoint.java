// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.Lane;
import io.dragoman.core.Result;
import io.dragoman.security.Topics;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.Query;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/** Event streams: the path is the topic or filter (spec: eventhub §6). */
final class EventStreamEndpoint {
  private static final AsciiString EVENT_STREAM = AsciiString.cached("text/event-stream");
  private static final AsciiString CACHE_CONTROL = AsciiString.cached("cache-control");
  private static final AsciiString ALLOW_ORIGIN = AsciiString.cached("access-control-allow-origin");
  private static final AsciiString ALLOW_HEADERS =
      AsciiString.cached("access-control-allow-headers");
  private static final String LAST_EVENT_ID = "last-event-id";

  private final GatewayContext context;

  EventStreamEndpoint(GatewayContext context) {
    this.context = context;
  }

  void handle(HttpExchange exchange, Caller caller) {
    String topic = exchange.path().substring(1);
    if (!context.options().eventStreams()) {
      Answers.page(exchange, 501, "SSE is not enabled in this setup.");
    } else if (topic.length() > context.options().topicLengthMax()
        || !(Topics.isTopic(topic) || Topics.isFilter(topic))) {
      Answers.json(exchange, 404, "{\"error\":\"Invalid topic requested.\"}\n");
    } else if (!caller.maySubscribe(topic)) {
      Answers.json(exchange, 401, "{\"error\":\"Insufficient access.\"}\n");
    } else {
      open(exchange, topic, caller);
    }
  }

  private void open(HttpExchange exchange, String topic, Caller caller) {
    Lane lane = exchange.lane();
    EventStream stream = new EventStream(context, topic, caller, lane);
    exchange.onDisconnect(stream::close);
    stream
        .following()
        .open(history(exchange), outcome -> opened(exchange, stream, outcome), exchange::failed);
  }

  private static void opened(
      HttpExchange exchange, EventStream stream, Result<Following.Opened> outcome) {
    if (outcome instanceof Result.Refused<Following.Opened> refused) {
      BrokerError error = refused.error();
      Answers.problem(exchange, 503, error.detail());
      return;
    }
    stream.history(outcome.orThrow().history());
    if (!exchange.connected()) {
      stream.close();
      return;
    }
    exchange.addResponseHeader(CACHE_CONTROL, "no-cache");
    exchange.addResponseHeader(ALLOW_ORIGIN, "*");
    exchange.addResponseHeader(
        ALLOW_HEADERS, "Accept, Cache-Control, X-Requested-With, Last-Event-ID");
    exchange.stream(200, EVENT_STREAM, stream.options(), stream);
  }

  /** The id in the query goes before the one in the header, and both before a time. */
  private HistoryRequest history(HttpExchange exchange) {
    String query = exchange.rawQuery();
    int max = context.options().historyMax();
    long limit = number(Query.find(query, "limit", true), max);
    int events = limit < 0 || limit > max ? max : (int) limit;
    String id = Query.find(query, "lastEventId", true);
    if (id == null || id.isEmpty()) {
      id = exchange.header(LAST_EVENT_ID);
    }
    if (id != null && !id.isEmpty()) {
      return new HistoryRequest(EventIds.after(id), events);
    }
    return new HistoryRequest(since(Query.find(query, "since", true)), events);
  }

  private @Nullable HistoryStart since(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return null;
    }
    long millis = number(text, -1);
    // A time cannot be negative here; an event's id is welcome as everywhere.
    return millis < 0
        ? HistoryRequest.since(text)
        : HistoryRequest.since(millis, context.broker().clock().unixNanos());
  }

  private static long number(@Nullable String text, long otherwise) {
    if (text == null) {
      return otherwise;
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }
}
