// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.RawHttp;
import io.dragoman.kubemq.protocol.QueueMessage;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Bodies of a hundred megabytes and more, one at a time. */
@KubeMqSuite(ownServer = true)
@ResourceLock("HugeBodyTest")
@Isolated
class HugeBodyTest {

  private static final int MIB = 1 << 20;

  private final KubeMq mq;

  HugeBodyTest(KubeMq mq) {
    this.mq = mq;
  }

  @Test
  void shouldTakeOrRefuseAHundredMegabytesClearly() {
    // given the largest body that the reference took: 100 MiB, in base64
    int base64Bytes = 100 * MIB / 3 * 4;

    // when
    Answer answer = post(base64Bytes);

    // then
    assertThat(answer.status()).isIn(200, 413);
    if (answer.status() == 200) {
      JsonNode data = answer.data();
      assertThat(data.path("IsError").asBoolean(false)).as("%s", data).isFalse();
      JsonNode waiting = mq.getFromApi("/v1/queues?name=huge").json().at("/queues/0/waiting");
      assertThat(waiting.longValue()).isEqualTo(1);
      assertThat(mq.ackAll("huge", 1).get("AffectedMessages").longValue()).isEqualTo(1);
    }
    mq.get("/ping").data();
  }

  @Test
  void shouldRefuseThreeHundredMegabytesClearly() {
    // when
    Answer answer = post(300 * MIB);

    // then
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.json())
        .isEqualTo(Json.object("error_code", 413, "message", "Request Entity Too Large"));
    mq.get("/ping").data();
  }

  @Test
  void shouldGiveNoMoreThanOneAnswerMayHold() throws Exception {
    // given 80 MiB
    try (GrpcClient client = GrpcClient.connect(mq)) {
      QueueMessage message =
          PollClient.message("parts", ByteString.copyFrom(new byte[4 * MIB])).build();
      for (int i = 0; i < 20; i++) {
        PollClient.sendAll(client, List.of(message));
      }
    }

    // when, then there are at most 64 in one, and the rest is there at once
    assertThat(received("parts", 20)).isEqualTo(15);
    assertThat(received("parts", 5)).isEqualTo(5);
  }

  @Test
  void shouldShowNoMoreThanOneAnswerMayHold() throws Exception {
    // given 105 MiB
    try (GrpcClient client = GrpcClient.connect(mq);
        PollClient polls = PollClient.open(client)) {
      QueueMessage message =
          PollClient.message("shown", ByteString.copyFrom(new byte[35 * MIB])).build();
      for (int i = 0; i < 3; i++) {
        PollClient.sendAll(client, List.of(message));
      }

      // when, then a peek shows what one answer may hold
      ObjectNode peek = Json.with(KubeMq.receiveRequest("shown", 2, 30), "IsPeak", true);
      assertThat(received(peek)).isEqualTo(1);

      // and what others hold counts for nothing
      polls.poll("shown", 1);
      polls.poll("shown", 1);
      assertThat(received(peek.put("WaitTimeSeconds", 1))).isEqualTo(1);
    }
  }

  private int received(String queue, int max) throws Exception {
    return received(KubeMq.receiveRequest(queue, max, 30));
  }

  /** How many messages came; their bodies are passed over. */
  private int received(ObjectNode receive) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(mq.rest().resolve("/queue/receive"))
            .timeout(Duration.ofSeconds(60))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(receive.toString()))
            .build();
    try (InputStream body = mq.http().send(request, BodyHandlers.ofInputStream()).body();
        JsonParser parser = new JsonFactory().createParser(body)) {
      while (!"MessagesReceived".equals(parser.nextFieldName())) {
        assertThat(parser.currentToken()).as("the end of the answer").isNotNull();
      }
      return parser.nextIntValue(0);
    }
  }

  private Answer post(int base64Bytes) {
    String before = "{\"ClientID\":\"c\",\"Channel\":\"huge\",\"Body\":\"";
    String after = "\"}";
    long length = (long) before.length() + base64Bytes + after.length();
    try (RawHttp connection = RawHttp.open(mq.rest()).deadline(Duration.ofSeconds(60))) {
      connection.write(
          connection.head("POST", "/queue/send", "Content-Type: application/json")
              + "Content-Length: "
              + length
              + "\r\n\r\n"
              + before);
      byte[] piece = "QUJD".repeat(MIB / 4).getBytes(US_ASCII);
      for (int left = base64Bytes; left > 0; left -= piece.length) {
        byte[] next = left >= piece.length ? piece : "QUJD".repeat(left / 4).getBytes(US_ASCII);
        if (!connection.writeIfTaken(next)) {
          return connection.read();
        }
      }
      connection.writeIfTaken(after.getBytes(US_ASCII));
      return connection.read();
    }
  }
}
