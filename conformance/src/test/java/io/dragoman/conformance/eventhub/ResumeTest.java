// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Clients that come while others publish: history and live events meet without gap or duplicate
 * (spec: eventhub §3, ruling 28).
 */
@EventhubSuite(settings = "eventhub.historyMax=100000")
class ResumeTest {
  private static final int EVENTS = 4_000;
  private static final String LAST = "m" + (EVENTS - 1);

  private final Eventhub eventhub;

  ResumeTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  /** Publishes m0, m1 and so on, alternately to all topics, without waiting for each reply. */
  private void publish(List<String> topics) {
    int window = 32;
    try (RpcClient client = eventhub.connect()) {
      for (int i = 0; i < EVENTS + window; i++) {
        if (i < EVENTS) {
          String topic = topics.get(i % topics.size());
          client.begin("publish", Json.object("topic", topic, "message", "m" + i));
        }
        if (i >= window) {
          assertThat(Json.parse(client.nextText()).at("/result/status").asText()).isEqualTo("ok");
        }
      }
    }
  }

  private static List<String> numbered() {
    List<String> messages = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      messages.add("m" + i);
    }
    return messages;
  }

  /**
   * Takes events in visits of so many each, and goes on where the last visit ended, until the last
   * event has come.
   */
  private List<String> visit(String filter, String firstId, int eventsPerVisit) {
    List<String> seen = new ArrayList<>();
    String last = firstId;
    while (!seen.contains(LAST)) {
      try (RpcClient client = eventhub.connect()) {
        JsonNode confirmation =
            client.result("subscribe", "topic", filter, "sinceEventId", last, "limit", 100_000);
        assertThat(confirmation.get("recovered").booleanValue()).isTrue();
        assertThat(confirmation.get("missed").longValue()).isZero();
        for (int i = 0; i < eventsPerVisit; i++) {
          JsonNode event = client.event().get("result");
          seen.add(event.get("message").textValue());
          last = event.get("id").textValue();
          if (seen.get(seen.size() - 1).equals(LAST)) {
            break;
          }
        }
        client.socket().abort();
      }
    }
    return seen;
  }

  @ParameterizedTest
  @CsvSource({"/0, /0", "/0 /1 /2, /+", "/0 /1/x /2, /#"})
  void shouldMissAndRepeatNothingOverReconnects(String topics, String filter) throws Exception {
    String root = Names.unique("resume");
    List<String> names = new ArrayList<>();
    for (String each : topics.split(" ")) {
      names.add(root + each);
    }
    String first = eventhub.publish(names.get(0), "first");
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      Future<?> publishing = threads.submit(() -> publish(names));
      List<Future<List<String>>> visitors = new ArrayList<>();
      for (int events : new int[] {100, 237, 1_000, EVENTS}) {
        visitors.add(threads.submit(() -> visit(root + filter, first, events)));
      }
      for (Future<List<String>> each : visitors) {
        assertThat(each.get(60, TimeUnit.SECONDS)).isEqualTo(numbered());
      }
      publishing.get(60, TimeUnit.SECONDS);
    } finally {
      threads.shutdownNow();
    }
  }

  /** One connection that asks for history again and again, under a new id each time. */
  @Test
  void shouldMissAndRepeatNothingWhenSubscribingAgain() throws Exception {
    String topic = Names.unique("resume");
    String first = eventhub.publish(topic, "first");
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (RpcClient client = eventhub.connect()) {
      client.result("subscribe", "topic", topic, "sinceEventId", first);
      Future<?> publishing = thread.submit(() -> publish(List.of(topic)));
      List<String> seen = new ArrayList<>();
      String last = first;
      int rounds = 0;
      while (!seen.contains(LAST)) {
        // What comes before the confirmation is the old subscription's, what comes after it the
        // new one's, whose history begins where this client has asked it to.
        int request = client.begin("subscribe", Json.object("topic", topic, "sinceEventId", last));
        JsonNode confirmation = client.reply(request);
        assertThat(confirmation.at("/result/recovered").booleanValue()).isTrue();
        rounds++;
        List<String> before = client.kept();
        List<String> after = new ArrayList<>();
        for (int i = 0; i < 300 && !after.contains(LAST); i++) {
          JsonNode event = client.event();
          assertThat(event.get("id").asInt()).isEqualTo(request);
          after.add(event.at("/result/message").textValue());
          last = event.at("/result/id").textValue();
        }
        // The history repeats what came meanwhile, and goes on without a gap.
        int both = Math.min(before.size(), after.size());
        assertThat(after.subList(0, both)).isEqualTo(before.subList(0, both));
        seen.addAll(after);
      }
      publishing.get(60, TimeUnit.SECONDS);
      assertThat(seen).isEqualTo(numbered());
      assertThat(rounds).isGreaterThan(5);
    } finally {
      thread.shutdownNow();
    }
  }
}
