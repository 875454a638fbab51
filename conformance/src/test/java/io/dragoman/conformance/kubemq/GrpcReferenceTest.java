// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.dragoman.conformance.Names;
import io.dragoman.kubemq.protocol.AckAllQueueMessagesRequest;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueueMessageAttributes;
import io.dragoman.kubemq.protocol.QueueMessagePolicy;
import io.dragoman.kubemq.protocol.QueueMessagesBatchRequest;
import io.dragoman.kubemq.protocol.QueueMessagesBatchResponse;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequestType;
import io.dragoman.kubemq.protocol.QueuesDownstreamResponse;
import io.dragoman.kubemq.protocol.QueuesInfoRequest;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesRequest;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesResponse;
import io.dragoman.kubemq.protocol.Request;
import io.dragoman.kubemq.protocol.Request.RequestType;
import io.dragoman.kubemq.protocol.Response;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import io.dragoman.kubemq.protocol.StreamQueueMessagesRequest;
import io.dragoman.kubemq.protocol.StreamQueueMessagesResponse;
import io.dragoman.kubemq.protocol.StreamRequestType;
import io.dragoman.kubemq.protocol.Subscribe.SubscribeType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The reference's own tests of its gRPC interface, its client and its broker, as far as no other
 * class has them: what they assert, over gRPC (spec: kubemq §8). Their names are kept where they
 * say what it is about.
 */
@KubeMqSuite
class GrpcReferenceTest {
  /** A thread for each: they wait for each other, which a common pool of few would not outlive. */
  private static final Executor THREADS =
      task -> {
        Thread thread = new Thread(task, "reference-test");
        thread.setDaemon(true);
        thread.start();
      };

  private final KubeMq mq;
  private final String queue = Names.unique("reference");
  private final AtomicInteger polled = new AtomicInteger();
  private GrpcClient client;

