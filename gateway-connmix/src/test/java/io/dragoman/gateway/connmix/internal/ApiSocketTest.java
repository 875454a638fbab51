// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import static io.dragoman.gateway.connmix.internal.Fakes.fake;
import static io.dragoman.gateway.connmix.internal.Fakes.values;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Lane;
import io.dragoman.core.Metrics;
import io.dragoman.core.Queues;
import io.dragoman.security.RateLimiter;
import io.dragoman.transport.WebSocket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What only a transport that ends in the middle of a call can show. */
class ApiSocketTest {
  private static final int POLICY_VIOLATION = 1008;

  private final Metrics metrics = new Metrics();
  private final List<String> askedOfQueues = new ArrayList<>();
  private final List<String> answers = new ArrayList<>();
  private final RateLimiter limiter = new RateLimiter(metrics);

  private final GatewayContext context =
      Fakes.context(
          metrics,
          limiter,
          fake(Queues.class, (proxy, method, arguments) -> askedOfQueues.add(method.getName())));

  private final ApiSocket backend = new ApiSocket(context, Backend.anybody(limiter));
  private boolean open = true;

  /** It is full, and cut off by the next thing that it is to send. */
  private final WebSocket socket =
      fake(
          WebSocket.class,
          (proxy, method, arguments) ->
              switch (method.getName()) {
                case "send" -> {
                  cutOff((ByteBuf) arguments[0]);
                  yield null;
                }
                case "open" -> open;
                case "pendingBytes" -> 0L;
                case "allocator" -> UnpooledByteBufAllocator.DEFAULT;
                case "lane" -> fake(Lane.class, values(Map.of("inLane", true)));
                default -> throw new AssertionError(method + " is not expected");
              });

  private void cutOff(ByteBuf answer) {
    answers.add(answer.toString(UTF_8));
    answer.release();
    open = false;
    backend.onClose(socket, POLICY_VIOLATION, "");
  }

  @Test
  void shouldConsumeNothingWhenItsAnswerWasOneTooMany() {
    // given
    backend.onOpen(socket);
    assertThat(Fakes.figure(metrics, "dragoman_connmix_backends")).isEqualTo(1);

    // when
    backend.onText(
        socket,
        Unpooled.wrappedBuffer(
            "{\"m\":\"queue.pop\",\"p\":{\"t\":[\"a\",\"b\"],\"ack\":true},\"i\":1}"
                .getBytes(UTF_8)));

    // then
    assertThat(answers).containsExactly("{\"E\":null,\"r\":{\"s\":true},\"i\":1}");
    assertThat(Fakes.figure(metrics, "dragoman_connmix_backends")).isZero();
    assertThat(Fakes.figure(metrics, "dragoman_connmix_consumptions")).isZero();
    assertThat(askedOfQueues).isEmpty();
  }
}
