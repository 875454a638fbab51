// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.RawWebSocket;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms in which requests come, from every client there has been (spec: connmix §2.0, §7). */
@ConnmixSuite
class RequestFormsTest {
  private static final String DONE = "{\"E\":null,\"r\":{\"s\":true},\"i\":%s}";

  private final Connmix connmix;

  RequestFormsTest(Connmix connmix) {
    this.connmix = connmix;
  }

  // --- ids of requests

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'\"i\":12345'|12345",
        "'\"id\":12345'|12345",
        "'\"id\":1,\"i\":2'|2",
        "'\"i\":2,\"id\":1'|2",
        "'\"i\":9223372036854775807'|9223372036854775807",
        "'\"i\":123456789012345678901234567890'|123456789012345678901234567890",
        "'\"i\":-1'|-1",
        "'\"i\":1.50'|1.50",
        "'\"i\":\"a\\\"b\"'|'\"a\\\"b\"'",
        "'\"i\":true'|true",
        "'\"i\":null'|null",
        "'\"x\":1'|null",
        "'\"i\":[1]'|null"
      })
  void shouldEchoTheIdAsItCame(String member, String echoed) {
    try (Backend backend = connmix.backend()) {
      assertThat(backend.exchange("{\"m\":\"server.ping\",\"p\":{}," + member + "}"))
          .isEqualTo("{\"E\":null,\"r\":{\"m\":\"server.pong\"},\"i\":" + echoed + "}");
    }
  }

  // --- params

  @ParameterizedTest
  @ValueSource(strings = {"{\"t\":[\"%s\"]}", "[{\"t\":[\"%s\"]}]", "[\"%s\"]"})
  void shouldTakeTheTopicsInEveryForm(String form) {
    String topic = Names.unique("form");
    connmix.enqueue(topic, "1", "x");
    try (Backend backend = connmix.backend()) {
      backend.done("queue.pop", form.formatted(topic));
      assertThat(backend.data(1)).containsExactly("x");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "null", "[{}]"})
  void shouldEndConsumptionWithAnyParams(String params) {
    try (Backend backend = connmix.backend()) {
      backend.pop(Names.unique("any"));
      backend.done("queue.unpop", params);
    }
  }

  @Test
  void shouldEndConsumptionAndPingWithoutParams() {
    try (Backend backend = connmix.backend()) {
      backend.pop(Names.unique("none"));
      assertThat(backend.exchange("{\"m\":\"queue.unpop\",\"i\":9}"))
          .isEqualTo(DONE.formatted("9"));
      assertThat(backend.exchange("{\"m\":\"server.ping\",\"i\":9}"))
          .isEqualTo("{\"E\":null,\"r\":{\"m\":\"server.pong\"},\"i\":9}");
    }
  }

  /** PHP sends the client's id back as a number of 64 bits, which no double can hold. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"c\":%s,\"d\":\"x\"}",
        "{\"c\":\"%s\",\"d\":\"x\"}",
        "[{\"c\":%s,\"d\":\"x\"}]",
        "{\"d\":\"x\",\"t\":\"text\",\"c\":%s}",
        "{\"c\":%s,\"d\":\"x\",\"t\":null,\"more\":[{\"c\":1}]}"
      })
  void shouldTakeTheClientsIdAsTextOrNumber(String params) {
    try (Backend backend = connmix.backend();
        PushedClient client = connmix.client()) {
      assertThat(Long.parseLong(client.id())).isGreaterThan(1L << 53);
      backend.done("mesh.send", params.formatted(client.id()));
      assertThat(client.next()).isEqualTo("text:x");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'\"\"'|''",
        "'{\"a\": [1, 2.50, 1e400]}'|'{\"a\":[1,2.50,1E+400]}'",
        "12345678901234567890|12345678901234567890",
        "true|true",
        "'\"\\ud83d\\ude00 \\u017c/\\\"\"'|'\ud83d\ude00 ż/\"'"
      })
  void shouldSendWhatIsNoTextAsItsJson(String data, String pushed) {
    try (Backend backend = connmix.backend();
        PushedClient client = connmix.client()) {
      backend.done("mesh.send", "{\"c\":" + client.id() + ",\"d\":" + data + "}");
      assertThat(client.next()).isEqualTo("text:" + pushed);
    }
  }

  // --- what is no request

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "[]",
        "12",
        "\"m\"",
        "null",
        "{",
        "{\"m\":\"server.ping\"} x",
        "{\"m\":\"mesh.publish\",\"p\":{\"c\":\"a\",\"d\":\"\\ud800\"},\"i\":1}",
        "pingg"
      })
  void shouldRefuseWhatIsNoRequestAndStay(String text) {
    try (Backend backend = connmix.backend()) {
      String answer = backend.exchange(text);
      Backend.assertRefused(Json.parse(answer), 101);
      assertThat(answer).endsWith(",\"i\":null}");
      assertThat(backend.exchange("ping")).isEqualTo("pong");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "no.such|{}",
        "queue.consume|{\"t\":[\"a\"]}",
        "''|{}",
        "queue.pop|{}",
        "queue.pop|[]",
        "queue.pop|{\"t\":[]}",
        "queue.pop|{\"t\":\"a\"}",
        "queue.pop|{\"t\":[\"a\",1]}",
        "queue.pop|{\"t\":[\"\"]}",
        "queue.pop|[[\"a\"]]",
        "queue.ack|{\"a\":[\"1\"]}",
        "mesh.send|{}",
        "mesh.send|{\"d\":\"x\"}",
        "mesh.send|{\"c\":\"x\",\"d\":\"x\"}",
        "mesh.send|{\"c\":1.5,\"d\":\"x\"}",
        "mesh.send|{\"c\":-1,\"d\":\"x\"}",
        "mesh.send|{\"c\":99999999999999999999,\"d\":\"x\"}",
        "mesh.send|{\"c\":\"1463786910324359168\"}",
        "mesh.send|{\"c\":\"1463786910324359168\",\"d\":null}",
        "mesh.send|{\"c\":\"1463786910324359168\",\"d\":\"x\",\"t\":\"json\"}",
        "mesh.send|{\"c\":\"1463786910324359168\",\"d\":\"x\",\"t\":1}",
        "mesh.send|{\"c\":\"1463786910324359168\",\"d\":\"x\",\"t\":[\"text\"]}",
        "mesh.send|{\"c\":\"1463786910324359168\",\"d\":\"no base64!\",\"t\":\"binary\"}",
        "mesh.publish|{\"d\":\"x\"}",
        "mesh.publish|{\"c\":\"\",\"d\":\"x\"}",
        "mesh.publish|{\"c\":\"a\"}",
        "mesh.publish|{\"c\":[\"a\"],\"d\":\"x\"}",
        "mesh.publish|{\"c\":\"a\",\"d\":\"x\",\"t\":\"binary\"}",
        "conn.call|{}",
        "conn.call|{\"c\":\"1\",\"a\":[\"a\"]}",
        "conn.call|{\"c\":\"1\",\"f\":\"subscribe\"}",
        "conn.call|{\"c\":\"1\",\"f\":\"subscribe\",\"a\":[]}",
        "conn.call|{\"c\":\"1\",\"f\":\"subscribe\",\"a\":[1]}",
        "conn.call|{\"c\":\"1\",\"f\":\"subscribe\",\"a\":\"a\"}",
        "conn.call|{\"c\":\"1\",\"f\":\"set_context\",\"a\":[\"a\"]}",
        "conn.call|{\"c\":\"1\",\"f\":\"set_context\",\"a\":[[1]]}",
        "conn.call|{\"c\":\"1\",\"f\":\"set_context_value\",\"a\":[\"a\"]}",
        "conn.call|{\"c\":\"1\",\"f\":\"set_context_value\",\"a\":[1,2]}",
        "conn.call|{\"c\":\"1\",\"f\":\"close\",\"a\":[1001]}"
      })
  void shouldRefuseWrongArguments(String method, String params) {
    try (Backend backend = connmix.backend()) {
      backend.refused(101, method, params);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"c\":\"1\",\"f\":\"subscribe\",\"a\":[\"a\"]}",
        "{\"c\":\"1\",\"f\":\"no_such\",\"a\":[]}",
        "{\"c\":\"1\",\"f\":\"subscribe\",\"a\":[\"with blank\"]}"
      })
  void shouldSayThatACallFailed(String params) {
    try (Backend backend = connmix.backend()) {
      backend.refused(301, "conn.call", params);
    }
  }

  @Test
  void shouldRefuseARequestWithoutAMethod() {
    try (Backend backend = connmix.backend()) {
      String answer = backend.exchange("{\"p\":{},\"i\":7}");
      Backend.assertRefused(Json.parse(answer), 101);
      assertThat(answer).endsWith(",\"i\":7}");
    }
  }

  // --- frames

  /** The PHP client's synchronous mode cuts what it sends into pieces of 4,096 bytes. */
  @Test
  void shouldTakeRequestsInFragments() {
    String data = "0123456789".repeat(2_000);
    try (Backend backend = connmix.backend();
        PushedClient client = connmix.client()) {
      byte[] request =
          "{\"m\":\"mesh.send\",\"p\":{\"c\":%s,\"d\":\"%s\"},\"i\":1}"
              .formatted(client.id(), data)
              .getBytes(UTF_8);
      for (int from = 0; from < request.length; from += 4096) {
        int to = Math.min(request.length, from + 4096);
        backend
            .socket()
            .send(
                to == request.length,
                0,
                from == 0 ? RawWebSocket.TEXT : RawWebSocket.CONTINUATION,
                true,
                Arrays.copyOfRange(request, from, to));
      }

      assertThat(backend.answer()).isEqualTo(DONE.formatted("1"));
      assertThat(client.next()).isEqualTo("text:" + data);
    }
  }

  @Test
  void shouldTakeRequestsInBinaryFrames() {
    try (Backend backend = connmix.backend()) {
      backend
          .socket()
          .send(RawWebSocket.BINARY, "{\"m\":\"server.ping\",\"p\":{},\"i\":1}".getBytes(UTF_8));
      assertThat(backend.next()).isEqualTo("{\"E\":null,\"r\":{\"m\":\"server.pong\"},\"i\":1}");

      backend.socket().send(RawWebSocket.BINARY, new byte[] {(byte) 0xc3, 0x28});
      Backend.assertRefused(Json.parse(backend.next()), 101);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ping", "PING", "Ping", " ping ", "ping\n"})
  void shouldAnswerPingTexts(String ping) {
    try (Backend backend = connmix.backend()) {
      assertThat(backend.exchange(ping)).isEqualTo("pong");
    }
  }

  /** As the PHP client ends a connection. */
  @Test
  void shouldTakeAnUnmaskedCloseFrameAsAGoodbye() {
    try (Backend backend = connmix.backend()) {
      backend.socket().send(true, 0, RawWebSocket.CLOSE, false, new byte[] {3, (byte) 0xe8});
      assertThat(backend.socket().readCloseCode()).isEqualTo(1000);
    }
  }

  @Test
  void shouldSayWhyItClosesAfterInvalidText() {
    try (Backend backend = connmix.backend()) {
      backend.socket().send(RawWebSocket.TEXT, new byte[] {(byte) 0xff});
      assertThat(backend.socket().readCloseCode()).isEqualTo(1007);
    }
  }

  @Test
  void shouldSayWhyItClosesAfterAnUnmaskedRequest() {
    try (Backend backend = connmix.backend()) {
      backend.socket().send(true, 0, RawWebSocket.TEXT, false, "ping".getBytes(UTF_8));
      assertThat(backend.socket().readCloseCode()).isEqualTo(1002);
    }
  }

  @Test
  void shouldTakeRequestsUpToTheirBoundAndNoLarger() {
    int bound = 1 << 20;
    String beginning = "{\"m\":\"server.ping\",\"i\":1}";
    try (Backend backend = connmix.backend()) {
      backend.send(beginning + " ".repeat(bound - beginning.length()));
      assertThat(backend.next()).contains("server.pong");

      backend.send(beginning + " ".repeat(bound - beginning.length() + 1));
      assertThat(backend.socket().readCloseCode()).isEqualTo(1009);
    }
  }

  // --- pipelining

  @Test
  void shouldAnswerEveryRequestOfAPipeline() {
    try (Backend backend = connmix.backend();
        PushedClient client = connmix.client()) {
      int count = 3_000;
      Thread sender =
          new Thread(
              () -> {
                for (int i = 1; i <= count; i++) {
                  backend.send(
                      "{\"m\":\"mesh.send\",\"p\":{\"c\":%s,\"d\":\"%d\"},\"i\":%d}"
                          .formatted(client.id(), i, i));
                }
              });
      sender.start();

      boolean[] answered = new boolean[count + 1];
      for (int i = 1; i <= count; i++) {
        String answer = backend.answer();
        int id = Json.parse(answer).path("i").asInt();
        assertThat(answer).isEqualTo(DONE.formatted(id));
        assertThat(answered[id]).isFalse();
        answered[id] = true;
      }
      List<String> pushed = client.next(count);
      for (int i = 1; i <= count; i++) {
        assertThat(pushed.get(i - 1)).isEqualTo("text:" + i);
      }
    }
  }
}
