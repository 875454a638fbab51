// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.LaneStep;
import io.dragoman.core.Result;
import io.dragoman.gateway.kubemq.internal.QueueRules.QueueFigures;
import io.dragoman.transport.HttpExchange;
import io.dragoman.transport.HttpHandler;
import io.dragoman.transport.Query;
import java.util.List;

/**
 * {@code /queue/info}: a GET that takes its parameters from a JSON body, as the reference does, or
 * from the query, as anybody would expect. The body wins.
 */
final class QueueInfoEndpoint implements HttpHandler {
  private final GatewayContext context;
  private final ChannelFigures figures;

  QueueInfoEndpoint(GatewayContext context) {
    this.context = context;
    this.figures = new ChannelFigures(context.broker());
  }

  @Override
  public void handle(HttpExchange exchange) {
    KubemqError error = context.entrance().caller(exchange).overview();
    if (error != null) {
      RestReplies.failed(exchange, error.text());
      return;
    }
    Inputs.QueuesInfo asked;
    try {
      asked = JsonInput.readBody(exchange.body(), JsonDecoders::queuesInfo);
    } catch (BadInputException e) {
      RestReplies.failed(exchange, e.text());
      return;
    }
    String query = exchange.rawQuery();
    String requestId = orParameter(asked.requestId(), query, "RequestID", "request_id");
    String names = orParameter(asked.queueName(), query, "QueueName", "queue_name");
    LaneStep.of(
        figures.queues(QueueRules.queueNames(names)),
        exchange.lane(),
        outcome -> answer(exchange, Inputs.orNewId(requestId), outcome));
  }

  private static void answer(
      HttpExchange exchange, String requestId, Result<List<QueueFigures>> outcome) {
    if (outcome instanceof Result.Ok<List<QueueFigures>> ok) {
      JsonWriter out = RestReplies.ok(exchange);
      RestReplies.send(exchange, JsonEncoders.queuesInfo(out, requestId, ok.value()));
    } else {
      RestReplies.failed(exchange, KubemqErrorMapper.text(outcome));
    }
  }

  private static String orParameter(String fromBody, String query, String... names) {
    String value = fromBody;
    for (String name : names) {
      String parameter = value.isEmpty() ? Query.find(query, name, true) : null;
      value = parameter == null ? value : parameter;
    }
    return value;
  }
}
