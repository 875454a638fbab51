// SPDX-License-Identifier: Apache-2.0
package io.dragoman.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.dragoman.benchmarks.floor.GrpcFloor;
import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueuesUpstreamRequest;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import io.dragoman.kubemq.protocol.Subscribe;
import io.dragoman.kubemq.protocol.kubemqGrpc;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

final class GrpcLoadTest {

  private static final QueueMessage MESSAGE =
      QueueMessage.newBuilder().setMessageID("id").setBody(ByteString.copyFromUtf8("x")).build();

  @Test
  void shouldCountAnsweredCalls() {
    try (ServerProcess floor = floor();
        Load load =
            GrpcLoad.calls(
                floor,
                kubemqGrpc.getSendQueueMessageMethod(),
                2,
                4,
                List.of(MESSAGE.toByteArray()))) {
      Run run = load.run(1);

      assertThat(run.work()).isPositive();
      assertThat(run.p99Millis()).isGreaterThanOrEqualTo(run.p50Millis());
    }
  }

  @Test
  void shouldCountTheMessagesOfAnsweredBatches() {
    QueuesUpstreamRequest batch =
        QueuesUpstreamRequest.newBuilder()
            .addMessages(MESSAGE)
            .addMessages(MESSAGE)
            .addMessages(MESSAGE)
            .build();
    try (ServerProcess floor = floor();
        Load load =
            GrpcLoad.streams(
                floor,
                kubemqGrpc.getQueuesUpstreamMethod(),
                2,
                4,
                List.of(batch.toByteArray()),
                3)) {
      Run run = load.run(1);

      assertThat(run.work()).isPositive();
      assertThat(run.work() % 3).isZero();
    }
  }

  @Test
  void shouldCountEventsThatReachTheSubscriber() {
    byte[] event = Event.newBuilder().setChannel("c").build().toByteArray();
    byte[] subscribe = Subscribe.newBuilder().setChannel("c").build().toByteArray();
    try (ServerProcess floor = floor();
        Load load = GrpcLoad.events(floor, 8, subscribe, List.of(event))) {
      assertThat(load.run(1).work()).isPositive();
      assertThat(load.run(1).work()).isPositive();
    }
  }

  @Test
  void shouldFailWhenCallsAreRefused() {
    try (ServerProcess floor = floor();
        Load load =
            GrpcLoad.calls(
                floor, kubemqGrpc.getPingMethod(), 1, 1, List.of(MESSAGE.toByteArray()))) {
      assertThatThrownBy(() -> load.run(1)).hasMessageContaining("UNIMPLEMENTED");
    }
  }

  private static ServerProcess floor() {
    String answer =
        Base64.getEncoder()
            .encodeToString(
                SendQueueMessageResult.newBuilder().setMessageID("id").build().toByteArray());
    return ServerProcess.floor("grpc", GrpcFloor.class, answer);
  }
}