  GrpcReferenceTest(KubeMq mq) {
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

  // --- sending, receiving, peeking

  @Test
  void shouldPassSendReceiveMessageQueue() {
    // given
    QueueMessagesBatchRequest.Builder batch = QueueMessagesBatchRequest.newBuilder();
    List<String> ids = IntStream.range(0, 1000).mapToObj(i -> "message-" + i).toList();
    ids.forEach(id -> batch.addMessages(message("body").setMessageID(id)));

    // when
    QueueMessagesBatchResponse sent = client.calls().sendQueueMessagesBatch(batch.build());
    ReceiveQueueMessagesResponse received = receive(1000, 20);

    // then
    assertThat(sent.getResultsList())
        .extracting(SendQueueMessageResult::getMessageID)
        .containsExactlyElementsOf(ids);
    assertThat(received.getMessagesList())
        .extracting(QueueMessage::getMessageID)
        .containsExactlyElementsOf(ids);
    assertThat(received.getMessagesList())
        .extracting(message -> message.getAttributes().getSequence())
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 1000).boxed().toList());
  }

  @Test
  void shouldPassSendReceiveMessageQueueWaitTimeSecondLongPoll() throws Exception {
    // given a receive that waits for more than is there
    send(message("body"));
    CompletableFuture<ReceiveQueueMessagesResponse> polling =
        CompletableFuture.supplyAsync(() -> receive(10, 30), THREADS);
    await().until(() -> subscribers() == 1);

    // when
    for (int i = 1; i < 10; i++) {
      send(message("body"));
    }

    // then
    assertThat(polling.get(20, TimeUnit.SECONDS).getMessagesReceived()).isEqualTo(10);
  }

  @Test
  void shouldPassReceiveQueueMessagesWithPeek() {
    // given
    sendNumbers(10);

    // when, then
    assertThat(bodies(peek(1))).containsExactly("0");
    assertThat(bodies(receive(1, 1))).containsExactly("0");
    ReceiveQueueMessagesResponse rest = peek(10);
    assertThat(bodies(rest)).hasSize(9).startsWith("1");
    assertThat(rest.getIsPeak()).isTrue();
    assertThat(rest.getMessagesList())
        .allMatch(message -> message.getAttributes().getReceiveCount() == 1);
  }

  @Test
  void shouldPassQueueSendAndReceiveInParts() {
    // given
    sendNumbers(10);

    // when, then: 1 + 5, then what is left is seen, acknowledged, and gone
    assertThat(bodies(receive(1, 1))).containsExactly("0");
    assertThat(bodies(receive(5, 1))).containsExactly("1", "2", "3", "4", "5");
    assertThat(bodies(peek(4))).containsExactly("6", "7", "8", "9");
    assertThat(ackAll()).isEqualTo(4);
    assertThat(receive(10, 1).getMessagesList()).isEmpty();
    assertThat(ackAll()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10})
  void shouldPassSingleSenderMultiReceivers(int messages) throws Exception {
    // given
    List<CompletableFuture<ReceiveQueueMessagesResponse>> receivers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      receivers.add(CompletableFuture.supplyAsync(() -> receive(1, 4), THREADS));
    }

    // when
    sendNumbers(messages);

    // then
    List<String> all = new ArrayList<>();
    for (CompletableFuture<ReceiveQueueMessagesResponse> each : receivers) {
      all.addAll(bodies(each.get(20, TimeUnit.SECONDS)));
    }
    assertThat(all)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, messages).mapToObj(String::valueOf).toList());
  }

  // --- expiration, delay, dead letters

  @Test
  void shouldPassSendReceiveMessageQueueWithExpiration() {
    // given
    SendQueueMessageResult sent = send(message("gone").setPolicy(expiring(1)));
    assertThat(sent.getExpirationAt()).isEqualTo(sent.getSentAt() + 1_000_000_000L);
    Time.awaitPast(sent.getExpirationAt());

    // when, then: it is told of once
    assertFigures(peek(1), 0, 1);
    assertFigures(peek(1), 0, 0);
    assertFigures(receive(1, 1), 0, 0);
  }

  @Test
  void shouldPassSendReceiveMessageQueueWithDelayAndExpiration() {
    // when
    SendQueueMessageResult sent = send(message("gone").setPolicy(expiring(1).setDelaySeconds(5)));

    // then
    assertThat(sent.getDelayedTo()).isGreaterThan(sent.getSentAt());
    assertThat(sent.getExpirationAt()).isGreaterThan(sent.getDelayedTo());
    assertFigures(peek(1), 0, 0);
    Time.awaitPast(sent.getExpirationAt());
    assertFigures(receive(1, 1), 0, 1);
  }

  @Test
  void shouldPassSendReceiveMessageQueueReRoute() {
    // given
    String dead = queue + ".dead";
    SendQueueMessageResult sent =
        send(
            message("bad").setPolicy(expiring(600).setMaxReceiveCount(2).setMaxReceiveQueue(dead)));

    // when
    for (int i = 0; i < 2; i++) {
      try (Stream stream = new Stream()) {
        stream.done(StreamRequestType.RejectMessage, stream.receive(queue, 30));
      }
    }

    // then
    try (Stream stream = new Stream()) {
      QueueMessage letter = stream.receive(dead, 30);
      QueueMessageAttributes attributes = letter.getAttributes();
      assertThat(letter.getBody().toStringUtf8()).isEqualTo("bad");
      assertThat(attributes.getReRouted()).isTrue();
      assertThat(attributes.getReRoutedFromQueue()).isEqualTo(queue);
      assertThat(attributes.getReceiveCount()).isEqualTo(1);
      assertThat(attributes.getSequence()).isEqualTo(1);
      assertThat(attributes.getExpirationAt()).isEqualTo(sent.getExpirationAt());
      assertThat(letter.getPolicy().getMaxReceiveCount()).isZero();
      assertThat(letter.getPolicy().getMaxReceiveQueue()).isEmpty();
      stream.done(StreamRequestType.AckMessage, letter);
    }
  }

  @Test
  void shouldPassSendReceiveMessageQueueReRouteWithExpiration() {
    // given
    String dead = queue + ".dead";
    SendQueueMessageResult sent =
        send(message("bad").setPolicy(expiring(6).setMaxReceiveCount(1).setMaxReceiveQueue(dead)));
    try (Stream stream = new Stream()) {
      stream.done(StreamRequestType.RejectMessage, stream.receive(queue, 30));
    }

    // when
    Time.awaitPast(sent.getExpirationAt());

    // then
    assertThat(receive(dead, 1, 1).getMessagesList()).isEmpty();
    assertThat(receive(1, 1).getMessagesList()).isEmpty();
  }

  /** How a consumer may fail. */
  enum Failure {
    REJECT {
      @Override
      void fail(Stream stream, QueueMessage message) {
        stream.done(StreamRequestType.RejectMessage, message);
      }
    },
    VISIBILITY {
      @Override
      void fail(Stream stream, QueueMessage message) {
        assertThat(stream.exchange.next().getError()).isEqualTo(ErrorText.of(129));
      }
    },
    DISCONNECT {
      @Override
      void fail(Stream stream, QueueMessage message) {
        stream.close();
      }
    };

    abstract void fail(Stream stream, QueueMessage message);
  }

  @ParameterizedTest
  @EnumSource
  void shouldPassStreamUntilTheMessageIsGone(Failure failure) {
    // given
    send(message("bad").setPolicy(QueueMessagePolicy.newBuilder().setMaxReceiveCount(3)));

    // when
    for (int count = 1; count <= 3; count++) {
      try (Stream stream = new Stream()) {
        QueueMessage message = stream.receive(queue, failure == Failure.VISIBILITY ? 1 : 30);
        assertThat(message.getAttributes().getReceiveCount()).isEqualTo(count);
        failure.fail(stream, message);
      }
    }

    // then
    assertThat(receive(1, 2).getMessagesList()).isEmpty();
  }

  // --- streams

  @Test
  void shouldPassQueueSendAndStreamReceive() throws Exception {
    // given two consumers that take one message per stream
    sendNumbers(10);
    List<CompletableFuture<List<String>>> consumers = new ArrayList<>();

    // when
    for (int i = 0; i < 2; i++) {
      consumers.add(CompletableFuture.supplyAsync(() -> consume(5), THREADS));
    }

    // then
    List<String> all = new ArrayList<>();
    for (CompletableFuture<List<String>> each : consumers) {
      all.addAll(each.get(30, TimeUnit.SECONDS));
    }
    assertThat(all)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 10).mapToObj(String::valueOf).toList());
    assertThat(receive(1, 1).getMessagesList()).isEmpty();
  }

  private List<String> consume(int messages) {
    List<String> taken = new ArrayList<>();
    for (int i = 0; i < messages; i++) {
      try (Stream stream = new Stream()) {
        QueueMessage message = stream.receive(queue, 30);
        taken.add(message.getBody().toStringUtf8());
        stream.done(StreamRequestType.AckMessage, message);
      }
    }
    return taken;
  }

  @Test
  void shouldPassStreamSendAndReceive() {
    // given
    sendNumbers(10);

    // when
    List<String> streamed = consume(1);
    List<String> received = bodies(receive(9, 5));

    // then
    assertThat(streamed).containsExactly("0");
    assertThat(received).hasSize(9).doesNotContain("0");
  }

  // --- chains of queues

  @ParameterizedTest
  @CsvSource({
    // what moves each message on, messages, seconds to hold it
    "AckMessage, 50, 30",
    "ModifyVisibility, 50, 5",
    "ResendMessage, 50, 30",
    "SendModifiedMessage, 50, 30"
  })
  void shouldPassChainedQueues(StreamRequestType way, int messages, int visibilitySeconds) {
    // given
    List<String> chain = chain();
    sendNumbers(messages);

    // when
    for (int i = 0; i + 1 < chain.size(); i++) {
      for (int j = 0; j < messages; j++) {
        moveOn(way, chain.get(i), chain.get(i + 1), visibilitySeconds);
      }
    }

    // then
    assertEnded(chain, messages);
  }

  private void moveOn(StreamRequestType way, String from, String to, int visibilitySeconds) {
    try (Stream stream = new Stream()) {
      QueueMessage message = stream.receive(from, visibilitySeconds);
      QueueMessage next = message.toBuilder().setChannel(to).build();
      switch (way) {
        case ResendMessage -> stream.done(stream.request(way).setChannel(to));
        case SendModifiedMessage -> stream.done(stream.request(way).setModifiedMessage(next));
        default -> {
          if (way == StreamRequestType.ModifyVisibility) {
            stream.done(stream.request(way).setVisibilitySeconds(30));
          }
          send(next.toBuilder());
          stream.done(StreamRequestType.AckMessage, message);
        }
      }
    }
  }

  @Test
  void shouldPassChainedQueuesWithDelay() {
    // given
    List<String> chain = chain();
    QueueMessagePolicy delayed = QueueMessagePolicy.newBuilder().setDelaySeconds(1).build();
    for (int i = 0; i < 50; i++) {
      send(message(String.valueOf(i)).setPolicy(delayed));
    }

    // when
    for (int i = 0; i + 1 < chain.size(); i++) {
      for (QueueMessage each : receive(chain.get(i), 50, 20).getMessagesList()) {
        send(each.toBuilder().setChannel(chain.get(i + 1)).setPolicy(delayed));
      }
    }

    // then
    assertEnded(chain, 50);
  }

  @ParameterizedTest
  @CsvSource({"1, 50", "10, 5"})
  void shouldPassChainedQueuesOfDeadLetters(int maxReceiveCount, int messages) {
    // given a chain whose middle is nothing but dead letters
    List<String> chain = List.of(queue, queue + ".1", queue + ".2");
    for (int i = 0; i < messages; i++) {
      send(message(String.valueOf(i)).setPolicy(deadLetters(maxReceiveCount, chain.get(1))));
    }

    // when
    rejectAll(chain.get(0), messages * maxReceiveCount);
    for (QueueMessage each : receive(chain.get(1), messages, 20).getMessagesList()) {
      send(
          each.toBuilder()
              .setChannel(chain.get(1))
              .setPolicy(deadLetters(maxReceiveCount, chain.get(2))));
    }
    rejectAll(chain.get(1), messages * maxReceiveCount);

    // then
    assertEnded(chain, messages);
  }

  private static QueueMessagePolicy deadLetters(int maxReceiveCount, String to) {
    return QueueMessagePolicy.newBuilder()
        .setMaxReceiveCount(maxReceiveCount)
        .setMaxReceiveQueue(to)
        .build();
  }

  private void rejectAll(String from, int times) {
    for (int i = 0; i < times; i++) {
      try (Stream stream = new Stream()) {
        stream.done(StreamRequestType.RejectMessage, stream.receive(from, 30));
      }
    }
  }

  private List<String> chain() {
    return List.of(queue, queue + ".1", queue + ".2", queue + ".3");
  }

  /** All are in the last queue, and nowhere else. */
  private void assertEnded(List<String> chain, int messages) {
    String last = chain.get(chain.size() - 1);
    assertThat(bodies(receive(last, messages, 20)))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, messages).mapToObj(String::valueOf).toList());
    for (String each : chain) {
      assertFigures(receive(each, 1, 1), 0, 0);
    }
  }

  // --- many at the same time

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void shouldPassSmoke(int delaySeconds) throws Exception {
    // given consumers that poll, and senders beside them
    int senders = 3;
    int each = 100;
    QueueMessagePolicy policy =
        QueueMessagePolicy.newBuilder().setDelaySeconds(delaySeconds).build();
    List<CompletableFuture<List<String>>> consumers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      consumers.add(CompletableFuture.supplyAsync(() -> pollAll(senders * each), THREADS));
    }

    // when
    List<CompletableFuture<Void>> sending = new ArrayList<>();
    for (int i = 0; i < senders; i++) {
      sending.add(
          CompletableFuture.runAsync(
              () -> PollClient.sendNumbers(client, queue, each, policy), THREADS));
    }
    for (CompletableFuture<Void> sender : sending) {
      sender.get(20, TimeUnit.SECONDS);
    }

    // then
    List<String> all = new ArrayList<>();
    for (CompletableFuture<List<String>> consumer : consumers) {
      all.addAll(consumer.get(40, TimeUnit.SECONDS));
    }
    assertThat(all).hasSize(senders * each);
    assertThat(receive(1, 1).getMessagesList()).isEmpty();
  }

  /** Takes and acknowledges until all consumers together have so many. */
  private List<String> pollAll(int count) {
    List<String> bodies = new ArrayList<>();
    try (PollClient polls = PollClient.open(client)) {
      while (polled.get() < count) {
        QueuesDownstreamResponse answer = polls.exchange(PollClient.get(queue, 20, 1000));
        if (answer.getMessagesCount() > 0) {
          bodies.addAll(PollClient.bodies(answer));
          polls.end(answer, QueuesDownstreamRequestType.AckAll);
          polled.addAndGet(answer.getMessagesCount());
        }
      }
    }
    return bodies;
  }

  // --- commands and queries

  @Test
  void shouldPassSubscribeToCommandWithSendResponseCache() throws Exception {
    // given a command that asks for a cache, which commands never have
    String channel = Names.unique("command");
    Request.Builder command = request(RequestType.Command, channel);
    command.setCacheKey("key").setCacheTTL(600);
    try (GrpcSubscription<Request> responder =
        GrpcSubscription.requests(client, SubscribeType.Commands, channel, "g")) {
      for (int i = 0; i < 2; i++) {
        // when
        CompletableFuture<Response> answer =
            CompletableFuture.supplyAsync(
                () -> client.calls().sendRequest(command.build()), THREADS);
        respond(responder.next());

        // then
        Response told = answer.get(20, TimeUnit.SECONDS);
        assertThat(told.getExecuted()).isTrue();
        assertThat(told.getTimestamp()).isPositive();
        assertThat(told.getCacheHit()).isFalse();
        assertThat(told.getMetadata()).isEmpty();
        assertThat(told.getBody().isEmpty()).isTrue();
      }
    }
  }

  @Test
  void shouldPassSingleQuery() {
    // given two responders in one group
    String channel = Names.unique("query");
    int queries = 40;
    try (GrpcSubscription<Request> one =
            GrpcSubscription.requests(client, SubscribeType.Queries, channel, "g");
        GrpcSubscription<Request> two =
            GrpcSubscription.requests(client, SubscribeType.Queries, channel, "g")) {
      // when all are asked before any is answered
      List<CompletableFuture<Response>> answers = new ArrayList<>();
      for (int i = 0; i < queries; i++) {
        Request query = request(RequestType.Query, channel).setRequestID("id-" + i).build();
        GrpcPending<Response> answer = new GrpcPending<>();
        client.streams().sendRequest(query, answer);
        answers.add(answer.first());
      }
      await().until(() -> one.waiting() + two.waiting() >= queries);
      assertThat(one.waiting() + two.waiting()).isEqualTo(queries);
      for (GrpcSubscription<Request> each : List.of(one, two)) {
        each.next(each.waiting()).forEach(this::respond);
      }

      // then
      for (int i = 0; i < queries; i++) {
        Response told = answers.get(i).orTimeout(20, TimeUnit.SECONDS).join();
        assertThat(told.getRequestID()).isEqualTo("id-" + i);
        assertThat(told.getBody().toStringUtf8()).isEqualTo("answer to id-" + i);
      }
    }
  }

  private static Request.Builder request(RequestType type, String channel) {
    return Request.newBuilder()
        .setRequestTypeData(type)
        .setClientID("requester")
        .setChannel(channel)
        .setMetadata("metadata")
        .setTimeout(20_000);
  }

  private void respond(Request request) {
    client
        .calls()
        .sendResponse(
            Response.newBuilder()
                .setRequestID(request.getRequestID())
                .setReplyChannel(request.getReplyChannel())
                .setClientID("responder")
                .setMetadata("metadata")
                .setBody(ByteString.copyFromUtf8("answer to " + request.getRequestID()))
                .setExecuted(true)
                .build());
  }

  // --- the calls

  private QueueMessage.Builder message(String body) {
    return QueueMessage.newBuilder()
        .setClientID("sender")
        .setChannel(queue)
        .setBody(ByteString.copyFromUtf8(body));
  }

  private static QueueMessagePolicy.Builder expiring(int seconds) {
    return QueueMessagePolicy.newBuilder().setExpirationSeconds(seconds);
  }

  private SendQueueMessageResult send(QueueMessage.Builder message) {
    SendQueueMessageResult sent = client.calls().sendQueueMessage(message.build());
    assertThat(sent.getIsError()).as(sent.getError()).isFalse();
    return sent;
  }

  /** Messages with the bodies 0, 1, 2 and so on. */
  private void sendNumbers(int count) {
    for (int i = 0; i < count; i++) {
      send(message(String.valueOf(i)));
    }
  }

  private ReceiveQueueMessagesResponse receive(int max, int waitSeconds) {
    return receive(queue, max, waitSeconds);
  }

  private ReceiveQueueMessagesResponse receive(String from, int max, int waitSeconds) {
    return take(from, max, waitSeconds, false);
  }

  private ReceiveQueueMessagesResponse peek(int max) {
    return take(queue, max, 1, true);
  }

  private ReceiveQueueMessagesResponse take(String from, int max, int waitSeconds, boolean peek) {
    ReceiveQueueMessagesResponse response =
        client
            .calls()
            .receiveQueueMessages(
                ReceiveQueueMessagesRequest.newBuilder()
                    .setClientID("receiver")
                    .setChannel(from)
                    .setMaxNumberOfMessages(max)
                    .setWaitTimeSeconds(waitSeconds)
                    .setIsPeak(peek)
                    .build());
    assertThat(response.getIsError()).as(response.getError()).isFalse();
    assertThat(response.getMessagesReceived()).isEqualTo(response.getMessagesCount());
    return response;
  }

  private long ackAll() {
    return client
        .calls()
        .ackAllQueueMessages(
            AckAllQueueMessagesRequest.newBuilder()
                .setClientID("receiver")
                .setChannel(queue)
                .setWaitTimeSeconds(1)
                .build())
        .getAffectedMessages();
  }

  private long subscribers() {
    return client
        .calls()
        .queuesInfo(QueuesInfoRequest.newBuilder().setQueueName(queue).build())
        .getInfo()
        .getQueuesList()
        .stream()
        .mapToLong(info -> info.getSubscribers())
        .sum();
  }

  private static List<String> bodies(ReceiveQueueMessagesResponse response) {
    return response.getMessagesList().stream()
        .map(message -> message.getBody().toStringUtf8())
        .toList();
  }

  private static void assertFigures(
      ReceiveQueueMessagesResponse response, int received, int expired) {
    assertThat(response.getMessagesReceived()).as("received").isEqualTo(received);
    assertThat(response.getMessagesExpired()).as("expired").isEqualTo(expired);
  }

  /** A stream that takes one message. */
  private final class Stream implements AutoCloseable {
    private final GrpcExchange<StreamQueueMessagesRequest, StreamQueueMessagesResponse> exchange =
        GrpcExchange.open(client.streams()::streamQueueMessage);

    StreamQueueMessagesRequest.Builder request(StreamRequestType type) {
      return StreamQueueMessagesRequest.newBuilder()
          .setRequestID("request")
          .setClientID("consumer")
          .setStreamRequestTypeData(type);
    }

    QueueMessage receive(String from, int visibilitySeconds) {
      return done(request(StreamRequestType.ReceiveMessage)
              .setChannel(from)
              .setVisibilitySeconds(visibilitySeconds)
              .setWaitTimeSeconds(20))
          .getMessage();
    }

    void done(StreamRequestType type, QueueMessage message) {
      done(request(type).setRefSequence(message.getAttributes().getSequence()));
    }

    StreamQueueMessagesResponse done(StreamQueueMessagesRequest.Builder request) {
      StreamQueueMessagesResponse answer = exchange.send(request.build()).next();
      assertThat(answer.getIsError()).as(answer.getError()).isFalse();
      assertThat(answer.getStreamRequestTypeData()).isEqualTo(request.getStreamRequestTypeData());
      return answer;
    }

    @Override
    public void close() {
      exchange.close();
    }
  }
}
