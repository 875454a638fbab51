// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Delivery;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Message;
import io.dragoman.core.Metrics;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.Receipt;
import io.dragoman.core.Received;
import io.dragoman.core.Result;
import io.dragoman.core.Settled;
import io.dragoman.core.Settlement;
import io.dragoman.gateway.kubemq.KubemqOptions;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequest;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequestType;
import io.dragoman.kubemq.protocol.QueuesDownstreamResponse;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** A request about a transaction of another stream, and what may happen while it is on its way. */
class GrpcDownstreamTest {
  private static final String NOT_FOUND = "transaction is completed or transaction id not found";

  private final FakeBroker broker = new FakeBroker();
  private final GatewayContext context =
      new GatewayContext(broker, KubemqOptions.defaults("host", "1.2.3"));
  private final GrpcStreams streams = new GrpcStreams();
  private final PollAnswers budget = new PollAnswers(broker.metrics());
  private final OpenTransactions transactions = new OpenTransactions(broker.metrics());

  private final Stream owner = new Stream();
  private final Stream asker = new Stream();

  /** One stream, on a lane of its own. */
  private final class Stream {
    final TestLane lane = new TestLane();
    final FakeDownstream client = new FakeDownstream();
    final GrpcDownstream served;

    Stream() {
      lane.isElsewhere = true;
      served = new GrpcDownstream(context, lane, client, streams, budget, transactions);
    }

    QueuesDownstreamResponse last() {
      return client.said.get(client.said.size() - 1);
    }

    String poll(long... sequences) {
      broker.queues.receive = new FakeCall<>();
      served.onNext(
          request(QueuesDownstreamRequestType.Get)
              .setChannel("queue")
              .setMaxItems(sequences.length)
              .build());
      broker.queues.receive.ok(
          new Received(
              LongStream.of(sequences).mapToObj(GrpcDownstreamTest::delivery).toList(), 0));
      lane.runTasks();
      client.read();
      return last().getTransactionId();
    }

    void ask(String transaction, QueuesDownstreamRequestType type) {
      served.onNext(request(type).setRefTransactionId(transaction).build());
    }
  }

  private static QueuesDownstreamRequest.Builder request(QueuesDownstreamRequestType type) {
    return QueuesDownstreamRequest.newBuilder()
        .setRequestID("request")
        .setClientID("client")
        .setRequestTypeData(type);
  }

  static Delivery delivery(long sequence) {
    Message message = Message.builder().id("m" + sequence).clientId("c").channel("queue").build();
    return new Delivery(
        Receipt.of(new byte[] {(byte) sequence}),
        new QueueMessage(message, new QueuePolicy(0, 0, 0, ""), sequence, 1, 1, "", 0, 0));
  }

  private CompletableFuture<Result<List<Settled>>> slowDisk() {
    broker.queues.settled = new CompletableFuture<>();
    return broker.queues.settled;
  }

  private static Result<List<Settled>> done() {
    return FakeQueues.settled(Settled.DONE).join();
  }

  private double open() {
    return broker.metrics().families().stream()
        .filter(family -> family.name().equals("dragoman_poll_transactions"))
        .flatMap(family -> family.instruments().values().stream())
        .mapToDouble(gauge -> ((Metrics.Gauge) gauge).value())
        .sum();
  }

  @Test
  void shouldKnowWhatIsOpen() {
    // given
    String first = owner.poll(1);
    asker.poll(2);
    assertThat(open()).isEqualTo(2);

    // when, then
    owner.ask(first, QueuesDownstreamRequestType.AckAll);
    owner.lane.runTasks();
    assertThat(open()).isEqualTo(1);
    asker.served.onCompleted();
    assertThat(open()).isZero();
  }

  @Test
  void shouldEndAHalfClosedStreamOnlyWhenItsRequestIsDone() {
    // given
    String transaction = owner.poll(1);
    CompletableFuture<Result<List<Settled>>> disk = slowDisk();

    // when
    asker.ask(transaction, QueuesDownstreamRequestType.AckAll);
    asker.served.onCompleted();

    // then it has not ended: on the way, on the way to the disk, and on the way back
    assertThat(broker.queues.settlements).isEmpty();
    owner.lane.runTasks();
    assertThat(broker.queues.settlements).containsExactly(Settlement.ACK);
    asker.lane.runTasks();
    disk.complete(done());
    owner.lane.runTasks();
    assertThat(asker.client.end).isNull();

    asker.lane.runTasks();
    assertThat(asker.client.end).isEqualTo(Status.OK);
    assertThat(asker.client.said).isEmpty();
  }

  @Test
  void shouldDoWhatIsAskedInTheOrderOfTheOtherStream() {
    // given
    String transaction = owner.poll(1, 2);

    // when the request has come, and the owner's next one before its turn
    asker.ask(transaction, QueuesDownstreamRequestType.NAckAll);
    owner.ask(transaction, QueuesDownstreamRequestType.AckAll);
    owner.lane.runTasks();
    asker.lane.runTasks();

    // then
    assertThat(broker.queues.settlements).containsExactly(Settlement.ACK);
    assertThat(asker.last().getError()).isNotEmpty();
  }

  @Test
  void shouldNotKnowATransactionWhoseStreamEndsWhileTheRequestIsOnItsWay() {
    // given
    String transaction = owner.poll(1);
    asker.ask(transaction, QueuesDownstreamRequestType.AckAll);
    asker.served.onCompleted();

    // when
    owner.client.cancel();
    owner.lane.runTasks();
    asker.lane.runTasks();

    // then the message is back in its queue, and whoever asked knows
    assertThat(broker.queues.settlements).containsExactly(Settlement.RELEASE);
    assertThat(asker.last().getError()).isEqualTo(NOT_FOUND);
    asker.client.read();
    assertThat(asker.client.end).isEqualTo(Status.OK);
    assertThat(open()).isZero();
  }

