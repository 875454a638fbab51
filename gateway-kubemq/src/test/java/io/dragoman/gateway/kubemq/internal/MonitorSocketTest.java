// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.core.Kind;
import io.dragoman.core.Message;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.Response;
import io.dragoman.core.Result;
import io.dragoman.gateway.kubemq.KubemqOptions;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What a monitor holds whose lane is busy. */
class MonitorSocketTest {
  private static final byte[] NO_SPAN = {};
  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;
  private static final int BYTES_MAX = 4 * MIB;

  private final FakeBroker broker = new FakeBroker();
  private final GatewayContext context =
      new GatewayContext(broker, KubemqOptions.defaults("host", "1.2.3"));
  private final TestLane lane = new TestLane();

  @Test
  void shouldHandOverQueueMessagesUpToABoundInBytesAndCountTheRest() {
    // given
    FakeSocket socket = started(Kind.QUEUE);

    // when
    for (int i = 0; i < 100; i++) {
      enter(new byte[200 * KIB]);
    }
    int shown = shownBy(socket);

    // then
    assertThat(shown).isBetween(10, BYTES_MAX / (200 * KIB));
    assertThat(context.monitorDropped().value()).isEqualTo(100 - shown);

    // when the lane has caught up
    enter(new byte[200 * KIB]);

    // then
    assertThat(shownBy(socket)).isEqualTo(1);
  }

  @Test
  void shouldHandOverQueueMessagesUpToABoundInNumber() {
    // given
    FakeSocket socket = started(Kind.QUEUE);

    // when
    for (int i = 0; i < 2_000; i++) {
      enter(new byte[1]);
    }

    // then
    assertThat(shownBy(socket)).isEqualTo(1024);
    assertThat(context.monitorDropped().value()).isEqualTo(2_000 - 1024);
  }

  @Test
  void shouldHandOverRequestsAndAnswersUpToABoundInBytes() {
    // given
    FakeSocket socket = started(Kind.QUERY);

    // when
    for (int i = 0; i < 50; i++) {
      ask(new byte[200 * KIB], new byte[200 * KIB]);
    }
    int shown = shownBy(socket);

    // then
    assertThat(shown).isBetween(10, BYTES_MAX / (200 * KIB));
    assertThat(context.monitorDropped().value()).isEqualTo(100 - shown);
  }

  @Test
  void shouldNotHoldLargeBodiesOfWhichItShowsTheSize() {
    // given
    FakeSocket queue = started(Kind.QUEUE);
    FakeSocket queries = started(Kind.QUERY);
    List<WeakReference<byte[]>> bodies = new ArrayList<>();

    // when
    for (int i = 0; i < 20; i++) {
      bodies.add(withBody(this::enter));
      bodies.add(withBody(body -> ask(body, new byte[1])));
      bodies.add(withBody(body -> ask(new byte[1], body)));
    }

    // then
    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(bodies).allMatch(body -> body.get() == null);
            });
    lane.runTasks();
    assertThat(queue.texts).hasSize(20);
    assertThat(queue.last()).contains("\"body\": \"(" + 2 * MIB + " bytes)\"");
    assertThat(queries.texts).hasSize(80);
    assertThat(queries.last()).contains("\"body\": \"(" + 2 * MIB + " bytes)\"");
    assertThat(context.monitorDropped().value()).isZero();
  }

  /** Apart, so that no variable of the test holds the body. */
  private static WeakReference<byte[]> withBody(Consumer<byte[]> use) {
    byte[] body = new byte[2 * MIB];
    use.accept(body);
    return new WeakReference<>(body);
  }

  private FakeSocket started(Kind kind) {
    MonitorSocket monitor = new MonitorSocket(context, kind, "a", MonitorFrames.FOR_PEOPLE, lane);
    FakeSocket socket = new FakeSocket(lane, monitor);
    monitor.onOpen(socket);
    socket.text("start");
    assertThat(socket.last()).endsWith("connected.");
    socket.texts.clear();
    return socket;
  }

  private int shownBy(FakeSocket socket) {
    int before = socket.texts.size();
    lane.runTasks();
    return socket.texts.size() - before;
  }

  private void enter(byte[] body) {
    broker.queues.watcher.onEntered(
        new QueueMessage(message(body), QueuePolicy.NONE, 1, 1, 0, "", 0, 0));
  }

  private void ask(byte[] request, byte[] answer) {
    context
        .requestSender()
        .monitors()
        .show(
            new Inputs.Request(message(request), 2, 1000, "", 0, NO_SPAN),
            CompletableFuture.completedFuture(
                Result.ok(new Response(message(answer), 0, true, "", false, NO_SPAN))));
  }

  private static Message message(byte[] body) {
    return Message.builder().id("id").channel("a").body(body).build();
  }
}
