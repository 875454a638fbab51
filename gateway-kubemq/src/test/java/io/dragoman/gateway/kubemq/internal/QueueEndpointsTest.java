// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import static io.dragoman.gateway.kubemq.internal.Posts.assertFailed;
import static io.dragoman.gateway.kubemq.internal.Posts.assertOk;
import static io.dragoman.gateway.kubemq.internal.Posts.post;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Delivery;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Message;
import io.dragoman.core.Peeked;
import io.dragoman.core.QueueInfo;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.Receipt;
import io.dragoman.core.ReceiveOptions;
import io.dragoman.core.Received;
import io.dragoman.core.Result;
import io.dragoman.core.Settlement;
import io.dragoman.gateway.kubemq.KubemqOptions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QueueEndpointsTest {
  private final FakeBroker broker = new FakeBroker();
  private final GatewayContext context =
      new GatewayContext(broker, KubemqOptions.defaults("host", "1.2.3"));
  private final QueueEndpoints queues = new QueueEndpoints(context);

  @Test
  void shouldSendQueueMessage() {
    FakeExchange exchange =
        post(
            "{\"Id\":\"m\",\"ClientId\":\"c\",\"Channel\":\"q\",\"Body\":\"eA==\",\"Attributes\":null,"
                + "\"Policy\":{\"ExpirationSeconds\":5,\"DelaySeconds\":5,\"MaxReceiveCount\":0,"
                + "\"MaxReceiveQueue\":\"\"}}",
            JsonDecoders::queueMessage,
            queues::send);

    assertOk(exchange, "{\"MessageID\":\"m\",\"SentAt\":10,\"ExpirationAt\":30,\"DelayedTo\":20}");
    assertThat(broker.queues.sent.get(0).policy()).isEqualTo(new QueuePolicy(5, 5, 1024, ""));
  }

  @Test
  void shouldPutErrorsOfQueueMessageIntoData() {
    FakeExchange invalid =
        post("{\"Id\":\"m\",\"ClientID\":\"c\"}", JsonDecoders::queueMessage, queues::send);
    FakeExchange refused =
        post(
            "{\"Id\":\"m\",\"ClientID\":\"c\",\"Channel\":\"full\",\"Metadata\":\"x\"}",
            JsonDecoders::queueMessage,
            queues::send);

    assertOk(
        invalid,
        "{\"MessageID\":\"m\",\"IsError\":true,\"Error\":\""
            + KubemqError.QUEUE_NAME.text()
            + "\"}");
    assertOk(refused, "{\"MessageID\":\"m\",\"IsError\":true,\"Error\":\"the queue is full\"}");
    assertThat(context.restStats().errors().messages().value()).isEqualTo(2);
  }

  @Test
  void shouldSendGoodMessagesOfBatch() {
    FakeExchange exchange =
        post(
            "{\"BatchID\":\"b\",\"Messages\":["
                + "{\"Id\":\"1\",\"ClientID\":\"c\",\"Channel\":\"q\",\"Metadata\":\"x\"},"
                + "{\"Id\":\"2\",\"Channel\":\"q\",\"Metadata\":\"x\"},"
                + "{\"Id\":\"3\",\"ClientID\":\"c\",\"Channel\":\"full\",\"Metadata\":\"x\"},"
                + "{\"Id\":\"4\",\"ClientID\":\"c\",\"Channel\":\"r\",\"Metadata\":\"x\"}]}",
            JsonDecoders::batch,
            queues::sendBatch);

    assertOk(
        exchange,
        "{\"BatchID\":\"b\",\"Results\":["
            + "{\"MessageID\":\"1\",\"SentAt\":10,\"ExpirationAt\":30,\"DelayedTo\":20},"
            + "{\"MessageID\":\"2\",\"IsError\":true,\"Error\":"
            + "\"Error 101: invalid clientID value, cannot be empty\"},"
            + "{\"MessageID\":\"3\",\"IsError\":true,\"Error\":\"the queue is full\"},"
            + "{\"MessageID\":\"4\",\"SentAt\":10,\"ExpirationAt\":30,\"DelayedTo\":20}"
            + "],\"HaveErrors\":true}");
    assertThat(broker.queues.sent).hasSize(3);
  }

  @Test
  void shouldRefuseEmptyBatch() {
    assertFailed(
        post("{\"Messages\":[]}", JsonDecoders::batch, queues::sendBatch), "no messages to send");
  }

  private FakeExchange receive(String more) {
    return post(
        "{\"RequestID\":\"r\",\"ClientID\":\"c\",\"Channel\":\"q\",\"MaxNumberOfMessages\":10"
            + more
            + "}",
        JsonDecoders::receive,
        queues::receive);
  }

  private static QueueMessage queued() {
    Message message =
        Message.builder()
            .id("m")
            .clientId("c")
            .channel("q")
            .body("Batch Message 0".getBytes(UTF_8))
            .tags(Map.of("message", "0"))
            .build();
    return new QueueMessage(
        message, new QueuePolicy(0, 7, 16, ""), 327, 1563372507251528700L, 1, "", 0, 0);
  }

  private static Received received() {
    return new Received(List.of(new Delivery(Receipt.of(new byte[] {1}), queued())), 1);
  }

  private static final String MESSAGE =
      "{\"MessageID\":\"m\",\"ClientID\":\"c\",\"Channel\":\"q\",\"Body\":\"QmF0Y2ggTWVzc2FnZSAw\","
          + "\"Tags\":{\"message\":\"0\"},\"Attributes\":{\"Timestamp\":1563372507251528700,"
          + "\"Sequence\":327,\"MD5OfBody\":\"bd5fbd8ea1ffc4271391db089e53319b\","
          + "\"ReceiveCount\":1},\"Policy\":{\"MaxReceiveCount\":16}}";

  @Test
  void shouldAcknowledgeWhatWasWritten() {
    FakeExchange exchange = receive("");
    assertThat(broker.queues.receiveOptions)
        .isEqualTo(new ReceiveOptions(10, 1_000_000_000L, ReceiveOptions.UNTIL_SETTLED, 64 << 20));

    broker.queues.receive.ok(received());

    assertOk(
        exchange,
        "{\"RequestID\":\"r\",\"Messages\":["
            + MESSAGE
            + "],\"MessagesReceived\":1,\"MessagesExpired\":1}");
    assertThat(broker.queues.settlements).isEmpty();
    exchange.listener.written(true);
    assertThat(broker.queues.settlements).containsExactly(Settlement.ACK);
  }

  @Test
  void shouldReleaseWhatCouldNotBeWritten() {
    FakeExchange exchange = receive("");
    broker.queues.receive.ok(received());

    exchange.listener.written(false);

    assertThat(broker.queues.settlements).containsExactly(Settlement.RELEASE);
  }

  @Test
  void shouldReleaseWhatComesForClientThatIsGone() {
    FakeExchange exchange = receive(",\"WaitTimeSeconds\":60");
    FakeCall<Received> call = broker.queues.receive;
    exchange.disconnect();
    assertThat(call.cancelled()).isTrue();

    broker.queues.receive = new FakeCall<>();
    FakeExchange other = receive("");
    other.disconnect();
    broker.queues.receive.ok(received());

    assertThat(broker.queues.settlements).doesNotContain(Settlement.ACK);
  }

  @Test
  void shouldAnswerEmptyReceive() {
    FakeExchange exchange = receive(",\"WaitTimeSeconds\":3");
    broker.queues.receive.ok(new Received(List.of(), 0));

    assertOk(exchange, "{\"RequestID\":\"r\"}");
    assertThat(broker.queues.receiveOptions.waitNanos()).isEqualTo(3_000_000_000L);
    exchange.listener.written(true);
    assertThat(broker.queues.settlements).isEmpty();
  }

  @Test
  void shouldPeek() {
    FakeExchange exchange = receive(",\"IsPeak\":true,\"WaitTimeSeconds\":2");

    broker.queues.peek.ok(new Peeked(List.of(queued()), 0));

    assertOk(
        exchange,
        "{\"RequestID\":\"r\",\"Messages\":["
            + MESSAGE
            + "],\"MessagesReceived\":1,\"IsPeak\":true}");
    assertThat(broker.queues.waitNanos).isEqualTo(2_000_000_000L);
    assertThat(broker.queues.settlements).isEmpty();
  }

  @Test
  void shouldPutErrorsOfReceiveIntoData() {
    assertOk(
        receive(",\"MaxNumberOfMessages\":0,\"IsPeak\":true"),
        "{\"RequestID\":\"r\",\"IsPeak\":true,\"IsError\":true,\"Error\":\""
            + KubemqError.MAX_MESSAGES.text()
            + "\"}");
    FakeExchange refused = receive("");
    broker.queues.receive.stage.complete(Result.refused(ErrorCode.SHUTTING_DOWN, "stopping"));
    assertOk(
        refused,
        "{\"RequestID\":\"r\",\"IsError\":true,\"Error\":\"Error 409: server is in shutdown"
            + " mode\"}");
  }

  private FakeExchange ackAll(String json) {
    return post(json, JsonDecoders::ackAll, queues::ackAll);
  }

  @Test
  void shouldAcknowledgeAll() {
    FakeExchange exchange =
        ackAll("{\"RequestID\":\"r\",\"ClientID\":\"c\",\"Channel\":\"q\",\"WaitTimeSeconds\":2}");
    broker.queues.ackAll.ok(11L);

    assertOk(exchange, "{\"RequestID\":\"r\",\"AffectedMessages\":11}");
    assertThat(broker.queues.waitNanos).isEqualTo(2_000_000_000L);
  }

  @Test
  void shouldPutErrorsOfAckAllIntoData() {
    assertOk(
        ackAll("{\"RequestID\":\"r\",\"ClientID\":\"c\"}"),
        "{\"RequestID\":\"r\",\"IsError\":true,\"Error\":\""
            + KubemqError.QUEUE_NAME.text()
            + "\"}");
  }

  @Test
  void shouldTellAboutQueuesFromQueryOrBody() {
    broker.queues.infos.put("a", new QueueInfo("a", 0, 10, 10, 0, 0, 0, 0, 0, 0, 0));
    broker.queues.infos.put("b", new QueueInfo("b", 3, 4, 4, 2, 0, 0, 9, 0, 0, 1));
    QueueInfoEndpoint endpoint = new QueueInfoEndpoint(context);
    FakeExchange all = FakeExchange.get("/queue/info?RequestID=r");
    FakeExchange one =
        FakeExchange.get("/queue/info?QueueName=a;nope&RequestID=x")
            .body("{\"RequestID\":\"r\",\"QueueName\":\" b ;nope\"}");

    endpoint.handle(all);
    endpoint.handle(one);

    String b =
        "{\"Name\":\"b\",\"Messages\":2,\"Bytes\":9,\"FirstSequence\":3,\"LastSequence\":4,"
            + "\"Sent\":4,\"Delivered\":2,\"Waiting\":2,\"Subscribers\":1}";
    assertOk(
        all,
        "{\"RefRequestID\":\"r\",\"Info\":{\"TotalQueue\":2,\"Sent\":14,\"Delivered\":12,"
            + "\"Waiting\":2,\"Queues\":[{\"Name\":\"a\",\"LastSequence\":10,\"Sent\":10,"
            + "\"Delivered\":10,\"Subscribers\":1},"
            + b
            + "]}}");
    assertOk(
        one,
        "{\"RefRequestID\":\"r\",\"Info\":{\"TotalQueue\":1,\"Sent\":4,\"Delivered\":2,"
            + "\"Waiting\":2,\"Queues\":["
            + b
            + "]}}");
  }
}