  @Test
  void shouldFinishWhatWasBegunWhenTheOtherStreamEnds() {
    // given
    String transaction = owner.poll(1);
    CompletableFuture<Result<List<Settled>>> disk = slowDisk();
    asker.ask(transaction, QueuesDownstreamRequestType.AckAll);
    asker.served.onCompleted();
    owner.lane.runTasks();

    // when
    owner.client.cancel();
    disk.complete(done());
    owner.lane.runTasks();
    asker.lane.runTasks();

    // then
    assertThat(broker.queues.settlements).containsExactly(Settlement.ACK);
    assertThat(asker.client.said).isEmpty();
    assertThat(asker.client.end).isEqualTo(Status.OK);
    assertThat(open()).isZero();
  }

  @Test
  void shouldTellThatTheDiskFailedAlsoAfterTheOtherStream() {
    // given
    String transaction = owner.poll(1);
    CompletableFuture<Result<List<Settled>>> disk = slowDisk();
    asker.ask(transaction, QueuesDownstreamRequestType.AckAll);
    owner.lane.runTasks();

    // when
    owner.client.cancel();
    disk.complete(Result.refused(ErrorCode.CORRUPT, "a disk (on purpose)"));
    owner.lane.runTasks();
    asker.lane.runTasks();

    // then
    assertThat(broker.queues.settlements).containsExactly(Settlement.ACK, Settlement.RELEASE);
    assertThat(asker.last().getError()).isEqualTo("a disk (on purpose)");
  }

  @Test
  void shouldDoWhatAStreamAskedThatHasEnded() {
    // given
    String transaction = owner.poll(1);
    asker.ask(transaction, QueuesDownstreamRequestType.AckAll);

    // when
    asker.client.cancel();
    owner.lane.runTasks();
    asker.lane.runTasks();

    // then
    assertThat(broker.queues.settlements).containsExactly(Settlement.ACK);
    assertThat(asker.client.said).isEmpty();
    assertThat(owner.last().getTransactionComplete()).isTrue();
    assertThat(open()).isZero();
  }

  @Test
  void shouldEndBothWhenTheBrokerLeaves() {
    // given
    String transaction = owner.poll(1);
    CompletableFuture<Result<List<Settled>>> disk = slowDisk();
    asker.ask(transaction, QueuesDownstreamRequestType.AckAll);
    owner.lane.runTasks();

    // when
    streams.drain();
    owner.lane.runTasks();
    asker.lane.runTasks();
    assertThat(owner.client.end).isNull();
    assertThat(asker.client.end).isNull();
    disk.complete(done());
    owner.lane.runTasks();
    asker.lane.runTasks();
    owner.client.read();

    // then
    assertThat(owner.client.end).satisfies(GrpcDownstreamTest::isLeaving);
    assertThat(asker.client.end).satisfies(GrpcDownstreamTest::isLeaving);
  }

  private static void isLeaving(Status end) {
    assertThat(end.getDescription()).isEqualTo(GrpcErrors.LEAVING.getDescription());
  }

  @Test
  void shouldAnswerWhenTheBrokerIsAtFault() {
    // given
    String transaction = owner.poll(1);
    broker.queues.settleThrows = true;

    // when
    asker.ask(transaction, QueuesDownstreamRequestType.AckAll);
    asker.served.onCompleted();
    owner.lane.runTasks();
    asker.lane.runTasks();
    asker.client.read();

    // then
    assertThat(asker.last().getError()).isEqualTo("internal error");
    assertThat(asker.client.end).isEqualTo(Status.OK);
    assertThat(open()).isZero();
  }

  @Test
  void shouldReadNoMoreWhileTooMuchIsAway() {
    // given
    String transaction = owner.poll(1);

    // when
    for (int i = 0; i < 1000; i++) {
      asker.ask(transaction, QueuesDownstreamRequestType.TransactionStatus);
    }
    assertThat(asker.client.requested).isEqualTo(1000);

    // then it goes on when something has come back
    owner.lane.runTasks();
    asker.lane.runTasks();
    assertThat(asker.client.said).hasSize(1000);
    assertThat(asker.client.requested).isEqualTo(1001);
  }

  @Test
  void shouldReadNoMoreWhileALongAnswerIsToCome() {
    // given
    String transaction = owner.poll(1);

    // when
    asker.ask(transaction, QueuesDownstreamRequestType.ActiveOffsets);
    assertThat(asker.client.requested).isEqualTo(1);

    // then
    owner.lane.runTasks();
    asker.lane.runTasks();
    assertThat(asker.last().getActiveOffsetsList()).containsExactly(1L);
    assertThat(asker.client.requested).isEqualTo(2);
  }

  @Test
  void shouldNotPileUpWhatAClientDoesNotReadBecauseOfOthers() {
    // given a client that reads no more
    List<String> polled = new ArrayList<>();
    for (int i = 0; i < 26_000; i++) {
      polled.add(owner.poll(i));
      broker.queues.asked.clear();
    }
    owner.client.said.clear();

    // when
    for (String transaction : polled) {
      asker.ask(transaction, QueuesDownstreamRequestType.AckAll);
      owner.lane.runTasks();
      asker.lane.runTasks();
      broker.queues.settlements.clear();
    }

    // then
    assertThat(open()).isZero();
    assertThat(
            owner.client.said.stream().mapToLong(QueuesDownstreamResponse::getSerializedSize).sum())
        .isBetween(1L << 20, (1L << 20) + 100);
  }
}
