// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.core.ErrorCode;
import io.dragoman.core.LogPosition;
import io.dragoman.core.Message;
import io.dragoman.core.Result;
import io.dragoman.gateway.kubemq.KubemqOptions;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SendStreamTest {
  private final FakeBroker broker = new FakeBroker();
  private final GatewayContext context =
      new GatewayContext(broker, KubemqOptions.defaults("host", "1.2.3"));
  private FakeSocket socket;

  @BeforeEach
  void open() {
    SendStream stream = new SendStream(context, context.entrance().caller());
    socket = new FakeSocket(new TestLane(), stream);
    stream.onOpen(socket);
  }

  private static String event(String id, boolean store) {
    return "{\"EventID\":\""
        + id
        + "\",\"ClientID\":\"c\",\"Channel\":\"a\",\"Metadata\":\"m\",\"Store\":"
        + store
        + "}";
  }

  private static String sent(String id) {
    return "{\"is_error\":false,\"message\":\"OK\",\"data\":{\"EventID\":\""
        + id
        + "\",\"Sent\":true},\"EventID\":\""
        + id
        + "\",\"Sent\":true}";
  }

  private static String failed(String error) {
    return "{\"is_error\":true,\"message\":\""
        + error
        + "\",\"data\":{\"Error\":\""
        + error
        + "\"},\"Error\":\""
        + error
        + "\"}";
  }

  private void complete(int append) {
    broker.logs.appends.get(append).complete(Result.ok(new LogPosition(1, 1)));
  }

  /** Large events are parsed elsewhere, and go on on the lane. */
  private void awaitAppends(int count) {
    await()
        .untilAsserted(
            () -> {
              socket.lane.runTasks();
              assertThat(broker.logs.appends).hasSize(count);
            });
  }

  @Test
  void shouldKeepOrderOfLargeAndSmallEvents() {
    broker.logs.appendsWait = true;
    String metadata = "x".repeat(LargeBodies.BYTES_MIN);
    socket.text(event("large", true).replace("\"m\"", "\"" + metadata + "\""));
    assertThat(socket.handler.working()).isTrue();
    awaitAppends(1);
    socket.text(event("small", true));
    assertThat(broker.logs.appended).extracting(Message::id).containsExactly("large", "small");
  }

  @Test
  void shouldAnswerEachEvent() {
    socket.text(event("1", false));
    socket.text("{\"EventID\":\"2\",\"ClientID\":\"c\"}");
    socket.text(event("3", true));

    assertThat(socket.texts)
        .containsExactly(
            sent("1"), failed("Error 102: invalid channel value, cannot be empty"), sent("3"));
    assertThat(broker.published).hasSize(1);
    assertThat(broker.logs.appended).hasSize(1);
  }

  @Test
  void shouldKeepOrderOfAnswers() {
    broker.logs.appendsWait = true;
    socket.text(event("1", true));
    socket.text(event("2", true));
    socket.text(event("3", false));
    socket.text("{}");
    broker.logs.appends.get(1).complete(Result.refused(ErrorCode.STORAGE_FAILED, "broken"));
    socket.lane.runTasks();
    assertThat(socket.texts).isEmpty();

    complete(0);
    socket.lane.runTasks();

    assertThat(socket.texts)
        .containsExactly(
            sent("1"),
            failed("Error 402: server persistence server is not ready"),
            sent("3"),
            failed("Error 101: invalid clientID value, cannot be empty"));
    assertThat(socket.writes).isEqualTo(1);
  }

  @Test
  void shouldNotAnswerWhatCannotBeRead() {
    socket.text("no json");
    socket.text("");
    socket.text("{\"Store\":1}");

    assertThat(socket.texts).isEmpty();
    assertThat(socket.open).isTrue();
  }

  @Test
  void shouldStopReadingWhileManyAreOnTheirWay() {
    broker.logs.appendsWait = true;
    for (int i = 0; i < 1024; i++) {
      assertThat(socket.reading).isTrue();
      socket.text(event("e", true));
    }
    assertThat(socket.reading).isFalse();

    for (int i = 0; i < 511; i++) {
      complete(i);
    }
    socket.lane.runTasks();
    assertThat(socket.reading).isFalse();
    complete(511);
    socket.lane.runTasks();

    assertThat(socket.reading).isTrue();
    assertThat(socket.texts).hasSize(512);
  }

  @Test
  void shouldStopReadingWhileMuchIsOnItsWay() {
    broker.logs.appendsWait = true;
    String metadata = "x".repeat(3 << 20);
    socket.text(event("e", true).replace("\"m\"", "\"" + metadata + "\""));
    assertThat(socket.reading).as("reading while a large event is parsed").isFalse();
    awaitAppends(1);
    assertThat(socket.reading).isTrue();
    socket.text(event("e", true).replace("\"m\"", "\"" + metadata + "\""));
    awaitAppends(2);
    assertThat(socket.reading).isFalse();

    complete(0);
    complete(1);
    socket.lane.runTasks();

    assertThat(socket.reading).isTrue();
  }

  @Test
  void shouldStopReadingWhileAnswersAreNotRead() {
    socket.pendingBytes = (1 << 20) + 1;
    socket.text(event("1", false));
    assertThat(socket.reading).isFalse();

    socket.pendingBytes = 1000;
    socket.handler.onWritable(socket);

    assertThat(socket.reading).isTrue();
  }

  @Test
  void shouldSurviveAnswersAfterClose() {
    broker.logs.appendsWait = true;
    socket.text(event("1", true));
    assertThat(context.restStats().open(Use.EVENTS_STREAM_SENDERS)).isEqualTo(1);
    socket.close(1006);

    complete(0);
    socket.lane.runTasks();

    assertThat(socket.texts).isEmpty();
    assertThat(context.restStats().open(Use.EVENTS_STREAM_SENDERS)).isZero();
  }

  // ---- large events, which are parsed elsewhere

  private static String large(String id) {
    return event(id, true).replace("\"m\"", '"' + "x".repeat(LargeBodies.BYTES_MIN) + '"');
  }

  private void awaitParsed() {
    await().until(socket.lane::hasTasks);
    socket.lane.runTasks();
  }

  @Test
  void shouldForgetLargeEventOfClientThatLeft() {
    BusyParsers busy = new BusyParsers(context.largeBodies());
    ByteBuf payload = socket.deliver(large("1"));
    assertThat(payload.refCnt()).as("references while it waits").isOne();

    socket.close(1006);

    assertThat(payload.refCnt()).as("references to what nobody wants").isZero();
    busy.end();
  }

  @Test
  void shouldNotSendLargeEventWhenSocketIsClosing() {
    socket.deliver(large("1"));
    socket.open = false;

    awaitParsed();

    assertThat(broker.logs.appended).isEmpty();
    assertThat(socket.handler.working()).isFalse();
  }

  @Test
  void shouldReadOnAfterLargeEventThatCannotBeRead() {
    socket.deliver(large("1").replace("true", "1"));
    awaitParsed();
    assertThat(socket.reading).isTrue();
    assertThat(socket.handler.working()).isFalse();
    assertThat(socket.texts).isEmpty();
  }

  @Test
  void shouldCloseAfterFaultWithLargeEvent() {
    broker.logs.appendThrows = true;
    socket.deliver(large("1"));

    awaitParsed();

    assertThat(socket.closeCode).isEqualTo(1011);
  }
}
