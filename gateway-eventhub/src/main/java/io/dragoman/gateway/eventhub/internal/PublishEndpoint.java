// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.LaneStep;
import io.dragoman.core.LogAppend;
import io.dragoman.core.LogPosition;
import io.dragoman.core.Result;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.Query;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /api/v1/topics/{topic}}: publishes the request's body as it is. The query may have
 * {@code timestamp} (unix milliseconds) and {@code ttl} (seconds), as a publish over WebSocket has
 * them. Answered like that one, once the event is stored.
 */
final class PublishEndpoint {
  /** The path before the topic. */
  static final String PREFIX = "/api/v1/topics/";

  private final GatewayContext context;

  PublishEndpoint(GatewayContext context) {
    this.context = context;
  }

  void handle(HttpExchange exchange, Caller caller) {
    Long timestamp = number(exchange, "timestamp");
    Long ttl = number(exchange, "ttl");
    if (timestamp == null || ttl == null) {
      Answers.problem(
          exchange, 400, (timestamp == null ? "timestamp" : "ttl") + " is to be a whole number");
      return;
    }
    Publishing.Outcome checked =
        Publishing.of(
            exchange.path().substring(PREFIX.length()),
            ByteBufUtil.getBytes(exchange.body()),
            timestamp,
            ttl,
            caller,
            context.options());
    if (checked instanceof Publishing.Invalid invalid) {
      Answers.problem(exchange, invalid.denied() ? 403 : 400, invalid.reason());
    } else if (checked instanceof Publishing.RateLimited) {
      Answers.problem(exchange, 429, "the rate limit for this topic is used up");
    } else {
      append(exchange, ((Publishing.Accepted) checked).append());
    }
  }

  private void append(HttpExchange exchange, LogAppend append) {
    exchange.releaseBody();
    LaneStep.guarded(
        context.broker().logs().append(append),
        exchange.lane(),
        outcome -> {
          if (outcome instanceof Result.Refused<LogPosition> refused) {
            BrokerError error = refused.error();
            Answers.problem(exchange, status(error), error.detail());
            return;
          }
          context.http().published();
          ByteBuf out = exchange.allocator().buffer();
          Replies.publishedResult(
              out,
              append.message().channel(),
              EventIds.of(outcome.orThrow().timestampNanos(), append.eventTimeMillis()));
          Answers.result(exchange, out);
        },
        exchange::failed);
  }

  private static int status(BrokerError error) {
    return switch (error.code().category()) {
      case INVALID -> 400;
      // Too many channels, or too much in this one, is no fault of the request.
      case LIMIT -> error.code() == ErrorCode.TOO_LARGE ? 413 : 503;
      case INTERNAL -> 500;
      default -> 503;
    };
  }

  /** A parameter's value; 0 if it is not there, null if it is not a whole number. */
  private static @Nullable Long number(HttpExchange exchange, String name) {
    String text = Query.find(exchange.rawQuery(), name);
    if (text == null || text.isEmpty()) {
      return 0L;
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
