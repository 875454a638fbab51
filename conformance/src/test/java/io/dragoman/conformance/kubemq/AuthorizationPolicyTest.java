// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.WsClient;
import io.dragoman.kubemq.protocol.Event;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which client may use which channels (spec: kubemq §5.4). */
@KubeMqSuite(settings = "kubemq.policy.data=" + AuthorizationPolicyTest.POLICY)
class AuthorizationPolicyTest {
  static final String POLICY =
      "[{\"ClientID\":\"writer*\",\"Queues\":true,\"Events\":true,\"EventsStore\":true,\"Commands\":true,"
          + "\"Queries\":true,\"Channel\":\"orders.*\",\"Write\":true},"
          + "{\"ClientID\":\"reader\",\"Queues\":true,\"Events\":true,\"EventsStore\":true,\"Commands\":true,"
          + "\"Channel\":\"orders.*\",\"Read\":true},"
          + "{\"ClientID\":\"admin\",\"Queues\":true,\"Queries\":true,\"Channel\":\".*\",\"Write\":true}]";

  private static final String DENIED = "Error 412: access denied to resource";

  private final KubeMq mq;

  AuthorizationPolicyTest(KubeMq mq) {
    this.mq = mq;
  }

  private static ObjectNode as(String client, ObjectNode request) {
    return request.put("ClientID", client);
  }

  private String queueError(String path, ObjectNode request) {
    return mq.post(path, request).data().path("Error").asText("");
  }

  @Test
  void shouldLetClientsSendToTheirChannels() {
    assertThat(queueError("/queue/send", as("writer-1", KubeMq.queueMessage("orders.a", "x"))))
        .isEmpty();
    assertThat(queueError("/queue/send", as("writer-1", KubeMq.queueMessage("other", "x"))))
        .isEqualTo(DENIED);
    assertThat(queueError("/queue/send", as("reader", KubeMq.queueMessage("orders.a", "x"))))
        .isEqualTo(DENIED);
    mq.post("/send/event", as("writer", KubeMq.event("orders.e", "x"))).data();
    mq.post("/send/event", as("writer", KubeMq.event("ordersxe", "x"))).assertRefused(DENIED);
    mq.post("/send/event", as("who", KubeMq.event("orders.e", "x").put("Store", true)))
        .assertRefused(DENIED);
    mq.post("/send/request", as("reader", KubeMq.request(1, "orders.r", 1000)))
        .assertRefused(DENIED);
    mq.post("/send/request", as("writer", KubeMq.request(1, "orders.r", 100)))
        .assertRefused("Error 301: timeout for request message");
  }

  @Test
  void shouldTellWhatIsWrongBeforeWhatIsForbidden() {
    mq.post("/send/event", as("who", KubeMq.event("", "x")))
        .assertRefused("Error 102: invalid channel value, cannot be empty");
    mq.post("/send/event", as("", KubeMq.event("orders.e", "x")))
        .assertRefused("Error 101: invalid clientID value, cannot be empty");
  }

  @Test
  void shouldSortOutBatches() {
    ObjectNode batch =
        Json.object(
            "Messages",
            java.util.List.of(
                as("writer", KubeMq.queueMessage("orders.b", "x")),
                as("writer", KubeMq.queueMessage("others", "x"))));

    var results = mq.post("/queue/send_batch", batch).data().path("Results");

    assertThat(results.get(0).path("Error").asText("")).isEmpty();
    assertThat(results.get(1).path("Error").asText()).isEqualTo(DENIED);
  }

  @Test
  void shouldLetClientsReceiveFromTheirChannels() {
    ObjectNode receive = KubeMq.receiveRequest("orders.r", 1, 1);

    assertThat(queueError("/queue/receive", as("reader", receive.deepCopy()))).isEmpty();
    assertThat(queueError("/queue/receive", as("writer", receive.deepCopy()))).isEqualTo(DENIED);
    assertThat(queueError("/queue/receive", as("writer", receive.deepCopy()).put("IsPeak", true)))
        .isEqualTo(DENIED);
    assertThat(
            queueError(
                "/queue/ack_all",
                Json.object("ClientID", "writer", "Channel", "orders.r", "WaitTimeSeconds", 1)))
        .isEqualTo(DENIED);
    assertThat(mq.get(Paths.events("writer", "orders.e", "")).text()).contains(DENIED);
    assertThat(mq.get(Paths.events("reader", "orders", "")).text()).contains(DENIED);
    assertThat(mq.get(Paths.requests("reader", "orders.q", "", "queries")).text()).contains(DENIED);
  }

