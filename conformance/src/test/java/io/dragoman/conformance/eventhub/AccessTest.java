// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.RawWebSocket;
import io.dragoman.conformance.Tokens;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens, what they open, and how much they allow (spec: eventhub §5). */
@EventhubSuite(settings = {"auth.enabled=true", "auth.jwt.secret=" + AccessTest.SECRET})
class AccessTest {
  static final String SECRET = "a secret that nobody will guess!";

  private static final String NO_TOKEN =
      "<h1>401 Unauthorized</h1>\nNo authentication token was given.\r\n";
  private static final String FAILED = "<h1>401 Unauthorized</h1>\nAuthentication failed.\r\n";
  private static final int POLICY_VIOLATION = 1008;

  /** Long enough to connect with, on a busy machine too. */
  private static final int SHORT_SECONDS = 6;

  private final Eventhub eventhub;

  AccessTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  private static String token(String claims) {
    return Tokens.hs256(SECRET, claims);
  }

  private static String token(String read, String write) {
    return token("{\"read\":" + read + ",\"write\":" + write + "}");
  }

  private static String all() {
    return token("[\"#\"]", "[\"#\"]");
  }

  private RpcClient connect(String read, String write) {
    return eventhub.connectWith(token(read, write));
  }

  private Answer refused(String path, String... headers) {
    return RawWebSocket.refused(eventhub.http(), path, headers);
  }

