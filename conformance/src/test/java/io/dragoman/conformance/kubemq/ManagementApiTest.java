// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.WsClient;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The management API of the admin port, as docs/api.md describes it. */
@KubeMqSuite
class ManagementApiTest {

  private final KubeMq mq;

  ManagementApiTest(KubeMq mq) {
    this.mq = mq;
  }

  // --- channels

  @ParameterizedTest
  @CsvSource({"events", "log", "queue", "command", "query"})
  void shouldMakeListAndDeleteChannels(String kind) {
    // given a name that needs encoding
    String name = Names.unique("a/b:c d\u00e4");
    String path = "/v1/channels?kind=" + kind + "&name=" + encoded(name);

    // when
    Answer made = call("POST", path);
    Answer again = call("POST", path);
    JsonNode listed = get("/v1/channels?kind=" + kind + "&contains=" + encoded(name));
    Answer deleted = call("DELETE", path);

    // then
    assertThat(made.status()).isEqualTo(201);
    assertThat(made.json()).isEqualTo(Json.object("kind", kind, "name", name, "created", true));
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.json().get("created").booleanValue()).isFalse();
    JsonNode channel = listed.at("/channels/0");
    assertThat(Json.keys(channel))
        .containsExactly(
            "kind",
            "name",
            "created",
            "createdAt",
            "lastActivity",
            "active",
            "receivers",
            "incoming",
            "outgoing");
    assertThat(channel.get("name").textValue()).isEqualTo(name);
    assertThat(Instant.parse(channel.get("createdAt").textValue()))
        .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(5));
    assertThat(deleted.status()).isEqualTo(200);
    assertThat(deleted.json()).isEqualTo(Json.object("kind", kind, "name", name, "deleted", true));
    assertProblem(call("DELETE", path), 404, "not_found");
    assertThat(get("/v1/channels?contains=" + encoded(name)).get("channels")).isEmpty();
  }

  @Test
  void shouldListChannelsOfAllKindsInPages() {
    // given
    String prefix = Names.unique("paged");
    for (String kind : List.of("log", "events", "queue", "query", "command")) {
      call("POST", "/v1/channels?kind=" + kind + "&name=" + prefix);
    }

    // when
    List<String> kinds = new ArrayList<>();
    String after = "";
    do {
      JsonNode page = get("/v1/channels?max=2&contains=" + prefix + "&after=" + encoded(after));
      page.get("channels").forEach(channel -> kinds.add(channel.get("kind").textValue()));
      after = page.path("next").asText("");
    } while (!after.isEmpty());

    // then
    assertThat(kinds).containsExactly("command", "events", "log", "query", "queue");
  }

  @Test
  void shouldShowTheTrafficOfAChannel() {
    // given
    String name = Names.unique("traffic");
    try (WsClient subscriber = mq.subscribeEvents(name, "")) {
      mq.publish(name, "event");
      subscriber.next();

      // when
      JsonNode channel = get("/v1/channels?kind=events&contains=" + name).at("/channels/0");

      // then
      assertThat(channel.get("created").booleanValue()).isFalse();
      assertThat(channel.has("createdAt")).isFalse();
      assertThat(channel.get("active").booleanValue()).isTrue();
      assertThat(channel.get("receivers").longValue()).isEqualTo(1);
      assertThat(channel.at("/incoming/messages").longValue()).isEqualTo(1);
      assertThat(channel.at("/outgoing/messages").longValue()).isEqualTo(1);
    }
  }

  // --- queues

  @Test
  void shouldBrowseAQueueInPagesWithoutConsuming() {
    // given
    String queue = Names.unique("queue");
    for (int i = 1; i <= 5; i++) {
      mq.send(
          Json.with(
              Json.with(KubeMq.queueMessage(queue, "body " + i), "Metadata", "about"),
              "Tags",
              Json.object("key", "value")));
    }

    // when
    JsonNode first = get("/v1/queues/messages?max=3&queue=" + queue);
    JsonNode second =
        get("/v1/queues/messages?max=3&queue=" + queue + "&from=" + first.get("next").asText());

    // then
    assertThat(bodies(first)).containsExactly("body 1", "body 2", "body 3");
    assertThat(bodies(second)).containsExactly("body 4", "body 5");
    assertThat(second.has("next")).isFalse();
    JsonNode message = first.at("/messages/0");
    assertThat(Json.keys(message))
        .containsExactly(
            "sequence",
            "id",
            "clientId",
            "timestamp",
            "metadata",
            "tags",
            "bodyBytes",
            "body",
            "receiveCount",
            "policy");
    assertThat(message.get("sequence").longValue()).isEqualTo(1);
    assertThat(message.get("clientId").textValue()).isEqualTo("sender-client");
    assertThat(message.get("metadata").textValue()).isEqualTo("about");
    assertThat(message.get("tags")).isEqualTo(Json.object("key", "value"));
    assertThat(message.get("receiveCount").intValue()).isZero();
    assertThat(message.at("/policy/maxReceiveCount").intValue()).isEqualTo(1024);
    assertThat(KubeMq.bodies(mq.receive(queue, 5, 5))).hasSize(5);
  }

  @Test
  void shouldShowABodyThatIsNoTextAsBase64AndOmitALargeOne() {
    // given
    String queue = Names.unique("queue");
    byte[] bytes = {(byte) 0xC3, 0x28, 0};
    mq.send(Json.with(KubeMq.queueMessage(queue, ""), "Body", Json.base64(bytes)));
    mq.send(queue, "x".repeat((1 << 20) + 1));

    // when
    JsonNode messages = get("/v1/queues/messages?queue=" + queue).get("messages");

    // then
    assertThat(messages.get(0).get("bodyBase64").textValue()).isEqualTo(Json.base64(bytes));
    assertThat(messages.get(0).has("body")).isFalse();
    assertThat(messages.get(1).get("bodyOmitted").booleanValue()).isTrue();
    assertThat(messages.get(1).get("bodyBytes").intValue()).isEqualTo((1 << 20) + 1);
    assertThat(messages.get(1).has("body")).isFalse();
  }

  @Test
  void shouldListQueuesWithTheirFigures() {
    // given
    String queue = Names.unique("figures");
    mq.send(queue + ".b", "1");
    mq.send(queue + ".a", "1");
    mq.send(queue + ".a", "2");
    mq.send(KubeMq.queueMessage(queue + ".a", "later", "DelaySeconds", 600));

    // when
    JsonNode first = get("/v1/queues?max=1&contains=" + queue);
    JsonNode second =
        get("/v1/queues?max=1&contains=" + queue + "&after=" + first.get("next").asText());
    JsonNode one = get("/v1/queues?name=" + queue + ".a");

    // then
    assertThat(first.at("/queues/0/name").textValue()).isEqualTo(queue + ".a");
    assertThat(second.at("/queues/0/name").textValue()).isEqualTo(queue + ".b");
    assertThat(second.has("next")).isFalse();
    assertThat(Json.keys(one.at("/queues/0")))
        .containsExactly(
            "name",
            "waiting",
            "inFlight",
            "delayed",
            "bytes",
            "firstSequence",
            "lastSequence",
            "entered",
            "expired",
            "deadLettered",
            "waitingReceivers");
    assertThat(one.at("/queues/0/waiting").longValue()).isEqualTo(2);
    assertThat(one.at("/queues/0/delayed").longValue()).isEqualTo(1);
    assertProblem(call("GET", "/v1/queues?name=" + queue), 404, "not_found");
  }

  // --- delayed messages

  @Test
  void shouldListCancelAndDeliverDelayedMessages() {
    // given
    String queue = Names.unique("delayed");
    for (int i = 1; i <= 3; i++) {
      mq.send(KubeMq.queueMessage(queue, "body " + i, "DelaySeconds", 600 * i));
    }

    // when
    JsonNode first = get("/v1/queues/delayed?max=2&queue=" + queue);
    JsonNode second =
        get("/v1/queues/delayed?max=2&queue=" + queue + "&after=" + first.get("next").asText());
    String cancel = first.at("/messages/0/handle").textValue();
    String deliver = second.at("/messages/0/handle").textValue();
    Answer cancelled = call("POST", "/v1/queues/delayed/cancel?handle=" + cancel);
    Answer delivered = call("POST", "/v1/queues/delayed/deliver?handle=" + deliver);

    // then
    assertThat(bodies(first)).containsExactly("body 1", "body 2");
    assertThat(bodies(second)).containsExactly("body 3");
    Instant due = Instant.parse(first.at("/messages/0/deliverAt").textValue());
    assertThat(due).isBetween(Instant.now().plusSeconds(500), Instant.now().plusSeconds(601));
    assertThat(cancelled.json()).isEqualTo(Json.object("handle", cancel, "done", true));
    assertThat(delivered.json()).isEqualTo(Json.object("handle", deliver, "done", true));
    assertThat(KubeMq.bodies(mq.receive(queue, 1, 5))).containsExactly("body 3");
    assertThat(bodies(get("/v1/queues/delayed?queue=" + queue))).containsExactly("body 2");
    assertProblem(call("POST", "/v1/queues/delayed/cancel?handle=" + cancel), 404, "not_found");
    assertProblem(call("POST", "/v1/queues/delayed/deliver?handle=" + deliver), 404, "not_found");
  }

  @Test
  void shouldListLargeDelayedMessagesInPagesOfAFewMegabytes() {
    // given
    String queue = Names.unique("delayed");
    for (int i = 1; i <= 7; i++) {
      mq.send(KubeMq.queueMessage(queue, i + "x".repeat(1 << 20), "DelaySeconds", 600));
    }

    // when
    JsonNode first = get("/v1/queues/delayed?max=1000&queue=" + queue);
    JsonNode second =
        get("/v1/queues/delayed?max=1000&queue=" + queue + "&after=" + first.path("next").asText());

    // then
    assertThat(first.get("messages")).hasSizeBetween(3, 5);
    assertThat(first.get("messages").size() + second.get("messages").size()).isEqualTo(7);
    assertThat(second.has("next")).isFalse();
  }

  // --- dead letters

  @Test
  void shouldRedriveInStepsAfterADryRun() {
    // given
    String dead = Names.unique("dead");
    String origin = Names.unique("origin");
    for (int i = 1; i <= 5; i++) {
      deadLetter(origin, dead, "body " + i);
    }
    mq.send(dead, "no dead letter");
    String path = "/v1/queues/redrive?queue=" + dead;

    // when
    JsonNode dry = post(path + "&dryRun=true");
    JsonNode first = post(path + "&max=2");
    String rest =
        "&through=" + first.get("through").asText() + "&from=" + first.get("next").asText();
    JsonNode second = post(path + rest);

    // then
    assertThat(dry)
        .isEqualTo(
            Json.parse(
                """
                {"queue": "%s", "dryRun": true, "moved": 5, "origins": {"%s": 5}, "through": 6}
                """
                    .formatted(dead, origin)));
    assertThat(first.get("moved").intValue()).isEqualTo(2);
    assertThat(second.get("moved").intValue()).isEqualTo(3);
    assertThat(second.has("next")).isFalse();
    assertThat(KubeMq.bodies(mq.receive(origin, 5, 5)))
        .containsExactly("body 1", "body 2", "body 3", "body 4", "body 5");
    JsonNode left = get("/v1/queues/messages?queue=" + dead);
    assertThat(bodies(left)).containsExactly("no dead letter");
  }

  @Test
  void shouldShowDeadLettersWithTheirOrigin() {
    // given
    String dead = Names.unique("dead");
    String origin = Names.unique("origin");
    deadLetter(origin, dead, "body");

    // when
    JsonNode message = get("/v1/queues/messages?queue=" + dead).at("/messages/0");

    // then
    assertThat(message.get("reRoutedFrom").textValue()).isEqualTo(origin);
  }

  // --- logs

  @Test
  void shouldListAndReadLogs() {
    // given
    String log = Names.unique("log");
    for (int i = 1; i <= 3; i++) {
      mq.store(log, "event " + i);
    }

    // when
    JsonNode info = get("/v1/logs?name=" + log).at("/logs/0");
    JsonNode first = get("/v1/logs/messages?max=2&log=" + log);
    JsonNode second =
        get("/v1/logs/messages?max=2&log=" + log + "&from=" + first.get("next").asText());

    // then
    assertThat(info.get("messages").longValue()).isEqualTo(3);
    assertThat(info.get("lastSequence").longValue()).isEqualTo(3);
    ObjectNode listed = (ObjectNode) get("/v1/logs?contains=" + log).at("/logs/0");
    // Other tests may subscribe to all logs meanwhile.
    listed.set("subscribers", info.get("subscribers"));
    assertThat(listed).isEqualTo(info);
    assertThat(bodies(first)).containsExactly("event 1", "event 2");
    assertThat(bodies(second)).containsExactly("event 3");
    assertThat(second.has("next")).isFalse();
    assertThat(Json.keys(first.at("/messages/0")))
        .containsExactly(
            "sequence", "id", "clientId", "timestamp", "metadata", "tags", "bodyBytes", "body");
  }

  // --- errors

  @ParameterizedTest
  @CsvSource({
    "GET,    /v1/queues/messages?queue=never-seen,               404, not_found",
    "GET,    /v1/queues/delayed?queue=never-seen,                404, not_found",
    "POST,   /v1/queues/redrive?queue=never-seen,                404, not_found",
    "GET,    /v1/logs/messages?log=never-seen,                   404, not_found",
    "GET,    /v1/queues/messages,                                400, invalid_argument",
    "GET,    /v1/queues/messages?queue=q&max=0,                  400, invalid_argument",
    "GET,    /v1/queues/messages?queue=q&max=1001,               400, invalid_argument",
    "GET,    /v1/queues/messages?queue=q&from=-1,                400, invalid_argument",
    "GET,    /v1/queues/messages?queue=q&form=1,                 400, invalid_argument",
    "GET,    /v1/queues/messages?queue=q&queue=r,                400, invalid_argument",
    "POST,   /v1/queues/redrive?queue=q&dryRun=yes,              400, invalid_argument",
    "POST,   /v1/queues/delayed/cancel,                          400, invalid_argument",
    "POST,   /v1/queues/delayed/cancel?handle=xyz,               400, invalid_argument",
    "POST,   /v1/queues/delayed/cancel?handle=00,                404, not_found",
    "POST,   /v1/channels?kind=topic&name=a,                     400, invalid_argument",
    "POST,   /v1/channels?name=a,                                400, invalid_argument",
    "DELETE, /v1/channels?kind=queue,                            400, invalid_argument",
    "DELETE, /v1/queues,                                         405, method_not_allowed",
    "GET,    /v1/nothing,                                        404, not_found",
  })
  void shouldAnswerAProblemDocument(String method, String path, int status, String code) {
    assertProblem(call(method, path), status, code);
  }

  @Test
  void shouldRefuseANameThatIsTooLong() {
    String name = "n".repeat(257);
    assertProblem(call("POST", "/v1/channels?kind=queue&name=" + name), 400, "invalid_name");
  }

  @Test
  void shouldRefuseWebPagesOfOtherOrigins() {
    // given
    HttpRequest request =
        request("POST", "/v1/channels?kind=queue&name=" + Names.unique("foreign"))
            .header("Origin", "https://evil.example")
            .build();

    // when
    Answer answer = mq.exchange(request);

    // then
    assertThat(answer.status()).isEqualTo(403);
  }

  private void deadLetter(String origin, String dead, String body) {
    mq.send(KubeMq.queueMessage(origin, body, "MaxReceiveCount", 1, "MaxReceiveQueue", dead));
    try (QueueStream stream = new QueueStream(mq)) {
      JsonNode message = stream.receive(origin);
      stream.succeed(QueueStream.reject(message));
      stream.assertEnded();
    }
  }

  private JsonNode get(String path) {
    return succeeded(call("GET", path));
  }

  private JsonNode post(String path) {
    return succeeded(call("POST", path));
  }

  private static JsonNode succeeded(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    return answer.json();
  }

  private static void assertProblem(Answer answer, int status, String code) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    JsonNode problem = answer.json();
    assertThat(Json.keys(problem))
        .containsExactly("type", "title", "status", "detail", "code", "retryable");
    assertThat(problem.get("status").intValue()).isEqualTo(status);
    assertThat(problem.get("code").textValue()).isEqualTo(code);
    assertThat(problem.get("detail").textValue()).isNotBlank();
  }

  private Answer call(String method, String path) {
    return mq.exchange(request(method, path).build());
  }

  private HttpRequest.Builder request(String method, String path) {
    return HttpRequest.newBuilder(mq.api().resolve(path))
        .timeout(Duration.ofSeconds(30))
        .method(method, BodyPublishers.noBody());
  }

  private static List<String> bodies(JsonNode page) {
    List<String> bodies = new ArrayList<>();
    page.get("messages").forEach(message -> bodies.add(message.get("body").textValue()));
    return bodies;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
