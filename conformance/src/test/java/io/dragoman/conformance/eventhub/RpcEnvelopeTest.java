// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The JSON-RPC envelope: what is a request, which errors there are (spec: eventhub §2). */
@EventhubSuite
class RpcEnvelopeTest {
  private static final String INVALID_REQUEST =
      "{\"error\":{\"code\":-32600,\"data\":\"Invalid request\",\"message\":\"Invalid request\"},"
          + "\"id\":null,\"jsonrpc\":\"2.0\"}";

  private final Eventhub eventhub;

  RpcEnvelopeTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  /** Sends a frame and what must be served after it, and gives the reply to the frame. */
  private String exchange(String frame) {
    try (RpcClient client = eventhub.connect()) {
      String reply = client.exchange(frame);
      assertThat(client.exchange("{\"id\":77,\"jsonrpc\":\"2.0\",\"method\":\"list\"}"))
          .isEqualTo("{\"id\":77,\"jsonrpc\":\"2.0\",\"result\":[]}");
      return reply;
    }
  }

  private static String list(String members) {
    return "{" + members + ",\"jsonrpc\":\"2.0\",\"method\":\"list\"}";
  }

  private static String listed(String id) {
    return "{\"id\":" + id + ",\"jsonrpc\":\"2.0\",\"result\":[]}";
  }