  private static void assertUnauthorized(Answer answer, String body) {
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.text()).isEqualTo(body);
  }

  // --- where the token is

  @Test
  void shouldTellThoseWithoutAToken() {
    assertUnauthorized(refused("/"), NO_TOKEN);
    assertUnauthorized(refused("/any/path?x=y"), NO_TOKEN);
    assertUnauthorized(refused("/?auth="), NO_TOKEN);
    assertUnauthorized(refused("/", "Authorization: "), NO_TOKEN);
    assertUnauthorized(eventhub.get("/topic", "Accept", "text/event-stream"), NO_TOKEN);
    assertUnauthorized(eventhub.post("/api/v1/topics/t", "m"), NO_TOKEN);
  }

  @Test
  void shouldTakeTheTokenFromTheHeaderWithOrWithoutBearer() {
    for (String form : List.of("%s", "Bearer %s", "bearer %s", "BEARER  %s")) {
      try (RpcClient client = eventhub.connectWith(form.formatted(all()))) {
        assertThat(client.result("list")).isEqualTo(Json.array());
      }
    }
  }

  @Test
  void shouldTakeTheTokenFromTheQuery() {
    String encoded = all().replace(".", "%2E").replace("e", "%65");
    for (String query : List.of("?auth=" + all(), "?AUTH=" + all(), "?x=y&auth=" + encoded)) {
      try (RpcClient client = eventhub.connect("/path" + query)) {
        assertThat(client.result("list")).isEqualTo(Json.array());
      }
    }
  }

  @Test
  void shouldPreferTheHeader() {
    assertUnauthorized(refused("/?auth=" + all(), "Authorization: nonsense"), FAILED);
    assertThat(
            eventhub
                .get("/%20?auth=nonsense", "Accept", "text/event-stream", "Authorization", all())
                .status())
        .isEqualTo(404);
  }

  @Test
  void shouldTakeTokensForEveryInterface() {
    String topic = Names.unique("t");
    try (EventStreamClient byHeader =
            eventhub.stream("/" + topic, "Authorization", "Bearer " + all());
        EventStreamClient byQuery = eventhub.stream("/" + topic + "?auth=" + all())) {
      Answer one = eventhub.post("/api/v1/topics/" + topic, "1", "Authorization", all());

      assertThat(one.status()).isEqualTo(200);
      assertThat(byHeader.data(1)).containsExactly("1");
      assertThat(byQuery.data(1)).containsExactly("1");
    }
    // In the query of an ordinary request it would be in everybody's logs for no need.
    assertUnauthorized(eventhub.post("/api/v1/topics/" + topic + "?auth=" + all(), "2"), NO_TOKEN);
  }

  // --- which tokens

  private void assertAccepted(String token) {
    try (RpcClient client = eventhub.connectWith(token)) {
      assertThat(client.result("list")).isEqualTo(Json.array());
    }
  }

  private void assertRefused(String token) {
    assertUnauthorized(refused("/", "Authorization: " + token), FAILED);
    assertUnauthorized(refused("/?auth=" + token), FAILED);
  }

  @Test
  void shouldRefuseTokensThatAreNotSignedWithTheSecret() {
    String claims = "{\"read\":[\"#\"],\"write\":[\"#\"]}";
    String good = token(claims);

    assertRefused("nonsense");
    assertRefused("a.b.c");
    assertRefused(Tokens.hs256("another secret", claims));
    assertRefused(Tokens.unsigned(claims));
    assertRefused(Tokens.unsigned(claims) + good.substring(good.lastIndexOf('.') + 1));
    assertRefused(good.substring(0, good.length() - 4));
    assertRefused(good + ".x");
    assertRefused(good.substring(0, good.indexOf('.')) + good.substring(good.lastIndexOf('.')));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"typ\":\"jwt\"}",
        "{\"typ\":\"Jwt\",\"alg\":\"HS256\",\"kid\":\"any\"}"
      })
  void shouldAcceptTheTypeInAnyCaseOrNone(String header) {
    assertAccepted(Tokens.hs256(SECRET, header, "{\"read\":[\"#\"]}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"alg\":\"none\"}",
        "{\"alg\":\"None\"}",
        "{\"alg\":\"hs256\"}",
        "{\"alg\":\"HS512\"}",
        "{\"alg\":\"RS256\"}",
        "{\"alg\":\"ES256\"}",
        "{\"alg\":[\"HS256\"]}",
        "{\"alg\":null}",
        "{\"alg\":\"HS256\",\"typ\":\"JWE\"}",
        "{\"alg\":\"HS256\",\"typ\":5}",
        "[]",
        "HS256"
      })
  void shouldRefuseTokensThatClaimToBeSignedOtherwise(String header) {
    assertRefused(Tokens.hs256(SECRET, header, "{\"read\":[\"#\"]}"));
  }

  @Test
  void shouldHoldTokensToTheirTimes() {
    long now = System.currentTimeMillis() / 1000;
    String rules = "\"read\":[\"#\"]";

    assertAccepted(token("{" + rules + ",\"exp\":" + (now + 600) + ",\"nbf\":" + (now - 1) + "}"));
    assertRefused(token("{" + rules + ",\"exp\":" + (now - 1) + "}"));
    assertRefused(token("{" + rules + ",\"exp\":0}"));
    assertRefused(token("{" + rules + ",\"nbf\":" + (now + 600) + "}"));
    assertAccepted(
        token("{" + rules + ",\"iat\":" + (now + 600) + ",\"iss\":\"x\",\"aud\":[\"y\"]}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // no topic at all
        "{}",
        "{\"sub\":\"me\"}",
        "{\"read\":[],\"write\":[]}",
        "{\"read\":[\"a#\",\"/a\",\"\"],\"write\":[\"é\"]}",
        // claims of the wrong type
        "{\"read\":\"#\"}",
        "{\"read\":null,\"write\":[\"#\"]}",
        "{\"read\":[\"#\"],\"write\":{}}",
        "{\"read\":[\"#\",5]}",
        "{\"read\":[\"#\",null]}",
        "{\"read\":[\"#\"],\"sub\":5}",
        "{\"read\":[\"#\"],\"sub\":null}",
        "{\"read\":[\"#\"],\"exp\":\"never\"}",
        "{\"read\":[\"#\"],\"nbf\":[]}"
      })
  void shouldRefuseTokensWhoseClaimsMakeNoSense(String claims) {
    assertRefused(token(claims));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"read\":[\"a\"]}",
        "{\"write\":[\"a\"]}",
        "{\"read\":[],\"write\":[\"a\"]}",
        "{\"read\":[\"a#\",\"a\"]}",
        "{\"read\":[\"a\"],\"sub\":\"\"}",
        "{\"read\":[\"a\"],\"createToken\":[\"b\"],\"x\":{}}"
      })
  void shouldAcceptTokensThatOpenSomething(String claims) {
    assertAccepted(token(claims));
  }

  // --- reading

  private static void assertMaySubscribe(RpcClient client, String topic) {
    assertThat(client.result("subscribe", "topic", topic).get("status").textValue())
        .isEqualTo("ok");
    assertThat(client.result("eventlog", "topic", topic, "since", 1).get("status").textValue())
        .isEqualTo("ok");
  }

  private static void assertMayNotSubscribe(RpcClient client, String topic) {
    client.assertInvalid(
        "You are not allowed to subscribe to topic: " + topic, "subscribe", "topic", topic);
    client.assertInvalid(
        "You are not allowed to read from topic: " + topic, "eventlog", "topic", topic, "since", 1);
  }

  @ParameterizedTest
  @CsvSource({
    "r/#, r r/a r/a/b r/# r/+ r/+/x r/a/#, s s/r # + +/a ra r#",
    "r/+, r/a r/+ r//, r r/a/b r/# r/+/+ # +/+",
    "+/a, r/a +/a, r/b +/+ +/# a",
    "+, a +, a/b # +/+ +/#",
    "r/+/a, r/x/a r/+/a, r/x/b r/+/+ r/#",
    "r, r, r/a r/# + #",
    "+/#, a a/b # + +/# +/+/#, ''",
    "#, a a/b # + +/#, ''"
  })
  void shouldOpenWhatARuleCovers(String rule, String allowed, String denied) {
    try (RpcClient client = connect("[\"" + rule + "\"]", "[]")) {
      for (String topic : allowed.split(" ")) {
        if (!topic.endsWith("/")) {
          assertMaySubscribe(client, topic);
        }
      }
      for (String topic : denied.isEmpty() ? new String[0] : denied.split(" ")) {
        if (topic.equals("r#")) {
          client.assertInvalid("Invalid topic in request: r#", "subscribe", "topic", topic);
        } else {
          assertMayNotSubscribe(client, topic);
        }
      }
    }
  }

  /** The reference takes {@code one/#} for a topic that {@code one/+} matches. */
  @Test
  void shouldNotOpenMoreThanTheRuleThroughAFilter() {
    String root = Names.unique("one");
    try (RpcClient client = connect("[\"" + root + "/+\"]", "[]");
        RpcClient publisher = eventhub.connectWith(all())) {
      assertMayNotSubscribe(client, root + "/#");
      assertMaySubscribe(client, root + "/+");
      publisher.publish(root + "/a/b", "secret");
      publisher.publish(root + "/a", "public");

      assertThat(client.messages(1)).containsExactly("public");
    }
  }

  @Test
  void shouldDeliverOriginOfThePublisher() {
    String topic = Names.unique("origin");
    String rules = "\"read\":[\"#\"],\"write\":[\"#\"]";
    try (RpcClient named = eventhub.connectWith(token("{\"sub\":\"żółć/1\"," + rules + "}"));
        RpcClient empty = eventhub.connectWith(token("{\"sub\":\"\"," + rules + "}"));
        RpcClient none = eventhub.connectWith(token("{" + rules + "}"));
        EventStreamClient stream = eventhub.stream("/" + topic + "?auth=" + all())) {
      none.subscribe(topic);
      String first = named.publish(topic, "1");
      String second = empty.publish(topic, "2");
      String third = none.publish(topic, "3");
      eventhub.post(
          "/api/v1/topics/" + topic,
          "4",
          "Authorization",
          token("{\"sub\":\"http\"," + rules + "}"));

      JsonNode items = none.result("eventlog", "topic", topic, "since", 1).get("items");
      JsonNode expected =
          Json.array(
              Json.object("id", first, "message", "1", "origin", "żółć/1", "topic", topic),
              Json.object("id", second, "message", "2", "topic", topic),
              Json.object("id", third, "message", "3", "topic", topic),
              Json.object(
                  "id", items.get(3).get("id"), "message", "4", "origin", "http", "topic", topic));
      assertThat(items).isEqualTo(expected);
      for (JsonNode each : expected) {
        assertThat(none.event().get("result")).isEqualTo(each);
      }
      assertThat(stream.data(4)).containsExactly("1", "2", "3", "4");
    }
  }

  @Test
  void shouldHoldEventStreamsToTheRules() {
    String root = Names.unique("r");
    String token = token("[\"" + root + "/+\"]", "[]");
    for (String path : List.of("/" + root, "/" + root + "/%23", "/%23", "/other")) {
      Answer answer =
          eventhub.get(path, "Accept", "text/event-stream", "Authorization", "Bearer " + token);
      assertThat(answer.status()).as(path).isEqualTo(401);
      assertThat(answer.text()).isEqualTo("{\"error\":\"Insufficient access.\"}\n");
    }
    try (EventStreamClient stream = eventhub.stream("/" + root + "/%2B?auth=" + token);
        RpcClient publisher = eventhub.connectWith(all())) {
      publisher.publish(root + "/a", "m");
      assertThat(stream.data(1)).containsExactly("m");
    }
  }

  // --- writing

  @Test
  void shouldLetPublishWhatARuleAllows() {
    String root = Names.unique("w");
    try (RpcClient client = connect("[]", "[\"" + root + "/+\",\"" + root + "/x/#\"]")) {
      for (String topic : List.of(root + "/a", root + "/x", root + "/x/y/z")) {
        client.publish(topic, "m");
      }
      for (String topic : List.of(root, root + "/a/b", "other", "a b")) {
        client.assertInvalid(
            "Insufficient access to topic: " + topic, "publish", "topic", topic, "message", "m");
      }
      client.assertInvalid(
          root + "/+ is not a valid topic.", "publish", "topic", root + "/+", "message", "m");
    }
  }

  @Test
  void shouldKeepReadingAndWritingApart() {
    String topic = Names.unique("rw");
    try (RpcClient reader = connect("[\"" + topic + "\"]", "[]");
        RpcClient writer = connect("[]", "[\"" + topic + "\"]")) {
      reader.subscribe(topic);
      reader.assertInvalid(
          "Insufficient access to topic: " + topic, "publish", "topic", topic, "message", "m");
      assertMayNotSubscribe(writer, topic);
      writer.publish(topic, "m");
      assertThat(reader.messages(1)).containsExactly("m");
    }
  }

  @Test
  void shouldHoldPublishingOverHttpToTheRules() {
    String topic = Names.unique("w");
    String token = token("[\"#\"]", "[\"" + topic + "\"]");

    assertThat(eventhub.post("/api/v1/topics/" + topic, "m", "Authorization", token).status())
        .isEqualTo(200);
    Answer denied = eventhub.post("/api/v1/topics/" + topic + "/x", "m", "Authorization", token);
    assertThat(denied.status()).isEqualTo(403);
    assertThat(denied.json().get("detail").textValue())
        .isEqualTo("Insufficient access to topic: " + topic + "/x");
  }

  // --- keys

  @Test
  void shouldHoldKeysToTheRulesToo() {
    String key = Names.unique("k");
    try (RpcClient writer = connect("[]", "[\"" + key + "/#\"]");
        RpcClient reader = connect("[\"" + key + "/+\"]", "[]")) {
      writer.result("set", "key", key + "/a", "value", "v");
      assertThat(reader.result("get", "key", key + "/a").get("value").textValue()).isEqualTo("v");

      writer.assertInvalid(
          "You are not allowed to read key " + key + "/a", "get", "key", key + "/a");
      reader.assertInvalid(
          "You are not allowed to read key " + key + "/a/b", "get", "key", key + "/a/b");
      reader.assertInvalid(
          "You are not allowed to write key " + key + "/a", "set", "key", key + "/a", "value", "v");
      reader.assertInvalid(
          "You are not allowed to delete key " + key + "/a", "del", "key", key + "/a");
      writer.assertInvalid(
          "You are not allowed to write key other", "set", "key", "other", "value", "v");
      assertThat(writer.result("del", "key", key + "/a").get("success").booleanValue()).isTrue();
    }
  }

  /** Keys have no grammar, rules have one. */
  @Test
  void shouldOpenKeysOfAnyForm() {
    String key = Names.unique("k") + "/a b";
    try (RpcClient client = connect("[\"#\"]", "[\"#\"]")) {
      client.result("set", "key", key, "value", "v");
      client.result("set", "key", "", "value", "v");
      assertThat(client.result("get", "key", key).get("value").textValue()).isEqualTo("v");
    }
  }

  // --- rate limits

  private static String limited(String subject, String limits) {
    return token(
        "{\"sub\":\"%s\",\"read\":[\"#\"],\"write\":[\"#\"],\"rlimit\":%s}"
            .formatted(subject, limits));
  }

  private static String limit(String topic, long interval, long max) {
    return Json.object("topic", topic, "interval", interval, "max", max).toString();
  }

  private static void assertPublishes(RpcClient client, String topic, int times) {
    for (int i = 0; i < times; i++) {
      client.publish(topic, "m");
    }
  }

  /** A success without an id: clients look at the status. */
  private static void assertExceeded(RpcClient client, String topic) {
    assertThat(client.result("publish", "topic", topic, "message", "too many"))
        .isEqualTo(
            Json.object("action", "publish", "status", "ERR_RATE_LIMIT_EXCEEDED", "topic", topic));
  }

  @Test
  void shouldLimitWhatASubjectPublishes() {
    String topic = Names.unique("rate");
    String token = limited(topic, "[" + limit(topic, 3600, 3) + "]");
    try (RpcClient client = eventhub.connectWith(token);
        RpcClient same = eventhub.connectWith(token);
        RpcClient other =
            eventhub.connectWith(limited(topic + "-2", "[" + limit(topic, 3600, 3) + "]"))) {
      client.subscribe(topic);
      assertPublishes(client, topic, 2);
      assertPublishes(same, topic, 1);

      assertExceeded(client, topic);
      assertExceeded(same, topic);
      Answer http = eventhub.post("/api/v1/topics/" + topic, "m", "Authorization", token);
      assertThat(http.status()).isEqualTo(429);
      assertThat(http.header("Content-Type")).isEqualTo("application/problem+json");

      assertPublishes(client, topic + "/free", 5);
      assertPublishes(other, topic, 3);
      assertThat(client.messages(6)).containsOnly("m");
      client.result("set", "key", topic, "value", "not limited");
    }
  }

  @Test
  void shouldShareALimitAmongTheTopicsOfAPattern() {
    String root = Names.unique("rate");
    String limits = "[" + limit(root + "/#", 3600, 2) + "]";
    try (RpcClient client = eventhub.connectWith(limited(root, limits))) {
      assertPublishes(client, root + "/a", 1);
      assertPublishes(client, root + "/b", 1);

      assertExceeded(client, root + "/c");
      assertExceeded(client, root);
    }
  }

  @Test
  void shouldApplyTheEntryOfTheTopicElseTheLongestPattern() {
    String root = Names.unique("rate");
    String limits =
        "["
            + limit("#", 3600, 1)
            + ","
            + limit(root + "/#", 3600, 2)
            + ","
            + limit(root + "/a", 3600, 3)
            + ","
            + limit(root + "/b/#", 3600, 4)
            + "]";
    try (RpcClient client = eventhub.connectWith(limited(root, limits))) {
      assertPublishes(client, root + "/a", 3);
      assertExceeded(client, root + "/a");
      assertPublishes(client, root + "/b/x", 4);
      assertExceeded(client, root + "/b/x");
      assertPublishes(client, root + "/c", 2);
      assertExceeded(client, root + "/c");
      assertPublishes(client, root + "-else", 1);
      assertExceeded(client, root + "-else");
    }
  }

  @Test
  void shouldCountAnewInTheNextWindow() {
    String topic = Names.unique("rate");
    try (RpcClient client = eventhub.connectWith(limited(topic, "[" + limit(topic, 1, 1) + "]"))) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () -> {
                assertPublishes(client, topic, 1);
                assertExceeded(client, topic);
              });
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () ->
                  client
                      .result("publish", "topic", topic, "message", "m")
                      .get("status")
                      .textValue()
                      .equals("ok"));
    }
  }

  /** Only what gets that far counts. */
  @Test
  void shouldNotCountWhatIsRefusedForAnotherReason() {
    String topic = Names.unique("rate");
    try (RpcClient client = eventhub.connectWith(limited(topic, "[" + limit("#", 3600, 1) + "]"))) {
      client.assertInvalid("a b is not a valid topic.", "publish", "topic", "a b", "message", "m");
      client.call("publish", Json.object("topic", topic, "message", ""));
      client.call("publish", Json.object("topic", topic, "message", "m", "ttl", -1));
      client.call("publish", Json.object("topic", "t".repeat(257), "message", "m"));
      assertPublishes(client, topic, 1);
      assertExceeded(client, topic);
    }
  }

  @Test
  void shouldNotLimitWithoutASubjectOrAMaximumOrAnInterval() {
    String topic = Names.unique("rate");
    String none = "[" + limit(topic, 3600, 0) + "]";
    String instant = "[" + limit(topic, 0, 1) + "]";
    String real = "[" + limit(topic, 3600, 1) + "]";
    for (String token : List.of(limited(topic, none), limited(topic, instant), limited("", real))) {
      try (RpcClient client = eventhub.connectWith(token)) {
        assertPublishes(client, topic, 5);
      }
    }
  }

  /** One of these makes the reference abort. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "null",
        "5",
        "\"x\"",
        "[]",
        "{\"topic\":\"#\"}",
        "{\"topic\":\"#\",\"interval\":3600}",
        "{\"interval\":3600,\"max\":1}",
        "{\"topic\":5,\"interval\":3600,\"max\":1}",
        "{\"topic\":\"#\",\"interval\":\"3600\",\"max\":1}",
        "{\"topic\":\"#\",\"interval\":3600,\"max\":null}",
        "{\"topic\":\"#\",\"interval\":-1,\"max\":-1}",
        "{\"topic\":\"a#\",\"interval\":3600,\"max\":1}"
      })
  void shouldSurviveMalformedLimits(String entry) {
    String topic = Names.unique("rate");
    String real = limit(topic + "/limited", 3600, 1);
    try (RpcClient client = eventhub.connectWith(limited(topic, "[" + entry + "," + real + "]"))) {
      assertPublishes(client, topic, 3);
      assertPublishes(client, topic + "/limited", 1);
      assertExceeded(client, topic + "/limited");
    }
    if (!entry.startsWith("[")) {
      try (RpcClient client = eventhub.connectWith(limited(topic, entry))) {
        assertPublishes(client, topic, 3);
      }
    }
  }

  // --- expiry

  @Test
  void shouldEndConnectionsWhenTheirTokenExpires() {
    String topic = Names.unique("exp");
    String token =
        token(
            "{\"read\":[\"#\"],\"write\":[\"#\"],\"exp\":"
                + (System.currentTimeMillis() / 1000 + SHORT_SECONDS)
                + "}");
    try (RpcClient expiring = eventhub.connectWith(token);
        RpcClient stays = eventhub.connectWith(all());
        EventStreamClient stream = eventhub.stream("/" + topic + "?auth=" + token)) {
      expiring.subscribe(topic);
      stays.publish(topic, "m");
      assertThat(expiring.messages(1)).containsExactly("m");
      assertThat(stream.data(1)).containsExactly("m");

      assertThat(expiring.socket().closeCode()).isEqualTo(POLICY_VIOLATION);
      assertThat(stream.block()).isEqualTo(EventStreamClient.END);
      assertThat(stays.socket().isClosed()).isFalse();
      assertRefused(token);
    }
  }

  /** Of what it has sent before, nothing is begun once it is being closed. */
  @Test
  void shouldBeginNothingWhenTheTokenHasExpired() {
    String topic = Names.unique("exp");
    String token =
        token(
            "{\"write\":[\"#\"],\"exp\":"
                + (System.currentTimeMillis() / 1000 + SHORT_SECONDS)
                + "}");
    int ahead = 300;
    int sent = 0;
    int published = 0;
    try (RpcClient expiring = eventhub.connectWith(token);
        RpcClient stays = eventhub.connectWith(all())) {
      Optional<String> reply = Optional.of("");
      while (reply.isPresent()) {
        // Each is carried out alone: a key is changed between two events.
        while (sent < ahead && !expiring.socket().isClosed()) {
          sent += tryBegin(expiring, topic) ? 1 : ahead;
        }
        reply = expiring.socket().poll(Duration.ofSeconds(expiring.socket().isClosed() ? 0 : 20));
        if (reply.isPresent() && reply.get().contains("\"action\":\"publish\"")) {
          published++;
          ahead++;
        }
      }
      assertThat(expiring.socket().closeCode()).isEqualTo(POLICY_VIOLATION);

      // A later event than all that were begun before.
      stays.result("set", "key", topic, "value", "w");
      JsonNode after =
          stays.result("subscribe", "topic", topic, "since", 1, "limit", 1).path("missed");
      assertThat(after.intValue() + 1).isBetween(published, published + 1);
    }
  }

  /** Not when the server has just closed. */
  private static boolean tryBegin(RpcClient client, String topic) {
    try {
      client.begin("set", Json.object("key", topic, "value", "v"));
      client.begin("publish", Json.object("topic", topic, "message", "m"));
      return true;
    } catch (AssertionError e) {
      return false;
    }
  }
}
