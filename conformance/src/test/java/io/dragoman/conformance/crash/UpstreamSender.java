// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.crash;

import com.google.protobuf.ByteString;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueueMessagePolicy;
import io.dragoman.kubemq.protocol.QueuesUpstreamRequest;
import io.dragoman.kubemq.protocol.QueuesUpstreamResponse;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import io.dragoman.kubemq.protocol.kubemqGrpc.kubemqStub;
import io.dragoman.testkit.ledger.LedgerRules.DeadLetters;
import io.dragoman.testkit.ledger.MessageKey;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Sends batches to a queue over {@code QueuesUpstream}, several before the first is answered. */
final class UpstreamSender extends Sender {
  private static final int BATCH_MAX = 10;
  private static final int UNDER_WAY_MAX = 4;

  private final QueueMessagePolicy policy;
  private final Map<String, List<MessageKey>> underWay = new LinkedHashMap<>();
  private long requests;

  UpstreamSender(Load load, String name, String queue, Optional<DeadLetters> letters) {
    super(load, name, queue);
    QueueMessagePolicy.Builder builder = QueueMessagePolicy.newBuilder();
    letters.ifPresent(
        each -> builder.setMaxReceiveCount(each.deliveriesMax()).setMaxReceiveQueue(each.queue()));
    policy = builder.build();
  }

  @Override
  void work(Incarnation broker) {
    underWay.clear();
    try (GrpcSocket<QueuesUpstreamRequest, QueuesUpstreamResponse> stream =
        GrpcSocket.open(broker.grpc(), kubemqStub::queuesUpstream)) {
      while (isWanted() || !underWay.isEmpty()) {
        while (isWanted() && underWay.size() < UNDER_WAY_MAX) {
          stream.send(batch(1 + random().nextInt(BATCH_MAX)));
        }
        answered(broker, stream.next());
      }
    } catch (UncheckedIOException e) {
      underWay.values().forEach(keys -> keys.forEach(key -> unanswered(key, e)));
      throw e;
    }
  }

  private QueuesUpstreamRequest batch(int count) {
    load().pace().await(channel(), count);
    QueuesUpstreamRequest.Builder request =
        QueuesUpstreamRequest.newBuilder().setRequestID(name() + "/" + ++requests);
    List<MessageKey> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      MessageKey key = next();
      keys.add(key);
      request.addMessages(
          QueueMessage.newBuilder()
              .setClientID(name())
              .setChannel(channel())
              .setBody(ByteString.copyFromUtf8(Payload.of(key, random())))
              .setPolicy(policy));
      started(key, 0);
    }
    underWay.put(request.getRequestID(), keys);
    return request.build();
  }

  private void answered(Incarnation broker, QueuesUpstreamResponse response) {
    List<MessageKey> keys = underWay.remove(response.getRefRequestID());
    if (keys == null || response.getIsError() || response.getResultsCount() != keys.size()) {
      throw new AssertionError("not an answer to what was asked: " + response);
    }
    for (int i = 0; i < keys.size(); i++) {
      SendQueueMessageResult result = response.getResults(i);
      if (result.getIsError()) {
        refused(broker, keys.get(i), new Refusal(200, result.getError()));
      } else {
        accepted(keys.get(i));
      }
    }
  }
}
