// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static io.dragoman.conformance.kubemq.PollClient.get;
import static io.dragoman.conformance.kubemq.PollClient.request;
import static io.dragoman.conformance.kubemq.PollClient.sequences;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.dragoman.conformance.Names;
import io.dragoman.kubemq.protocol.Empty;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequest;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequestType;
import io.dragoman.kubemq.protocol.QueuesDownstreamResponse;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesRequest;
import io.dragoman.kubemq.protocol.kubemqGrpc;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Consumers over QueuesDownstream that take their answers slowly, or not, and large answers. */
@KubeMqSuite(ownServer = true)
class GrpcDownstreamFlowTest {
  private static final int MIB = 1 << 20;
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private final KubeMq mq;
  private final String queue = Names.unique("down");
  private GrpcClient client;

  GrpcDownstreamFlowTest(KubeMq mq) {
    this.mq = mq;
  }

  @BeforeEach
  void connect() {
    client = GrpcClient.connect(mq);
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @Test
  void shouldAnswerInPartsWhatIsMoreThanClientsCanTake() {
    // given 80 MiB, of which a client takes 100 at once, but the server gives 64
    sendBodies(20, 4 * MIB);
    PollClient polls = PollClient.open(client);

    // when
    QueuesDownstreamResponse first = polls.exchange(get(queue, 20, 30_000));
    QueuesDownstreamResponse rest = polls.exchange(get(queue, 5, 30_000));

    // then the first does not wait for the number it cannot have
    assertThat(sequences(first))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 15).boxed().toList());
    assertThat(sequences(rest))
        .containsExactlyElementsOf(LongStream.rangeClosed(16, 20).boxed().toList());
  }

  @Test
  void shouldKeepWhatAClientDidNotTakeWhenItCancels() {
    // given an answer that does not fit into what a client takes unasked
    sendBodies(8, MIB);
    PollClient deaf = PollClient.unread(client);
    deaf.send(get(queue, 8, 30_000).setAutoAck(true));
    awaitHeld(8);

    // when
    deaf.close();

    // then
    assertAllThereAgain(8);
  }

  @Test
  void shouldKeepWhatAClientDidNotTakeWhenItsConnectionBreaks() {
    // given
    sendBodies(8, MIB);
    GrpcClient lost = GrpcClient.connect(mq);
    PollClient deaf = PollClient.unread(lost);
    deaf.send(get(queue, 8, 30_000).setAutoAck(true));
    awaitHeld(8);

    // when
    lost.close();

    // then
    assertAllThereAgain(8);
  }

  @Test
  void shouldKeepWhatWasNotWrittenWhenTheConnectionBreaks() {
    // given a connection that is not read, though the client would take all
    int streams = 600;
    sendBodies(streams, 30_000);
    long unwritten;
    try (StallingProxy proxy = new StallingProxy(mq.grpc());
        GrpcClient hanging = GrpcClient.withWindow(proxy.uri(), 64 * MIB)) {
      PollClient first = PollClient.open(hanging);
      assertThat(first.exchange(request(QueuesDownstreamRequestType.AckAll)).getIsError()).isTrue();
      proxy.stall();

      // and messages that were handed to it, some of which could not be written
      for (int i = 0; i < streams; i++) {
        PollClient.open(hanging).send(get(queue, 1, 30_000).setAutoAck(true));
      }
      await().atMost(DEADLINE).until(() -> KubeMq.messages(mq.peek(queue, 1, 1)).isEmpty());
      unwritten = awaitSteadyWaiting();
      assertThat(unwritten).isPositive();

      // when
      proxy.breakOff();
    }

    // then
    assertThat(KubeMq.messages(mq.receive(queue, (int) unwritten, 10))).hasSize((int) unwritten);
  }

  /**
   * What the broker does rests on what gRPC tells of writes: that of one that failed it tells
   * nothing but the end of the call. A version that tells otherwise makes this test fail, and the
   * one before.
   */
  @Test
  void shouldKeepReceivedMessagesWhoseAnswerWasNotWrittenWhenTheConnectionBreaks() {
    // given a connection that is not read, and receives on it whose answers could not be written
    int calls = 600;
    sendBodies(calls, 30_000);
    ReceiveQueueMessagesRequest receive =
        ReceiveQueueMessagesRequest.newBuilder()
            .setClientID("hanging")
            .setChannel(queue)
            .setMaxNumberOfMessages(1)
            .setWaitTimeSeconds(30)
            .build();
    long unwritten;
    try (StallingProxy proxy = new StallingProxy(mq.grpc());
        GrpcClient hanging = GrpcClient.withWindow(proxy.uri(), 64 * MIB)) {
      hanging.calls().ping(Empty.getDefaultInstance());
      proxy.stall();
      for (int i = 0; i < calls; i++) {
        kubemqGrpc.newStub(hanging.channel()).receiveQueueMessages(receive, new Nobody<>());
      }
      await().atMost(DEADLINE).until(() -> KubeMq.messages(mq.peek(queue, 1, 1)).isEmpty());
      unwritten = awaitSteadyWaiting();
      assertThat(unwritten).isBetween(1L, calls - 1L);

      // when
      proxy.breakOff();
    }

    // then
    assertThat(KubeMq.messages(mq.receive(queue, (int) unwritten, 10))).hasSize((int) unwritten);
  }

  /** How many wait when that has not changed for a while. */
  private long awaitSteadyWaiting() {
    long[] last = {-1};
    await()
        .atMost(DEADLINE)
        .during(Duration.ofSeconds(1))
        .until(
            () -> {
              long before = last[0];
              last[0] = waiting();
              return before == last[0];
            });
    return last[0];
  }

  @Test
  void shouldAcknowledgeOnceTheClientTakesTheAnswer() {
    // given
    sendBodies(8, MIB);
    PollClient slow = PollClient.unread(client);
    slow.send(get(queue, 8, 30_000).setAutoAck(true));
    awaitHeld(8);

    // when
    slow.stream().request(1);

    // then
    assertThat(slow.next().getMessagesCount()).isEqualTo(8);
    await().atMost(DEADLINE).until(() -> waiting() == 0);
    slow.close();
    assertThat(KubeMq.messages(mq.receive(queue, 1, 1))).isEmpty();
  }

  @Test
  void shouldGiveNothingMoreToAClientThatTakesNothing() {
    // given a client with an answer it does not take
    sendBodies(12, MIB);
    PollClient deaf = PollClient.unread(client);
    deaf.send(get(queue, 4, 30_000));
    awaitHeld(4);

    // when it asks for more
    deaf.send(get(queue, 4, 30_000));
    deaf.send(get(queue, 4, 30_000));

    // then others can have that
    PollClient other = PollClient.open(client);
    QueuesDownstreamResponse rest = other.poll(queue, 8);
    assertThat(sequences(rest))
        .containsExactlyElementsOf(LongStream.rangeClosed(5, 12).boxed().toList());

    // and it gets it when it takes the first, if nobody else has it
    other.end(rest, QueuesDownstreamRequestType.CloseByClient);
    deaf.stream().request(3);
    assertThat(sequences(deaf.next())).containsExactly(1L, 2L, 3L, 4L);
    assertThat(sequences(deaf.next())).containsExactly(5L, 6L, 7L, 8L);
    assertThat(sequences(deaf.next())).containsExactly(9L, 10L, 11L, 12L);
    deaf.close();
  }

  @Test
  void shouldSettleForAClientThatDoesNotTakeAnAnswer() {
    // given
    PollClient.sendNumbers(client, queue, 2);
    sendBodies(8, MIB);
    PollClient deaf = PollClient.unread(client);
    deaf.stream().request(1);
    QueuesDownstreamResponse polled = deaf.exchange(get(queue, 2, 30_000));
    deaf.send(get(queue, 8, 30_000));
    awaitHeld(10);

    // when
    deaf.tell(polled, QueuesDownstreamRequestType.AckAll);

    // then
    await().atMost(DEADLINE).until(() -> waiting() == 8);
    deaf.close();
  }

  @Test
  void shouldStopReadingAClientThatTakesNoAnswers() {
    // given
    PollClient deaf = PollClient.unread(client);
    QueuesDownstreamRequest unknown =
        request(QueuesDownstreamRequestType.AckAll)
            .setRequestID("r".repeat(100_000))
            .setRefTransactionId("unknown")
            .build();

    // when it sends until nothing more goes out, which for a server that read on would be never
    int sent = 0;
    while (deaf.stream().isReady() || sent == 0 || becomesReady(deaf)) {
      deaf.stream().send(unknown);
      sent++;
      assertThat(sent).as("requests of 100 kB that were read").isLessThan(1000);
    }

    // then it gets every answer once it takes them
    deaf.stream().request(sent);
    for (int i = 0; i < sent; i++) {
      assertThat(deaf.next().getRefRequestId()).isEqualTo(unknown.getRequestID());
    }
    deaf.close();
  }

  @Test
  void shouldEndWhenTheClientHasTakenTheLastAnswer() {
    // given
    sendBodies(4, MIB);
    PollClient slow = PollClient.unread(client);
    slow.send(get(queue, 4, 30_000).setAutoAck(true));
    slow.stream().halfClose();
    awaitHeld(4);

    // when
    slow.stream().request(2);

    // then
    assertThat(slow.next().getMessagesCount()).isEqualTo(4);
    assertThat(slow.stream().end()).isEqualTo(Status.OK);
    await().atMost(DEADLINE).until(() -> waiting() == 0);
  }

  @Test
  void shouldShowHowMuchClientsHaveNotTaken() {
    // given
    sendBodies(8, MIB);
    PollClient deaf = PollClient.unread(client);

    // when
    deaf.send(get(queue, 8, 30_000));

    // then
    await().atMost(DEADLINE).until(() -> metric("dragoman_poll_answer_bytes") > 8.0 * MIB);

    // when it asks for more before it has taken that
    deaf.send(get(queue, 8, 30_000));

    // then
    await().atMost(DEADLINE).until(() -> metric("dragoman_polls_postponed_total") > 0);
    deaf.close();
    await().atMost(DEADLINE).until(() -> metric("dragoman_poll_answer_bytes") == 0);
  }

  private double metric(String name) {
    return mq.getFromApi("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .findFirst()
        .orElse(0);
  }

  private static boolean becomesReady(PollClient polls) {
    try {
      await().atMost(Duration.ofSeconds(2)).until(polls.stream()::isReady);
      return true;
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      return false;
    }
  }

  private void sendBodies(int count, int bytes) {
    byte[] body = new byte[bytes];
    new Random(bytes).nextBytes(body);
    for (int i = 0; i < count; i++) {
      List<QueueMessage> one = new ArrayList<>();
      one.add(PollClient.message(queue, ByteString.copyFrom(body)).build());
      PollClient.sendAll(client, one);
    }
  }

  /** Waits until so many are with consumers: a peek does not show those. */
  private void awaitHeld(int count) {
    long total = waiting();
    await()
        .atMost(DEADLINE)
        .until(() -> total - KubeMq.messages(mq.peek(queue, 100, 1)).size() == count);
  }

  /** Messages that are not consumed, held or not. */
  private long waiting() {
    return mq.getFromApi("/v1/stats/queues").json().at("/data/queues").findParents("name").stream()
        .filter(each -> each.path("name").asText().equals(queue))
        .mapToLong(each -> each.path("waiting").asLong())
        .sum();
  }

  private void assertAllThereAgain(int count) {
    try (PollClient another = PollClient.open(client)) {
      QueuesDownstreamResponse again = another.poll(queue, count);
      assertThat(sequences(again))
          .containsExactlyElementsOf(LongStream.rangeClosed(1, count).boxed().toList());
    }
  }
}
