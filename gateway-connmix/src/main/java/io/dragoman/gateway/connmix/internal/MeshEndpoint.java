// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import io.dragoman.core.LaneStep;
import io.dragoman.transport.HttpExchange;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/mesh/send} and {@code POST /v1/mesh/publish} (spec: connmix §2.7): answered as
 * the methods of these names are, without an id, and with 200 also when they are refused.
 */
final class MeshEndpoint {
  static final String SEND = "/v1/mesh/send";
  static final String PUBLISH = "/v1/mesh/publish";

  private final Methods methods;
  private final Traffic traffic;

  MeshEndpoint(GatewayContext context) {
    this.methods = context.methods();
    this.traffic = context.http();
  }

  void send(HttpExchange exchange, Backend backend) {
    ApiParams params = params(exchange);
    if (params != null) {
      answer(exchange, methods.send(params, backend), (out, sent) -> ApiReplies.done(out, null));
    }
  }

  void publish(HttpExchange exchange, Backend backend) {
    ApiParams params = params(exchange);
    if (params != null) {
      answer(
          exchange,
          methods.publish(params, backend),
          (out, count) -> ApiReplies.counted(out, count, null));
    }
  }

  /** Null when it has been answered already. */
  private @Nullable ApiParams params(HttpExchange exchange) {
    try {
      ApiParams params = ApiInput.params(exchange.body());
      exchange.releaseBody();
      return params;
    } catch (IOException e) {
      refuse(exchange, ApiError.invalid("the body is to be one JSON object"));
      return null;
    }
  }

  private <T> void answer(
      HttpExchange exchange,
      CompletionStage<Methods.Outcome<T>> stage,
      BiConsumer<ByteBuf, T> reply) {
    LaneStep.of(
        stage,
        exchange.lane(),
        new Methods.Outcome.Refused<T>(new ApiError(ApiError.SEND_FAILED, LaneStep.FAULT.detail())),
        outcome -> {
          if (outcome instanceof Methods.Outcome.Refused<T> refused) {
            refuse(exchange, refused.error());
            return;
          }
          traffic.pushed();
          ByteBuf out = exchange.allocator().buffer();
          reply.accept(out, ((Methods.Outcome.Done<T>) outcome).value());
          exchange.respond(200, Answers.JSON, out);
        },
        exchange::failed);
  }

  private void refuse(HttpExchange exchange, ApiError error) {
    traffic.refused();
    Answers.error(exchange, 200, error);
  }
}
