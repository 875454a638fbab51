// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Names;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Event streams (spec: eventhub §6). */
@EventhubSuite
class EventStreamTest {
  private static final String LAST = "Last-Event-ID";

  private final Eventhub eventhub;

  EventStreamTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  private List<String> publish(String topic, int count) {
    List<String> ids = new ArrayList<>();
    try (RpcClient client = eventhub.connect()) {
      for (int i = 1; i <= count; i++) {
        ids.add(client.publish(topic, "m" + i));
      }
    }
    return ids;
  }

  /** Asserts what comes as history, and that what is published then follows. */
  private void assertHistory(String topic, String query, List<String> expected, String... headers) {
    try (EventStreamClient stream = eventhub.stream("/" + topic + query, headers)) {
      assertThat(stream.data(expected.size())).as(query).isEqualTo(expected);
      String end = Names.unique("end");
      eventhub.publish(topic, end);
      assertThat(stream.data(1)).as(query).containsExactly(end);
    }
  }

  @Test
  void shouldStreamATopic() {
    String topic = Names.unique("sse/topic");
    try (EventStreamClient stream = eventhub.stream("/" + topic)) {
      assertThat(stream.header("Content-Type")).startsWith("text/event-stream");
      assertThat(stream.header("Cache-Control")).isEqualTo("no-cache");
      assertThat(stream.header("Access-Control-Allow-Origin")).isEqualTo("*");
      assertThat(stream.header("Access-Control-Allow-Headers"))
          .isEqualTo("Accept, Cache-Control, X-Requested-With, Last-Event-ID");

      String first = eventhub.publish(topic, "one");
      String second = eventhub.publish(topic, "{\"two\": 2}");

      assertThat(stream.block()).isEqualTo("id: " + first + "\ndata: one");
      assertThat(stream.block()).isEqualTo("id: " + second + "\ndata: {\"two\": 2}");
    }
  }

