// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.dragoman.conformance.Names;
import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.EventReceive;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import io.grpc.Status;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The limits of stored channels, seen from gRPC (spec: kubemq §8, MaxMessages and MaxQueues). */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class GrpcLimitsTest {

  @BeforeEach
  void needsServersOfItsOwn() {
    Assumptions.assumeFalse(KubeMq.isExternal(), "starts servers with settings of their own");
  }

  @Test
  void shouldKeepAsManyStoredEventsAsConfigured() {
    try (KubeMq mq = KubeMq.start(Map.of("log.retention.count", "5"));
        GrpcClient client = GrpcClient.connect(mq)) {
      // given
      for (int i = 0; i < 10; i++) {
        client.calls().sendEvent(event("store"));
      }

      // when, then the last five are left, as soon as the server has tidied up
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                try (GrpcSubscription<EventReceive> fresh =
                    GrpcSubscription.store(client, Names.unique("c"), "store", "", 2, 0)) {
                  assertThat(fresh.next(5))
                      .extracting(EventReceive::getSequence)
                      .containsExactly(6L, 7L, 8L, 9L, 10L);
                }
              });
    }
  }

  /** Unlike the reference, which says that it was sent and loses it. */
  @Test
  void shouldSayThatThereAreTooManyChannels() {
    try (KubeMq mq = KubeMq.start(Map.of("limits.channels", "1"));
        GrpcClient client = GrpcClient.connect(mq)) {
      // given
      client.calls().sendEvent(event("one"));

      // when
      Status refusal = GrpcRefusal.of(() -> client.calls().sendEvent(event("two")));
      SendQueueMessageResult refused =
          client
              .calls()
              .sendQueueMessage(
                  QueueMessage.newBuilder()
                      .setClientID("sender")
                      .setChannel("three")
                      .setMetadata("m")
                      .build());

      // then
      assertThat(refusal.getCode()).isEqualTo(Status.Code.INTERNAL);
      assertThat(refusal.getDescription()).isEqualTo("too many channels");
      assertThat(refused.getIsError()).isTrue();
      assertThat(refused.getError()).isEqualTo("too many channels");
      assertThat(client.calls().sendEvent(event("one")).getSent()).isTrue();
    }
  }

  private static Event event(String channel) {
    return Event.newBuilder()
        .setClientID("sender")
        .setChannel(channel)
        .setBody(ByteString.copyFromUtf8("body"))
        .setStore(true)
        .build();
  }
}
