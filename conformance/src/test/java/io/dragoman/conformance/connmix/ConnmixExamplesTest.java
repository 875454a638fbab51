// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.RawWebSocket;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Every example of the protocol's document, word for word: requests as they stand there, answers
 * compared as text with the document's, compacted. Only ids of clients and names of topics and
 * channels are replaced by those of the test, and the texts of errors, which the document has as
 * asterisks.
 */
@ConnmixSuite
class ConnmixExamplesTest {
  private static final Pattern CLIENT_ID = Pattern.compile("14[0-9]{17}");

  /** What the document's publish says it has reached. */
  private static final int MEMBERS = 9;

  /** No connection has it: the document's own. */
  private static final String GONE = "1463786910324359168";

  private final Connmix connmix;
  private final String topic = Names.unique("topic");
  private final String channel = Names.unique("channel");

  ConnmixExamplesTest(Connmix connmix) {
    this.connmix = connmix;
  }

  private String text(String name) {
    String resource = "/seeds/connmix/" + name;
    try (InputStream in = ConnmixExamplesTest.class.getResourceAsStream(resource)) {
      assertThat(in).as(resource).isNotNull();
      return new String(in.readAllBytes(), UTF_8)
          .replace("\"topic1\"", "\"" + topic + "\"")
          .replace("\"channel1\"", "\"" + channel + "1\"")
          .replace("\"channel2\"", "\"" + channel + "2\"");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String text(String name, String clientId) {
    return CLIENT_ID.matcher(text(name)).replaceAll(clientId);
  }

  /** The document's answer as it is sent. */
  private String compact(String name) {
    return Json.parseExample(text(name)).toString();
  }

  /** Asserts that an answer is the document's, but for the error's text. */
  private void assertIsError(String answer, String name) {
    JsonNode actual = Json.parse(answer);
    String words = actual.at("/E/m").textValue();
    assertThat(words).as(answer).isNotBlank();
    ObjectNode expected = (ObjectNode) Json.parseExample(text(name));
    ((ObjectNode) expected.get("E")).put("m", words);
    assertThat(answer).isEqualTo(expected.toString());
  }

  private Answer post(String path, String body) {
    return connmix.post(path, body, "Content-Type", "application/json");
  }

  // --- HTTP

  @Test
  void shouldSendOverHttp() {
    try (PushedClient client = connmix.client()) {
      Answer answer = post("/v1/mesh/send", text("http-send-request.json", client.id()));

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Content-Type")).startsWith("application/json");
      assertThat(answer.text()).isEqualTo(compact("http-send-response.json"));
      assertThat(client.next()).isEqualTo("text:data");
    }
  }

  @Test
  void shouldSayOverHttpThatNobodyIsThere() {
    Answer answer = post("/v1/mesh/send", text("http-send-request.json"));

    assertThat(answer.status()).isEqualTo(200);
    assertIsError(answer.text(), "http-send-error.json");
  }

  @Test
  void shouldPublishOverHttp() {
    List<PushedClient> members = members();

    Answer answer = post("/v1/mesh/publish", text("http-publish-request.json"));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo(compact("http-publish-response.json"));
    assertAllTold(members);
  }

  @Test
  void shouldRefuseOverHttpWhatIsNoPublish() {
    assertIsError(post("/v1/mesh/publish", "{}").text(), "http-publish-error.json");
  }

  // --- WebSocket

  @Test
  void shouldAnswerPingFramesAndPingTexts() {
    try (Backend backend = connmix.backend()) {
      backend.socket().send(RawWebSocket.PING, "life");
      RawWebSocket.Frame pong = backend.socket().readFrame();
      assertThat(pong.opcode()).isEqualTo(RawWebSocket.PONG);
      assertThat(pong.text()).isEqualTo("life");

      assertThat(backend.exchange(text("ping.txt"))).isEqualTo(text("pong.txt"));
    }
  }

  @Test
  void shouldConsumeAQueue() {
    try (Backend backend = connmix.backend()) {
      assertThat(backend.exchange(text("pop-request.json")))
          .isEqualTo(compact("pop-response.json"));

      connmix.enqueue(
          topic,
          "1463819408261513216",
          "{\"frame\":{\"type\":\"text\",\"data\":\"json str\",\"finish\":true}}");

      assertThat(backend.next()).isEqualTo(compact("pop-event.json"));
      assertIsError(backend.exchange(text("pop-request.json")), "pop-error.json");
    }
  }

  @Test
  void shouldEndConsumption() {
    try (Backend backend = connmix.backend()) {
      assertIsError(backend.exchange(text("unpop-request.json")), "unpop-error.json");
      backend.exchange(text("pop-request.json"));

      assertThat(backend.exchange(text("unpop-request.json")))
          .isEqualTo(compact("unpop-response.json"));
      assertThat(backend.exchange(text("pop-request.json")))
          .isEqualTo(compact("pop-response.json"));
    }
  }

  @Test
  void shouldSetTheContext() {
    for (String name : List.of("set-context-value-request.json", "set-context-request.json")) {
      try (Backend backend = connmix.backend();
          PushedClient client = connmix.client()) {
        assertThat(backend.exchange(text(name, client.id())))
            .isEqualTo(compact("context-response.json"));
        assertThat(client.connection().contextValue("user_id")).isEqualTo("10000");

        assertIsError(backend.exchange(text(name)), "context-error.json");
      }
    }
  }

  @Test
  void shouldSubscribeAndUnsubscribe() {
    try (Backend backend = connmix.backend();
        PushedClient client = connmix.client()) {
      assertThat(backend.exchange(text("subscribe-request.json", client.id())))
          .isEqualTo(compact("subscribe-response.json"));
      assertThat(client.connection().channels())
          .containsExactlyInAnyOrder(channel + "1", channel + "2");

      assertThat(backend.exchange(text("unsubscribe-request.json", client.id())))
          .isEqualTo(compact("subscribe-response.json"));
      assertThat(client.connection().channels()).isEmpty();

      for (String name : List.of("subscribe-request.json", "unsubscribe-request.json")) {
        assertIsError(backend.exchange(text(name, GONE)), "subscribe-error.json");
      }
    }
  }

  @Test
  void shouldSend() {
    try (Backend backend = connmix.backend();
        PushedClient client = connmix.client()) {
      assertThat(backend.exchange(text("send-request.json", client.id())))
          .isEqualTo(compact("send-response.json"));
      assertThat(client.next()).isEqualTo("text:data");

      assertIsError(backend.exchange(text("send-request.json")), "send-error.json");
    }
  }

  @Test
  void shouldPublish() {
    List<PushedClient> members = members();
    try (Backend backend = connmix.backend()) {
      assertThat(backend.exchange(text("publish-request.json")))
          .isEqualTo(compact("publish-response.json"));
      assertAllTold(members);

      assertIsError(
          backend.exchange("{\"m\":\"mesh.publish\",\"p\":{},\"i\":12345}"), "publish-error.json");
    }
  }

  private List<PushedClient> members() {
    List<PushedClient> members = new ArrayList<>();
    for (int i = 0; i < MEMBERS; i++) {
      PushedClient client = connmix.client();
      client.connection().subscribe(List.of(channel + "1")).orThrow();
      members.add(client);
    }
    return members;
  }

  private static void assertAllTold(List<PushedClient> members) {
    members.forEach(each -> assertThat(each.next()).isEqualTo("text:data"));
    members.forEach(PushedClient::close);
  }
}
