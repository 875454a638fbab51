// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import com.google.protobuf.ByteString;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueueMessagePolicy;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequest;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequestType;
import io.dragoman.kubemq.protocol.QueuesDownstreamResponse;
import io.dragoman.kubemq.protocol.QueuesUpstreamRequest;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A consumer that uses QueuesDownstream, over one stream. */
final class PollClient implements AutoCloseable {
  static final String CLIENT = "poll-client";

  private static final AtomicLong REQUESTS = new AtomicLong();

  private final GrpcExchange<QueuesDownstreamRequest, QueuesDownstreamResponse> stream;

  private PollClient(GrpcExchange<QueuesDownstreamRequest, QueuesDownstreamResponse> stream) {
    this.stream = stream;
  }

  static PollClient open(GrpcClient client) {
    return new PollClient(GrpcExchange.open(client.streams()::queuesDownstream));
  }

  /** One that reads only what it asks for. */
  static PollClient unread(GrpcClient client) {
    return new PollClient(GrpcExchange.unread(client.streams()::queuesDownstream));
  }

  GrpcExchange<QueuesDownstreamRequest, QueuesDownstreamResponse> stream() {
    return stream;
  }

  // --- requests

  static QueuesDownstreamRequest.Builder get(String queue, int max, int waitMillis) {
    return request(QueuesDownstreamRequestType.Get)
        .setChannel(queue)
        .setMaxItems(max)
        .setWaitTimeout(waitMillis);
  }

  static QueuesDownstreamRequest.Builder request(QueuesDownstreamRequestType type) {
    return QueuesDownstreamRequest.newBuilder()
        .setRequestID("request-" + REQUESTS.incrementAndGet())
        .setClientID(CLIENT)
        .setRequestTypeData(type);
  }

  /** Says something about the transaction of a poll; gives the request's id. */
  String tell(
      QueuesDownstreamResponse polled, QueuesDownstreamRequestType type, long... sequences) {
    return tell(polled, request(type), sequences);
  }

  String tell(
      QueuesDownstreamResponse polled, QueuesDownstreamRequest.Builder request, long... sequences) {
    request.setRefTransactionId(polled.getTransactionId());
    for (long sequence : sequences) {
      request.addSequenceRange(sequence);
    }
    stream.send(request.build());
    return request.getRequestID();
  }

  PollClient send(QueuesDownstreamRequest.Builder request) {
    stream.send(request.build());
    return this;
  }

  // --- exchanges

  QueuesDownstreamResponse next() {
    return stream.next();
  }

  QueuesDownstreamResponse exchange(QueuesDownstreamRequest.Builder request) {
    return send(request).next();
  }

  /** Polls until that many messages are there. */
  QueuesDownstreamResponse poll(String queue, int max) {
    QueuesDownstreamResponse polled = exchange(get(queue, max, 20_000));
    if (polled.getMessagesCount() != max) {
      throw new AssertionError(max + " messages expected, not " + polled);
    }
    return polled;
  }

  /** Polls what is there after a second. */
  QueuesDownstreamResponse pollRest(String queue) {
    return exchange(get(queue, 1000, 1000));
  }

  /** Says the last thing about a transaction, and awaits its end. */
  QueuesDownstreamResponse end(
      QueuesDownstreamResponse polled, QueuesDownstreamRequestType type, long... sequences) {
    tell(polled, type, sequences);
    QueuesDownstreamResponse end = next();
    boolean complete = end.getTransactionComplete() && !end.getIsError();
    if (!complete || !end.getTransactionId().equals(polled.getTransactionId())) {
      throw new AssertionError("the end of " + polled.getTransactionId() + " expected, not " + end);
    }
    return end;
  }

  // --- messages

  static List<Long> sequences(QueuesDownstreamResponse polled) {
    return polled.getMessagesList().stream()
        .map(message -> message.getAttributes().getSequence())
        .toList();
  }

  static List<String> bodies(QueuesDownstreamResponse polled) {
    return polled.getMessagesList().stream()
        .map(message -> message.getBody().toStringUtf8())
        .toList();
  }

  /** Sends messages with the bodies 1, 2, 3 and so on, as one batch. */
  static void sendNumbers(GrpcClient client, String queue, int count) {
    sendNumbers(client, queue, count, QueueMessagePolicy.getDefaultInstance());
  }

  static void sendNumbers(GrpcClient client, String queue, int count, QueueMessagePolicy policy) {
    List<QueueMessage> messages = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      messages.add(
          message(queue, ByteString.copyFromUtf8(String.valueOf(i))).setPolicy(policy).build());
    }
    sendAll(client, messages);
  }

  static QueueMessage.Builder message(String queue, ByteString body) {
    return QueueMessage.newBuilder().setClientID("sender").setChannel(queue).setBody(body);
  }

  static void sendAll(GrpcClient client, List<QueueMessage> messages) {
    var stream = GrpcExchange.open(client.streams()::queuesUpstream);
    stream.send(QueuesUpstreamRequest.newBuilder().addAllMessages(messages).build());
    for (SendQueueMessageResult result : stream.next().getResultsList()) {
      if (result.getIsError()) {
        throw new AssertionError("not sent: " + result.getError());
      }
    }
    stream.halfClose();
  }

  @Override
  public void close() {
    stream.close();
  }
}
