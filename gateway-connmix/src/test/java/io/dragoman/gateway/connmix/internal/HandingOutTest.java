// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import static io.dragoman.gateway.connmix.internal.Fakes.fake;
import static io.dragoman.gateway.connmix.internal.Fakes.values;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Call;
import io.dragoman.core.Delivery;
import io.dragoman.core.Lane;
import io.dragoman.core.Message;
import io.dragoman.core.Metrics;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.Queues;
import io.dragoman.core.Receipt;
import io.dragoman.core.ReceiveOptions;
import io.dragoman.core.Received;
import io.dragoman.core.Result;
import io.dragoman.core.Settled;
import io.dragoman.core.Settlement;
import io.dragoman.security.RateLimiter;
import io.dragoman.transport.WebSocket;
import io.dragoman.transport.WriteCounter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of messages whose way to a backend ends, or is blocked, at a certain point. */
class HandingOutTest {
  private static final int MIB = 1 << 20;
  private static final int HELD_MAX = 64 * MIB;

  /** A receive that waits. */
  private record Asked(ReceiveOptions options, CompletableFuture<Result<Received>> result) {

    void give(List<Delivery> deliveries) {
      int bytes = deliveries.stream().mapToInt(each -> each.message().message().weight()).sum();
      assertThat(options.room().take(bytes)).isPositive();
      result.complete(Result.ok(new Received(deliveries, 0)));
    }
  }

  /** A write whose end is not told yet. */
  private record Written(int bytes, WriteCounter counter) {}

  private final List<Asked> asked = new ArrayList<>();
  private final List<String> settled = new ArrayList<>();
  private final List<Written> written = new ArrayList<>();
  private final Metrics metrics = new Metrics();
  private long pendingBytes;

  private final Queues queues =
      fake(
          Queues.class,
          (proxy, method, arguments) ->
              switch (method.getName()) {
                case "receive" -> receive((ReceiveOptions) arguments[1]);
                case "settle" -> settle((List<?>) arguments[0], (Settlement) arguments[1]);
                default -> throw new AssertionError(method + " is not expected");
              });

  private final GatewayContext context = Fakes.context(metrics, new RateLimiter(metrics), queues);

  private final WebSocket socket =
      fake(
          WebSocket.class,
          (proxy, method, arguments) ->
              switch (method.getName()) {
                case "writeFramesCounted" -> {
                  ByteBuf frames = (ByteBuf) arguments[0];
                  written.add(new Written(frames.readableBytes(), (WriteCounter) arguments[1]));
                  frames.release();
                  yield null;
                }
                case "flushSoon" -> null;
                case "open" -> true;
                case "pendingBytes" -> pendingBytes;
                case "allocator" -> UnpooledByteBufAllocator.DEFAULT;
                case "lane" -> fake(Lane.class, values(Map.of("inLane", true)));
                default -> throw new AssertionError(method + " is not expected");
              });

  private Call<Received> receive(ReceiveOptions options) {
    CompletableFuture<Result<Received>> result = new CompletableFuture<>();
    asked.add(new Asked(options, result));
    return new Call<>() {
      @Override
      public CompletableFuture<Result<Received>> result() {
        return result;
      }

      @Override
      public void cancel() {
        result.complete(Result.ok(new Received(List.of(), 0)));
      }
    };
  }

  private CompletableFuture<Result<List<Settled>>> settle(List<?> receipts, Settlement settlement) {
    String what =
        settlement.equals(Settlement.ACK)
            ? "done "
            : settlement.equals(Settlement.PUT_BACK) ? "back " : settlement + " ";
    receipts.forEach(each -> settled.add(what + ((Receipt) each).token()[0]));
    return CompletableFuture.completedFuture(Result.ok(List.of()));
  }

  private static Delivery delivery(int number, int bytes) {
    Message message = Message.builder().channel("q").clientId("1").body(new byte[bytes]).build();
    return new Delivery(
        Receipt.of(new byte[] {(byte) number}),
        new QueueMessage(message, QueuePolicy.NONE, number, 1, 1, "", 0, 0));
  }

  private Consumption started() {
    Consumption consumption = new Consumption(context, "q", socket, null);
    consumption.next();
    return consumption;
  }

  private double held() {
    return Fakes.figure(metrics, "dragoman_connmix_held_bytes");
  }

  static Stream<Arguments> beginnings() {
    return Stream.of(
        Arguments.of(0, 0, 0),
        Arguments.of(1, -1, 0),
        Arguments.of(1, 0, 1),
        Arguments.of(1, 1, 1),
        Arguments.of(2, 1, 2),
        Arguments.of(3, -1, 2),
        Arguments.of(3, 0, 3));
  }

  /** A backend may have handled what it had, and cannot have handled a part of an event. */
  @ParameterizedTest
  @MethodSource("beginnings")
  void shouldTakeForDoneWhatHasLeftAsAWhole(int events, int bytes, int done) {
    // given
    started();
    asked.get(0).give(IntStream.rangeClosed(1, 3).mapToObj(each -> delivery(each, 100)).toList());
    int event = written.get(0).bytes / 3;
    assertThat(written).hasSize(1);
    assertThat(settled).isEmpty();

    // when
    written.get(0).counter.written((long) events * event + bytes);

    // then
    assertThat(settled)
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, 3)
                .mapToObj(each -> (each <= done ? "done " : "back ") + each)
                .toList());
  }

  @Test
  void shouldHoldForAllBackendsNoMoreThanTheBoundAndOneMessage() {
    // given many topics that wait, and backends that stop reading
    int topics = 100;
    List<Consumption> all = IntStream.range(0, topics).mapToObj(each -> started()).toList();
    List<Asked> waiting = List.copyOf(asked);
    asked.clear();
    pendingBytes = 2L * MIB;
    int weight = delivery(1, MIB).message().message().weight();
    // The one with which the bound is passed does not count itself.
    int fit = HELD_MAX / weight + 1;

    // when each gets a large message
    for (int i = 0; i < topics; i++) {
      waiting.get(i).give(List.of(delivery(i, MIB)));
    }

    // then what fits stays, the others go back and are not asked for
    assertThat(settled)
        .containsExactlyElementsOf(
            IntStream.range(fit, topics).mapToObj(each -> "back " + each).toList());
    assertThat(held()).isEqualTo((double) fit * weight);
    assertThat(asked).isEmpty();

    // when they read again
    pendingBytes = 0;
    all.forEach(Consumption::onRoom);

    // then
    assertThat(written).hasSize(fit);
    assertThat(held()).isZero();
    assertThat(asked).hasSize(topics);
  }

  @Test
  void shouldGiveBackTheRoomOfWhatItHoldsAtTheEnd() {
    // given
    Consumption consumption = started();
    pendingBytes = 2L * MIB;
    asked.get(0).give(List.of(delivery(1, MIB)));
    assertThat(held()).isPositive();

    // when
    consumption.close();

    // then
    assertThat(settled).containsExactly("back 1");
    assertThat(held()).isZero();
  }
}
