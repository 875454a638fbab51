// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.RawWebSocket;
import io.dragoman.conformance.kubemq.KubeMq;
import io.dragoman.conformance.kubemq.KubeMqSuite;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Eventhub clients that resume with the id of an event of KubeMQ's that nobody keeps: it must not
 * stand for what is stored and was not given to them yet.
 */
@KubeMqSuite(settings = "eventhub.historyMax=100000")
class ResumeAcrossTest {
  private static final String PASSING = "passing";

  /** More than waits for a client, and less than one history may have. */
  private static final int STORED = 1_900;

  private final KubeMq mq;

  ResumeAcrossTest(KubeMq mq) {
    this.mq = mq;
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a", "/+", "/#"})
  void shouldMissNothingBehindAnEventThatNobodyKept(String filter) throws Exception {
    // given events that pass a client which has fallen behind
    String base = Names.unique("slow");
    String topic = base + "/a";
    String padding = "x".repeat(4_000);
    AtomicBoolean enough = new AtomicBoolean();
    List<String> seen = new ArrayList<>();
    String last = "";
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (RawWebSocket slow = RawWebSocket.connectSlow(mq.api(), "/hub");
        TopicClient publisher = TopicClient.connect(mq)) {
      slow.sendText(subscription(base + filter));
      slow.readText();
      publisher.publishAll(topic, IntStream.range(0, STORED).mapToObj(i -> i + padding).toList());
      Future<?> passing =
          thread.submit(
              () -> {
                while (!enough.get()) {
                  mq.publish(topic, PASSING);
                }
              });

      // when it goes away with the id of the first of them
      while (last.isEmpty()) {
        JsonNode event = Json.parse(slow.readText()).get("result");
        String message = event.get("message").textValue();
        if (message.equals(PASSING)) {
          last = event.get("id").textValue();
        } else {
          seen.add(message);
        }
      }
      enough.set(true);
      passing.get(20, TimeUnit.SECONDS);
    } finally {
      enough.set(true);
      thread.shutdown();
    }

    // then the rest comes when it resumes with that
    assertThat(seen).hasSizeBetween(1, STORED - 1);
    try (TopicClient again = TopicClient.connect(mq)) {
      JsonNode confirmed =
          again.call("subscribe", base + filter, "sinceEventId", last, "limit", 100_000);
      assertThat(confirmed.get("recovered").booleanValue()).isTrue();
      assertThat(confirmed.get("missed").intValue()).isZero();
      seen.addAll(again.messages(STORED - seen.size()));
    }
    for (int i = 0; i < STORED; i++) {
      assertThat(seen.get(i)).startsWith(i + "x");
    }
  }

  @Test
  void shouldResumeBeforeAnythingWasStoredThere() {
    // given subscribers that have been given nothing yet
    String base = Names.unique("fresh");
    String topic = base + "/a";
    mq.store(base + "/other", "elsewhere");
    for (String filter : List.of(topic, base + "/a/#")) {
      String last;
      try (TopicClient subscriber = TopicClient.subscribed(mq, filter)) {
        mq.publish(topic, PASSING);
        last = subscriber.next().get("id").textValue();
      }
      mq.store(topic, "stored");

      // when
      try (TopicClient again = TopicClient.connect(mq)) {
        JsonNode confirmed = again.call("subscribe", filter, "sinceEventId", last);

        // then
        assertThat(confirmed.get("recovered").booleanValue()).isTrue();
        assertThat(again.messages(1)).containsExactly("stored");
      }
    }
  }

  @Test
  void shouldTellEventsApartThatNobodyKeeps() {
    // given
    String topic = Names.unique("apart");
    int count = 200;
    List<String> ids = new ArrayList<>();
    try (TopicClient subscriber = TopicClient.subscribed(mq, topic)) {
      // when
      for (int i = 0; i < count; i++) {
        mq.publish(topic, PASSING);
      }
      for (int i = 0; i < count; i++) {
        ids.add(subscriber.next().get("id").textValue());
      }
    }

    // then
    assertThat(ids).doesNotHaveDuplicates().isSorted();
  }

  @Test
  void shouldResumeStreamsToo() throws Exception {
    // given
    String topic = Names.unique("stream");
    String last;
    try (Stream<String> lines = stream(topic, "")) {
      Iterator<String> line = lines.filter(each -> each.matches("(id|data): .*")).iterator();
      mq.store(topic, "1");
      assertThat(line.next()).matches("id: [0-9]{13}-[0-9]{1,6}");
      assertThat(line.next()).isEqualTo("data: 1");
      mq.publish(topic, PASSING);
      last = line.next().substring("id: ".length());
      assertThat(last).matches("[0-9]{13}-[0-9]{25}");
      assertThat(line.next()).isEqualTo("data: " + PASSING);
    }
    mq.store(topic, "2");

    // when
    try (Stream<String> lines = stream(topic, last)) {
      Iterator<String> line = lines.filter(each -> each.matches("(event|data): .*")).iterator();

      // then
      assertThat(line.next()).isEqualTo("data: 2");
    }
  }

  private Stream<String> stream(String topic, String lastId) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(mq.api().resolve("/" + topic)).header("Accept", "text/event-stream");
    if (!lastId.isEmpty()) {
      request.header("Last-Event-ID", lastId);
    }
    return mq.http().send(request.build(), BodyHandlers.ofLines()).body();
  }

  private static String subscription(String filter) {
    return Json.object(
            "id",
            1,
            "jsonrpc",
            "2.0",
            "method",
            "subscribe",
            "params",
            Json.object("topic", filter))
        .toString();
  }
}