  /** A pattern stands for all the channels it matches, not for the one that is called so. */
  @Test
  void shouldAllowPatternsOnlyWhereAllChannelsAre() {
    try (WsClient inside = mq.connect(Paths.events("reader", "orders.>", ""))) {
      mq.post("/send/event", as("writer", KubeMq.event("orders.deep.down", "x"))).data();
      assertThat(inside.next().get("Channel").textValue()).isEqualTo("orders.deep.down");
    }
    assertThat(mq.get(Paths.events("reader", "*.e", "")).text()).contains(DENIED);
    assertThat(mq.get(Paths.events("reader", ">", "")).text()).contains(DENIED);
  }

  @Test
  void shouldLookAtTheWaysAroundTheSend() {
    ObjectNode dead =
        KubeMq.queueMessage("orders.a", "x", "MaxReceiveCount", 1, "MaxReceiveQueue", "others");
    assertThat(queueError("/queue/send", as("writer", dead))).isEqualTo(DENIED);
    mq.post("/send/event", as("writer", KubeMq.event("events:orders.x;queues:others", "x")))
        .assertRefused(DENIED);
    try (QueueStream stream = new QueueStream(mq)) {
      QueueStream.assertError(
          stream.socket().send(QueueStream.receiveRequest("orders.a", 5, 5)).next(), 412);
    }
    try (WsClient sender = mq.connect("/send/stream")) {
      sender.send(as("writer", KubeMq.event("others", "x")));
      assertThat(sender.next().toString()).contains(DENIED);
      sender.send(as("writer", KubeMq.event("orders.s", "x")));
      assertThat(sender.next().toString()).doesNotContain("Error");
    }
  }

  @Test
  void shouldMakeAndDeleteChannelsOnlyForThoseWhoMayWriteToThem() {
    mq.post("/send/request", as("writer", manage("create-channel", "orders.new")))
        .assertRefused(DENIED);
    assertThat(
            mq.post("/send/request", as("admin", manage("create-channel", "anything")))
                .data()
                .path("Executed")
                .asBoolean())
        .isTrue();
  }

  private static ObjectNode manage(String what, String queue) {
    ObjectNode request = KubeMq.request(2, "kubemq.cluster.internal.requests", 5000);
    request.put("Metadata", what);
    request.set("Tags", Json.object("channel_type", "queues", "channel", queue));
    return request;
  }

  @Test
  void shouldHoldOverGrpcAsWell() {
    try (GrpcClient client = GrpcClient.connect(mq)) {
      Event event =
          Event.newBuilder()
              .setClientID("writer")
              .setChannel("others")
              .setBody(ByteString.copyFromUtf8("x"))
              .build();
      Status status = GrpcRefusal.of(() -> client.calls().sendEvent(event));

      assertThat(status.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(status.getDescription()).isEqualTo(DENIED);
      assertThat(
              client.calls().sendEvent(event.toBuilder().setChannel("orders.g").build()).getSent())
          .isTrue();
      assertThat(PollClient.open(client).exchange(PollClient.get("orders.g", 1, 100)).getError())
          .isEqualTo(DENIED);
    }
  }

  @Test
  void shouldReadItsFileAgainAndKnowNobodyWhileThereIsNoRule(@TempDir Path directory)
      throws IOException {
    Assumptions.assumeFalse(KubeMq.isExternal(), "starts a server of its own");
    Path file = Files.writeString(directory.resolve("policy.json"), "[]");
    Map<String, String> settings =
        Map.of("kubemq.policy.file", file.toString(), "kubemq.policy.reload", "50ms");
    try (KubeMq own = KubeMq.start(settings)) {
      own.post("/send/event", as("writer", KubeMq.event("orders.e", "x")))
          .assertRefused("Error 414: access denied, no enforcer to validate");

      Files.writeString(file, POLICY);

      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () ->
                  own.post("/send/event", as("writer", KubeMq.event("orders.e", "x"))).status()
                      == 200);
    }
  }
}