  // --- what is no request

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "nonsense",
        "{",
        "}",
        "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"list\"",
        "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"list\",}",
        "{'id':1,'jsonrpc':'2.0','method':'list'}",
        "{id:1,jsonrpc:\"2.0\",method:\"list\"}",
        "{\"id\":01,\"jsonrpc\":\"2.0\",\"method\":\"list\"}",
        "{\"id\":+1,\"jsonrpc\":\"2.0\",\"method\":\"list\"}",
        "{\"id\":NaN,\"jsonrpc\":\"2.0\",\"method\":\"list\"}",
        "{\"id\":\"\t\",\"jsonrpc\":\"2.0\",\"method\":\"list\"}",
        "null",
        "true",
        "1",
        "\"list\"",
        "{}",
        "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"list\"} x",
        "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"list\"}"
            + "{\"id\":2,\"jsonrpc\":\"2.0\",\"method\":\"list\"}",
        "/* a comment */{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"list\"}",
        "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"list\"}// a comment",
        "\u0000{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"list\"}",
        "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"list\"}\u0000"
      })
  void shouldRefuseWhatIsNoJsonObject(String frame) {
    assertThat(exchange(frame)).isEqualTo(INVALID_REQUEST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "[1]",
        "[{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"list\"}]",
        "[{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"list\"},"
            + "{\"id\":2,\"jsonrpc\":\"2.0\",\"method\":\"list\"}]"
      })
  void shouldRefuseBatches(String frame) {
    assertThat(exchange(frame)).isEqualTo(INVALID_REQUEST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.5", "1.0", "1e2", "true", "false", "{}", "[]", "[1]", "{\"a\":[{}]}"})
  void shouldRefuseIdsThatAreNeitherTextNorWholeNumberNorNull(String id) {
    assertThat(exchange(list("\"id\":" + id))).isEqualTo(INVALID_REQUEST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // no version, or another
        "{\"id\":1,\"method\":\"list\"}",
        "{\"id\":1,\"jsonrpc\":\"1.0\",\"method\":\"list\"}",
        "{\"id\":1,\"jsonrpc\":2.0,\"method\":\"list\"}",
        "{\"id\":1,\"jsonrpc\":null,\"method\":\"list\"}",
        "{\"id\":1,\"jsonrpc\":[\"2.0\"],\"method\":\"list\"}",
        // no method, or what is none
        "{\"id\":1,\"jsonrpc\":\"2.0\"}",
        "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"\"}",
        "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":null}",
        "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":5}",
        "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":[\"list\"]}",
        "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":{\"list\":1}}",
        // a response
        "{\"id\":1,\"jsonrpc\":\"2.0\",\"result\":[]}",
        "{\"id\":1,\"jsonrpc\":\"2.0\",\"error\":{\"code\":1,\"message\":\"x\"}}",
        // names of members have their case
        "{\"ID\":1,\"jsonrpc\":\"2.0\",\"method\":\"list\"}",
        "{\"id\":1,\"jsonrpc\":\"2.0\",\"Method\":\"list\"}"
      })
  void shouldRefuseWhatIsNoRequest(String frame) {
    assertThat(exchange(frame)).isEqualTo(INVALID_REQUEST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "5", "1.5", "\"x\"", "true", "false"})
  void shouldRefuseParamsThatAreNeitherObjectNorArray(String params) {
    assertThat(exchange(list("\"id\":1,\"params\":" + params))).isEqualTo(INVALID_REQUEST);
  }

  @Test
  void shouldRefuseNotificationsAndNotCarryThemOut() {
    String topic = Names.unique("topic");
    try (RpcClient client = eventhub.connect()) {
      String params = "\"params\":{\"topic\":\"" + topic + "\"}";

      String reply =
          client.exchange("{\"jsonrpc\":\"2.0\",\"method\":\"subscribe\"," + params + "}");

      assertThat(reply).isEqualTo(INVALID_REQUEST);
      assertThat(client.result("list")).isEqualTo(Json.array());
    }
  }

  @Test
  void shouldRefuseHalvesOfSurrogatePairsWhichNoTextHolds() {
    assertThat(exchange(list("\"id\":\"\\ud800\""))).isEqualTo(INVALID_REQUEST);
    assertThat(exchange(list("\"id\":\"\\udc00\\ud800\""))).isEqualTo(INVALID_REQUEST);
    assertThat(exchange(list("\"id\":1,\"params\":{\"topic\":\"x\\udfff\"}")))
        .isEqualTo(INVALID_REQUEST);
    assertThat(exchange(list("\"id\":\"\\ud83d\\ude00\""))).isEqualTo(listed("\"\ud83d\ude00\""));
  }

  @Test
  void shouldRefuseWhatIsNestedTooDeep() {
    int depth = 100_000;
    String deep = "[".repeat(depth) + "]".repeat(depth);

    assertThat(exchange(deep)).isEqualTo(INVALID_REQUEST);
    assertThat(exchange(list("\"id\":" + deep))).isEqualTo(INVALID_REQUEST);
    assertThat(exchange(list("\"id\":1,\"params\":" + deep))).isEqualTo(INVALID_REQUEST);
    assertThat(exchange(list("\"id\":1,\"x\":" + "{\"x\":".repeat(depth))))
        .isEqualTo(INVALID_REQUEST);
  }

  // --- ids

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-1",
        "7",
        "2147483647",
        "2147483648",
        "-2147483649",
        "1700000000000",
        "9007199254740993",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551616",
        "123456789012345678901234567890",
        "null",
        "\"\"",
        "\"7\"",
        "\"a/b\"",
        "\"żółć 日本 \ud83d\ude00\"",
        "\"\\\"quoted\\\" \\\\ \\n \\t\"",
        "\"\\u0001\""
      })
  void shouldGiveIdsBackExactly(String id) {
    assertThat(exchange(list("\"id\":" + id))).isEqualTo(listed(id));
  }

  @Test
  void shouldGiveIdsBackInErrorsAndEvents() {
    String topic = Names.unique("topic");
    try (RpcClient client = eventhub.connect()) {
      assertThat(client.exchange("{\"id\":9007199254740993,\"jsonrpc\":\"2.0\",\"method\":\"x\"}"))
          .isEqualTo(
              "{\"error\":{\"code\":-32601,\"message\":\"Method not found\"},"
                  + "\"id\":9007199254740993,\"jsonrpc\":\"2.0\"}");
      assertThat(client.exchange("{\"id\":\"s\",\"jsonrpc\":\"2.0\",\"method\":\"subscribe\"}"))
          .isEqualTo(
              "{\"error\":{\"code\":-32602,"
                  + "\"data\":\"You must specify 'topic' to subscribe to.\","
                  + "\"message\":\"Invalid params\"},\"id\":\"s\",\"jsonrpc\":\"2.0\"}");

      client.exchange(
          "{\"id\":\"né/1\",\"jsonrpc\":\"2.0\",\"method\":\"subscribe\",\"params\":{\"topic\":\""
              + topic
              + "\"}}");
      String id = eventhub.publish(topic, "x");

      assertThat(client.nextText())
          .isEqualTo(
              "{\"id\":\"né/1\",\"jsonrpc\":\"2.0\",\"result\":{\"id\":\""
                  + id
                  + "\",\"message\":\"x\",\"topic\":\""
                  + topic
                  + "\"}}");
    }
  }

  /** Nobody checks that they differ. */
  @Test
  void shouldAnswerRequestsWithTheSameId() {
    try (RpcClient client = eventhub.connect()) {
      client.send(list("\"id\":1")).send(list("\"id\":1"));

      assertThat(client.nextText()).isEqualTo(listed("1"));
      assertThat(client.nextText()).isEqualTo(listed("1"));
    }
  }

  // --- methods and params

  @ParameterizedTest
  @CsvSource({
    "unsubscribeAll",
    "UNSUBSCRIBEALL",
    "unsubscribeall",
    "PiNg",
    "LIST",
    "Get",
    "eventLog",
    "EVENTLOG",
    "Publish",
    "SUBSCRIBE",
    "Unsubscribe",
    "SET",
    "DEL"
  })
  void shouldIgnoreTheCaseOfMethods(String method) {
    try (RpcClient client = eventhub.connect()) {
      JsonNode reply = client.call(method, Json.object());

      assertThat(reply.at("/error/code").asInt()).as("%s", reply).isIn(0, -32602);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nope",
        "delete",
        "lists",
        "list ",
        " list",
        "lıst",
        "subſcribe",
        "rpc.list",
        "\u0000"
      })
  void shouldNotFindOtherMethods(String method) {
    try (RpcClient client = eventhub.connect()) {
      JsonNode reply = client.call(method, Json.object());

      assertThat(reply.get("error"))
          .isEqualTo(Json.object("code", -32601, "message", "Method not found"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"list", "ping", "unsubscribeall"})
  void shouldTakeAnyParamsWhereNoneAreNeeded(String method) {
    String request = "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"" + method + "\"";
    for (String params :
        List.of("", ",\"params\":{}", ",\"params\":[]", ",\"params\":{\"x\":[1,{}]}")) {
      assertThat(Json.keys(Json.parse(exchange(request + params + "}"))))
          .containsExactly("id", "jsonrpc", "result");
    }
  }

  @Test
  void shouldTakeAnArrayForNoParamsWhereNamedOnesAreNeeded() {
    try (RpcClient client = eventhub.connect()) {
      JsonNode list = Json.parse("[\"topic\",\"x\"]");

      client.assertInvalid("You must specify 'topic' to subscribe to.", "subscribe", list);
      client.assertInvalid("You need to specify topic and message to publish to.", "publish", list);
      client.assertInvalid("You must specify either 'since' or 'sinceEventId'.", "eventlog", list);
    }
  }

  @Test
  void shouldIgnoreMembersThatItDoesNotKnow() {
    String more = "\"a\":{\"id\":9,\"b\":[1,[2,{\"method\":\"x\"}]]},\"b\":[{\"id\":8}],\"c\":1.5";

    assertThat(exchange("{" + more + "," + list("\"id\":1").substring(1))).isEqualTo(listed("1"));
    assertThat(exchange(list("\"id\":1").replace("}", "," + more + "}"))).isEqualTo(listed("1"));
    try (RpcClient client = eventhub.connect()) {
      String topic = Names.unique("topic");
      JsonNode params = Json.parse("{" + more + ",\"topic\":\"" + topic + "\"}");
      assertThat(client.result("subscribe", params).get("topic").textValue()).isEqualTo(topic);
    }
  }

  @Test
  void shouldTakeTheLastOfSeveralMembersOfOneName() {
    assertThat(exchange(list("\"id\":1,\"id\":2"))).isEqualTo(listed("2"));
    assertThat(exchange(list("\"id\":{},\"id\":2"))).isEqualTo(listed("2"));
    assertThat(exchange(list("\"id\":2,\"id\":{}"))).isEqualTo(INVALID_REQUEST);
    assertThat(exchange(list("\"params\":5,\"id\":1,\"params\":[]"))).isEqualTo(listed("1"));
    assertThat(exchange(list("\"method\":\"ping\",\"id\":1"))).isEqualTo(listed("1"));
    assertThat(exchange(list("\"jsonrpc\":\"1.0\",\"id\":1"))).isEqualTo(listed("1"));
    try (RpcClient client = eventhub.connect()) {
      String topic = Names.unique("topic");
      String reply =
          client.exchange(
              "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"subscribe\",\"params\":"
                  + "{\"topic\":\"other\",\"topic\":\""
                  + topic
                  + "\"}}");
      assertThat(Json.parse(reply).at("/result/topic").textValue()).isEqualTo(topic);
    }
  }

  @Test
  void shouldTolerateWhiteSpaceAndAByteOrderMark() {
    String request = list("\"id\":1");

    assertThat(exchange(" \r\n\t" + request + "\n \t")).isEqualTo(listed("1"));
    assertThat(exchange("\ufeff" + request)).isEqualTo(listed("1"));
    assertThat(exchange("\ufeff \n" + request + " ")).isEqualTo(listed("1"));
  }

  /** Neither slashes nor anything beyond ASCII is escaped, and nothing is lost. */
  @Test
  void shouldKeepTextsAsTheyAre() {
    String topic = Names.unique("a/b");
    String message = "\"/\\ \b\f\n\r\t \u0001 \u007f ż 日本 \ud83d\ude00 \u2028 </script>";
    try (RpcClient client = eventhub.connect()) {
      client.subscribe(topic);
      client.publish(topic, message);

      String frame = client.nextText();

      assertThat(frame)
          .contains(
              "\"message\":\"\\\"/\\\\ \\b\\f\\n\\r\\t \\u0001 \u007f ż 日本 \ud83d\ude00 \u2028"
                  + " </script>\"")
          .contains("\"topic\":\"" + topic + "\"");
      assertThat(Json.parse(frame).at("/result/message").textValue()).isEqualTo(message);
    }
  }

  /** Whatever takes longer: replies come in the order of requests. */
  @Test
  void shouldAnswerInTheOrderOfRequests() {
    String topic = Names.unique("topic");
    try (RpcClient client = eventhub.connect()) {
      List<Integer> ids = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        ids.add(client.begin("publish", Json.object("topic", topic, "message", "m" + i)));
        ids.add(client.begin("ping", Json.object()));
        ids.add(client.begin("set", Json.object("key", topic, "value", "v" + i)));
        ids.add(client.begin("get", Json.object("key", topic)));
        ids.add(client.begin("nope", Json.object()));
      }
      List<Integer> answered = new ArrayList<>();
      List<String> values = new ArrayList<>();
      for (int i = 0; i < ids.size(); i++) {
        JsonNode reply = Json.parse(client.nextText());
        answered.add(reply.get("id").asInt());
        if (reply.at("/result/value").isTextual()) {
          values.add(reply.at("/result/value").textValue());
        }
      }
      assertThat(answered).isEqualTo(ids);
      assertThat(values).hasSize(60).startsWith("v0", "v1").endsWith("v59");
    }
  }
}