  @ParameterizedTest
  @CsvSource({"%2B, /+", "%23, /#", "+, /+", "a%2Fb, /a/b", "%61/b, /a/b"})
  void shouldReadTheTopicFromThePath(String path, String filter) {
    String root = Names.unique("sse");
    try (EventStreamClient stream = eventhub.stream("/" + root + "/" + path)) {
      String topic = root + filter.replace("+", "x").replace("#", "x/y");
      String id = eventhub.publish(topic, "m");

      assertThat(stream.event()).isEqualTo(new EventStreamClient.Event(id, "message", "m"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "one\ntwo",
        "\n",
        "\n\n\n",
        "end\n",
        "\nbegin",
        "a\n\nb",
        " leading",
        "data: x\nid: 5\n\nevent: y",
        ": comment\nretry: 1",
        "żółć 日本 \ud83d\ude00",
        "\u0000\u0001\t"
      })
  void shouldKeepLines(String message) {
    String topic = Names.unique("sse");
    try (EventStreamClient stream = eventhub.stream("/" + topic)) {
      String id = eventhub.publish(topic, message);
      String next = eventhub.publish(topic, "next");

      assertThat(stream.event()).isEqualTo(new EventStreamClient.Event(id, "message", message));
      assertThat(stream.event()).isEqualTo(new EventStreamClient.Event(next, "message", "next"));
    }
  }

  /** Readers of event streams take each of them for the end of a line; none of them must leak. */
  @ParameterizedTest
  @CsvSource({"\\r, 2", "\\r\\n, 2", "\\n\\r, 3", "\\r\\r, 3", "\\r\\n\\r\\n, 3"})
  void shouldBreakLinesAtEveryKindOfLineEnd(String escaped, int lines) {
    String breaks = escaped.replace("\\r", "\r").replace("\\n", "\n");
    String topic = Names.unique("sse");
    try (EventStreamClient stream = eventhub.stream("/" + topic)) {
      String id = eventhub.publish(topic, "a" + breaks + "b");

      String middle = "\ndata: ".repeat(lines - 2);
      assertThat(stream.block()).isEqualTo("id: " + id + "\ndata: a" + middle + "\ndata: b");
    }
  }

  @Test
  void shouldDeliverOnceHoweverManyEventsThereAre() {
    String topic = Names.unique("sse");
    List<String> expected = new ArrayList<>();
    try (EventStreamClient stream = eventhub.stream("/" + topic)) {
      publish(topic, 300);
      for (int i = 1; i <= 300; i++) {
        expected.add("m" + i);
      }
      assertThat(stream.data(300)).isEqualTo(expected);
    }
  }

  // --- history

  @Test
  void shouldStartWithWhatIsPublishedNextUnlessAskedOtherwise() {
    String topic = Names.unique("sse");
    publish(topic, 3);

    assertHistory(topic, "", List.of());
    assertHistory(topic, "?limit=2", List.of());
    assertHistory(topic, "?since=", List.of());
    assertHistory(topic, "?since=0", List.of());
    assertHistory(topic, "?since=-60000", List.of());
    assertHistory(topic, "?since=yesterday", List.of());
    assertHistory(topic, "?lastEventId=", List.of());
  }

  @Test
  void shouldGoOnAfterTheLastEventOfTheClient() {
    String topic = Names.unique("sse");
    List<String> ids = publish(topic, 4);

    assertHistory(topic, "", List.of("m3", "m4"), "Last-Event-ID", ids.get(1));
    String other = Names.unique("sse");
    ids = publish(other, 4);
    assertHistory(other, "?lastEventId=" + ids.get(1), List.of("m3", "m4"));
  }

  @Test
  void shouldPreferTheQueryToTheHeaderAndAnIdToATime() {
    String topic = Names.unique("sse");
    List<String> ids = publish(topic, 4);
    String query = "?since=1&lastEventId=" + ids.get(2);

    assertHistory(topic, query, List.of("m4"), "Last-Event-ID", ids.get(0));
  }

  @Test
  void shouldGiveWhatHappenedSinceATime() {
    String topic = Names.unique("sse");
    try (RpcClient client = eventhub.connect()) {
      for (int i = 1; i <= 3; i++) {
        client.result("publish", "topic", topic, "message", "m" + i, "timestamp", i * 1000);
      }
    }

    assertHistory(topic, "?since=2000", List.of("m2", "m3"));
  }

  @Test
  void shouldGiveTheNewestWhenThereIsALimit() {
    String topic = Names.unique("sse");
    publish(topic, 4);

    assertHistory(topic, "?limit=2&since=1", List.of("m3", "m4"));
    topic = Names.unique("sse");
    List<String> ids = publish(topic, 4);
    assertHistory(topic, "?limit=2&lastEventId=" + ids.get(0), List.of("m3", "m4"));
    topic = Names.unique("sse");
    publish(topic, 4);
    assertHistory(topic, "?limit=0&since=1", List.of());
  }

  @Test
  void shouldGiveAHundredAtMost() {
    String topic = Names.unique("sse");
    publish(topic, 120);
    List<String> newest = new ArrayList<>();
    for (int i = 21; i <= 120; i++) {
      newest.add("m" + i);
    }

    assertHistory(topic, "?since=1&limit=5000", newest);
  }

  @Test
  void shouldGiveWhatIsLeftAfterAnEventThatItDoesNotKnow() {
    String topic = Names.unique("sse");
    publish(topic, 2);

    assertHistory(topic, "?lastEventId=nonsense", List.of("m1", "m2"));
  }

  /** By an event of its own, which browsers give only to those who ask for it. */
  @Test
  void shouldSayWhenHistoryIsIncomplete() {
    String topic = Names.unique("sse");
    List<String> ids = publish(topic, 4);
    String begin = "event: recovered\ndata: ";

    try (EventStreamClient stream = eventhub.stream("/" + topic + "?limit=1", LAST, ids.get(1))) {
      assertThat(stream.block()).isEqualTo(begin + "{\"missed\":1,\"recovered\":false}");
      assertThat(stream.event().id()).isEqualTo(ids.get(3));
    }
    try (EventStreamClient stream = eventhub.stream("/" + topic, LAST, "nonsense")) {
      assertThat(stream.block()).isEqualTo(begin + "{\"recovered\":false}");
      assertThat(stream.event().id()).isEqualTo(ids.get(0));
    }
    try (EventStreamClient stream = eventhub.stream("/" + topic, LAST, ids.get(2))) {
      assertThat(stream.block()).startsWith("id: " + ids.get(3));
    }
  }

  /** As a browser does: with the last id it has seen. */
  @Test
  void shouldMissNothingOverReconnects() {
    String topic = Names.unique("sse");
    String last = eventhub.publish(topic, "m0");
    for (int round = 0; round < 3; round++) {
      eventhub.publish(topic, round + " between");
      try (EventStreamClient stream = eventhub.stream("/" + topic, "Last-Event-ID", last)) {
        assertThat(stream.event().data()).isEqualTo(round + " between");
        eventhub.publish(topic, round + " live");
        EventStreamClient.Event event = stream.event();
        assertThat(event.data()).isEqualTo(round + " live");
        last = event.id();
      }
    }
  }

  // --- errors

  @ParameterizedTest
  @ValueSource(strings = {"/a%20b", "/a%23", "/%2Fa", "/a/", "/a%2F%23%2Fb", "/%C3%A9"})
  void shouldNotFindInvalidTopics(String path) {
    Answer answer = eventhub.get(path, "Accept", "text/event-stream");

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.header("Content-Type")).startsWith("application/json");
    assertThat(answer.text()).isEqualTo("{\"error\":\"Invalid topic requested.\"}\n");
  }

  @Test
  void shouldNotFindTheEmptyTopic() {
    Answer answer = eventhub.get("/", "Accept", "text/event-stream");

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.text()).isEqualTo("{\"error\":\"Invalid topic requested.\"}\n");
  }

  @Test
  void shouldNotTakeQueriesAndCaseForTopics() {
    String topic = Names.unique("sse");
    try (EventStreamClient stream = eventhub.stream("/" + topic + "?x=%23&LIMIT=1&Since=1")) {
      eventhub.publish(topic, "m");
      assertThat(stream.data(1)).containsExactly("m");
    }
  }
}
