// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.core.Delivery;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Lane;
import io.dragoman.core.Message;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.Receipt;
import io.dragoman.core.ReceiveOptions;
import io.dragoman.core.Received;
import io.dragoman.core.Result;
import io.dragoman.core.Settled;
import io.dragoman.core.Settlement;
import io.dragoman.gateway.kubemq.KubemqOptions;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueueStreamTest {
  private static final String RECEIVE =
      "{\"RequestID\":\"r1\",\"ClientID\":\"c\",\"StreamRequestTypeData\":1,\"Channel\":\"q\","
          + "\"VisibilitySeconds\":5,\"WaitTimeSeconds\":10}";

  private final FakeBroker broker = new FakeBroker();
  private final TestTimers timers = new TestTimers();
  private final GatewayContext context =
      new GatewayContext(broker, KubemqOptions.defaults("host", "1.2.3"), timers);
  private FakeSocket socket;

  /** Keeps the latest timer, for the test to run. */
  private static final class TestTimers implements Timers {
    private long nanos;
    private Runnable task = () -> {};
    private boolean cancelled;

    @Override
    public Timer after(long time, Lane lane, Runnable due) {
      nanos = time;
      task = due;
      cancelled = false;
      return () -> cancelled = true;
    }
  }

  @BeforeEach
  void open() {
    QueueStream stream = new QueueStream(context, context.entrance().caller());
    socket = new FakeSocket(new TestLane(), stream);
    stream.onOpen(socket);
  }

  private static String request(String id, int type, String more) {
    return "{\"RequestID\":\""
        + id
        + "\",\"ClientID\":\"c\",\"StreamRequestTypeData\":"
        + type
        + more
        + "}";
  }

  private static Received message(long sequence) {
    Message message = Message.builder().id("m").channel("q").metadata("x").build();
    QueueMessage queued = new QueueMessage(message, QueuePolicy.NONE, sequence, 3, 1, "", 0, 0);
    return new Received(List.of(new Delivery(Receipt.of(new byte[] {1}), queued)), 0);
  }

  private void receiveOne() {
    socket.text(RECEIVE);
    broker.queues.receive.ok(message(7));
  }

  private void assertReply(String id, int type, KubemqError error) {
    assertThat(socket.last())
        .isEqualTo(
            "{\"RequestID\":\""
                + id
                + "\",\"StreamRequestTypeData\":"
                + type
                + (error == null
                    ? ""
                    : ",\"IsError\":true,\"Error\":\"" + error.text().replace("\"", "\\\"") + "\"")
                + "}");
  }

  private void assertEnded() {
    assertThat(socket.closeCode).isEqualTo(1000);
    assertThat(timers.cancelled || timers.nanos == 0).isTrue();
  }

  @Test
  void shouldReceiveAndAcknowledge() {
    receiveOne();

    assertThat(broker.queues.receiveOptions)
        .isEqualTo(new ReceiveOptions(1, 10_000_000_000L, 5_000_000_000L));
    assertThat(timers.nanos).isEqualTo(5_000_000_000L);
    assertThat(socket.last())
        .isEqualTo(
            "{\"RequestID\":\"r1\",\"StreamRequestTypeData\":1,\"Message\":{\"MessageID\":\"m\","
                + "\"Channel\":\"q\",\"Metadata\":\"x\",\"Attributes\":{\"Timestamp\":3,"
                + "\"Sequence\":7,\"MD5OfBody\":\"d41d8cd98f00b204e9800998ecf8427e\","
                + "\"ReceiveCount\":1},\"Policy\":{}}}");

    socket.text(request("r2", 2, ",\"RefSequence\":7"));

    assertReply("r2", 2, null);
    assertThat(broker.queues.settlements).containsExactly(Settlement.ACK);
    assertEnded();
    socket.close(1000);
    assertThat(broker.queues.settlements).hasSize(1);
    assertThat(context.restStats().open(Use.QUEUE_RECEIVERS)).isZero();
  }

  @Test
  void shouldReject() {
    receiveOne();
    socket.text(request("r2", 3, ",\"RefSequence\":7"));

    assertReply("r2", 3, null);
    assertThat(broker.queues.settlements).containsExactly(Settlement.NACK);
    assertEnded();
  }

  @Test
  void shouldExtendVisibilityAndContinue() {
    receiveOne();
    Runnable first = timers.task;
    socket.text(request("r2", 4, ",\"VisibilitySeconds\":30"));

    assertReply("r2", 4, null);
    assertThat(broker.queues.settlements).containsExactly(new Settlement.Extend(30_000_000_000L));
    assertThat(timers.nanos).isEqualTo(30_000_000_000L);
    assertThat(socket.open).isTrue();

    first.run();
    assertThat(broker.queues.settlements).hasSize(1);
    timers.task.run();
    assertReply("r2", 4, KubemqError.VISIBILITY_EXPIRED);
  }

  @Test
  void shouldResendToAnotherQueue() {
    receiveOne();
    socket.text(request("r2", 5, ",\"Channel\":\"other\""));

    assertReply("r2", 5, null);
    assertThat(broker.queues.settlements).containsExactly(new Settlement.MoveTo("other"));
    assertEnded();
  }

  @Test
  void shouldSendModifiedMessage() {
    receiveOne();
    socket.text(
        request(
            "r2",
            6,
            ",\"ModifiedMessage\":{\"MessageID\":\"n\",\"ClientID\":\"c\",\"Channel\":\"p\","
                + "\"Metadata\":\"y\"}"));

    assertReply("r2", 6, null);
    assertThat(broker.queues.settlements).hasSize(1);
    Settlement.Replace replace = (Settlement.Replace) broker.queues.settlements.get(0);
    assertThat(replace.replacement().message().channel()).isEqualTo("p");
    assertThat(replace.replacement().policy().maxReceiveCount()).isEqualTo(1024);
    assertEnded();
  }

  @ParameterizedTest
  @CsvSource({
    "2, ',\"RefSequence\":1', NOTHING_TO_ACK",
    "3, ',\"RefSequence\":1', NOTHING_TO_REJECT",
    "4, ',\"VisibilitySeconds\":1', NOTHING_TO_ACK",
    "5, ',\"Channel\":\"a\"', NOTHING_TO_SEND",
    "6, ',\"ModifiedMessage\":{\"ClientID\":\"c\",\"Channel\":\"a\",\"Metadata\":\"b\"}',"
        + " NOTHING_TO_ACK"
  })
  void shouldRefuseWhatNeedsMessage(int type, String more, KubemqError error) {
    socket.text(request("r0", type, more));
    assertReply("r0", type, error);

    socket.text(RECEIVE);
    socket.text(request("r2", type, more));
    assertReply("r2", type, error);
    assertThat(socket.open).isTrue();

    broker.queues.receive.ok(message(7));
    assertThat(socket.last()).contains("\"Message\"");
  }

  @Test
  void shouldRefuseWrongSequenceAndStay() {
    receiveOne();
    socket.text(request("r2", 2, ",\"RefSequence\":8"));
    assertReply("r2", 2, KubemqError.ACK_SEQUENCE);
    socket.text(request("r3", 3, ",\"RefSequence\":8"));
    assertReply("r3", 3, KubemqError.ACK_SEQUENCE);
    socket.text(request("r4", 2, ""));
    assertReply("r4", 2, KubemqError.ACK_SEQUENCE);

    socket.text(request("r5", 2, ",\"RefSequence\":7"));

    assertReply("r5", 2, null);
  }

  @Test
  void shouldRefuseSecondReceive() {
    socket.text(RECEIVE);
    socket.text(RECEIVE.replace("r1", "r2"));
    assertReply("r2", 1, KubemqError.ALREADY_RECEIVING);
    broker.queues.receive.ok(message(7));
    socket.text(RECEIVE.replace("r1", "r3"));
    assertReply("r3", 1, KubemqError.ALREADY_RECEIVING);

    socket.text(request("r4", 2, ",\"RefSequence\":7"));

    assertReply("r4", 2, null);
  }

  @Test
  void shouldEndWhenThereIsNoMessage() {
    socket.text(RECEIVE);
    broker.queues.receive.ok(new Received(List.of(), 0));

    assertReply("r1", 1, KubemqError.NO_NEW_MESSAGE);
    assertEnded();
  }

  @Test
  void shouldEndWhenReceiveIsRefused() {
    socket.text(RECEIVE);
    broker.queues.receive.stage.complete(Result.refused(ErrorCode.SHUTTING_DOWN, "stopping"));

    assertReply("r1", 1, KubemqError.SHUTTING_DOWN);
    assertEnded();
  }

  @Test
  void shouldEndWhenVisibilityIsOver() {
    receiveOne();
    timers.task.run();

    assertReply("r1", 1, KubemqError.VISIBILITY_EXPIRED);
    assertThat(broker.queues.settlements).containsExactly(Settlement.NACK);
    assertEnded();
  }

  @Test
  void shouldNoticeLeaseThatEndedFirst() {
    receiveOne();
    broker.queues.settled = FakeQueues.settled(Settled.STALE);

    socket.text(request("r2", 2, ",\"RefSequence\":7"));

    assertReply("r2", 2, KubemqError.VISIBILITY_EXPIRED);
    assertEnded();
  }

  @Test
  void shouldStayWhenSettlingIsRefused() {
    receiveOne();
    broker.queues.settled =
        CompletableFuture.completedFuture(Result.refused(ErrorCode.INVALID_NAME, "bad"));
    socket.text(request("r2", 5, ",\"Channel\":\"p\""));
    assertReply("r2", 5, KubemqError.QUEUE_SEND_FAILED);
    socket.text(request("r3", 2, ",\"RefSequence\":7"));
    assertReply("r3", 2, KubemqError.ACK_FAILED);

    broker.queues.settled = FakeQueues.settled(Settled.DONE);
    socket.text(request("r4", 2, ",\"RefSequence\":7"));

    assertReply("r4", 2, null);
  }

  @Test
  void shouldNotReadWhileSettling() {
    receiveOne();
    broker.queues.settled = new CompletableFuture<>();
    socket.text(request("r2", 2, ",\"RefSequence\":7"));
    assertThat(socket.reading).isFalse();
    timers.task.run();

    broker.queues.settled.complete(Result.ok(List.of(Settled.DONE)));

    assertThat(socket.reading).isTrue();
    assertReply("r2", 2, null);
    assertThat(broker.queues.settlements).containsExactly(Settlement.ACK);
  }

  @Test
  void shouldExpireAfterSettlingThatWasRefused() {
    receiveOne();
    CompletableFuture<Result<List<Settled>>> settling = new CompletableFuture<>();
    broker.queues.settled = settling;
    socket.text(request("r2", 2, ",\"RefSequence\":7"));
    timers.task.run();
    broker.queues.settled = FakeQueues.settled(Settled.STALE);

    settling.complete(Result.refused(ErrorCode.OVERLOADED, "busy"));

    assertReply("r2", 2, KubemqError.VISIBILITY_EXPIRED);
    assertEnded();
  }

  @Test
  void shouldGiveMessageBackWhenClientGoesAway() {
    receiveOne();
    socket.close(1006);

    assertThat(broker.queues.settlements).containsExactly(Settlement.NACK);
    assertThat(timers.cancelled).isTrue();
  }

  @Test
  void shouldReleaseMessageWhenServerStops() {
    receiveOne();
    context.accepting(false);
    socket.close(1001);

    assertThat(broker.queues.settlements).containsExactly(Settlement.RELEASE);
  }

  @Test
  void shouldCancelReceiveWhenClientGoesAway() {
    socket.text(RECEIVE);
    socket.close(1006);

    assertThat(broker.queues.receive.cancelled()).isTrue();
    assertThat(broker.queues.settlements).isEmpty();
  }

  @Test
  void shouldReleaseMessageThatComesTooLate() {
    QueueTransaction transaction =
        new QueueTransaction(
            context,
            context.entrance().caller(),
            context.restStats(),
            socket.lane,
            new QueueStream(context, context.entrance().caller()));
    transaction.request(
        new Inputs.StreamRequest("r1", "c", QueueTransaction.RECEIVE, "q", 5, 10, 0, null));
    FakeCall<Received> call = broker.queues.receive;
    call.cancellable = false;

    transaction.disconnected();
    call.ok(message(7));

    assertThat(broker.queues.settlements).containsExactly(Settlement.RELEASE);
  }

  @Test
  void shouldIgnoreMalformedFrames() {
    socket.text("not json");
    socket.text("{\"ClientID\":5}");

    assertThat(socket.texts).isEmpty();
    assertThat(socket.open).isTrue();
  }

  @Test
  void shouldCheckRequests() {
    socket.text("{\"RequestID\":\"r\",\"StreamRequestTypeData\":9,\"ClientID\":\"c\"}");
    assertReply("r", 9, KubemqError.STREAM_REQUEST_TYPE);
    socket.text("{}");
    assertThat(socket.last())
        .isEqualTo(
            "{\"IsError\":true,\"Error\":\"Error 101: invalid clientID value, cannot be empty\"}");
  }

  // ---- large requests, which are parsed elsewhere

  private static String large(String id, int type, String more) {
    return request(id, type, more + ",\"Metadata\":\"" + "x".repeat(LargeBodies.BYTES_MIN) + '"');
  }

  private void awaitParsed() {
    await().until(socket.lane::hasTasks);
    socket.lane.runTasks();
  }

  @Test
  void shouldTakeLargeRequest() {
    receiveOne();
    socket.deliver(large("r2", 2, ",\"RefSequence\":7"));
    assertThat(socket.reading).isFalse();
    assertThat(socket.handler.working()).isTrue();

    awaitParsed();

    assertReply("r2", 2, null);
    assertThat(broker.queues.settlements).containsExactly(Settlement.ACK);
  }

  @Test
  void shouldReadOnAfterLargeRequestThatCannotBeRead() {
    socket.deliver(large("r2", 2, ",\"RefSequence\":\"\""));
    awaitParsed();
    assertThat(socket.reading).isTrue();
    assertThat(socket.handler.working()).isFalse();
  }

  @Test
  void shouldAnswerOnceWhenVisibilityEndsWhileLargeRequestIsParsed() {
    receiveOne();
    CompletableFuture<Result<List<Settled>>> returning = new CompletableFuture<>();
    broker.queues.settled = returning;
    socket.deliver(large("r2", 2, ",\"RefSequence\":7"));
    timers.task.run();
    awaitParsed();
    assertThat(socket.texts).as("answers while the message is given back").hasSize(1);
    assertThat(socket.reading).isFalse();

    returning.complete(Result.ok(List.of(Settled.DONE)));
    socket.lane.runTasks();

    assertThat(socket.texts).as("answers").hasSize(2);
    assertReply("r1", 1, KubemqError.VISIBILITY_EXPIRED);
    assertThat(broker.queues.settlements).containsExactly(Settlement.NACK);
    assertThat(socket.handler.working()).isFalse();
    assertEnded();
  }

  @Test
  void shouldForgetLargeRequestOfClientThatLeft() {
    BusyParsers busy = new BusyParsers(context.largeBodies());
    ByteBuf payload = socket.deliver(large("r2", 2, ",\"RefSequence\":7"));
    assertThat(payload.refCnt()).as("references while it waits").isOne();

    socket.close(1006);

    assertThat(payload.refCnt()).as("references to what nobody wants").isZero();
    busy.end();
  }

  @Test
  void shouldNotActOnLargeRequestWhenSocketIsClosing() {
    receiveOne();
    socket.deliver(large("r2", 2, ",\"RefSequence\":7"));
    socket.open = false;

    awaitParsed();

    assertThat(broker.queues.settlements).isEmpty();
  }

  @Test
  void shouldCloseAfterFaultWithLargeRequest() {
    receiveOne();
    broker.queues.settleThrows = true;
    socket.deliver(large("r2", 2, ",\"RefSequence\":7"));

    awaitParsed();

    assertThat(socket.closeCode).isEqualTo(1011);
  }
}
