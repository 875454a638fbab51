// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.WsClient;
import io.dragoman.conformance.kubemq.KubeMq;
import io.dragoman.conformance.kubemq.KubeMqSuite;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Patterns of each protocol match the same names, which are never rewritten (ruling 17). */
@KubeMqSuite
class NamesAcrossTest {

  private final KubeMq mq;

  NamesAcrossTest(KubeMq mq) {
    this.mq = mq;
  }

  @ParameterizedTest
  @CsvSource({
    // a name, what hears it, and what does not; U is a name of the test's own
    "U.created, U.*, U/+",
    "U.created, U.>, U/#",
    "U/created, U/+, U.*",
    "U/created, U/#, U.>",
    "U/created, U/+, +",
    "U/orders.new, U/orders.*, U.*",
    "U/orders.new, U/+, U/orders/+",
    "U/orders.new, U/#, U/orders.new.>",
    "U.orders/new, U.orders/+, U/orders/+",
    "U.orders/new, U.*, U.orders.*",
    "U:b.c, U:b.*, U.*",
    "U:b/c, U:b/+, U:b.>"
  })
  void shouldMatchNamesAsTheyAre(String name, String hearing, String deaf) {
    // given
    String own = Names.unique("name");
    String channel = name.replace("U", own);
    try (Subscriber hears = Subscriber.of(mq, hearing.replace("U", own));
        Subscriber other = Subscriber.of(mq, deaf.replace("U", own))) {
      // when the name is followed by one that the other pattern means
      mq.publish(channel, "heard");
      String sentinel = deaf.replace("U", own).replaceAll("[*>+#]", own);
      mq.publish(sentinel, "sentinel");

      // then
      assertThat(hears.next(own)).isEqualTo(channel + " heard");
      assertThat(other.next(own)).isEqualTo(sentinel + " sentinel");
    }
  }

  /** A subscriber of KubeMQ's events or Eventhub's topics, as the pattern's wildcards say. */
  private record Subscriber(WsClient events, TopicClient topics) implements AutoCloseable {

    static Subscriber of(KubeMq mq, String pattern) {
      return pattern.contains("*") || pattern.contains(">")
          ? new Subscriber(mq.subscribeEvents(pattern, ""), null)
          : new Subscriber(null, TopicClient.subscribed(mq, pattern));
    }

    /** Channel and body of the next event whose channel has this in its name. */
    String next(String part) {
      while (true) {
        String channel;
        String body;
        if (events != null) {
          JsonNode frame = events.next();
          channel = frame.get("Channel").textValue();
          body = Json.decoded(frame.get("Body"));
        } else {
          JsonNode event = topics.next();
          channel = event.get("topic").textValue();
          body = event.get("message").textValue();
        }
        if (channel.contains(part)) {
          return channel + " " + body;
        }
      }
    }

    @Override
    public void close() {
      if (events != null) {
        events.close();
      } else {
        topics.close();
      }
    }
  }

  @Test
  void shouldShowNamesThatEventhubCannotSayToItsFilters() {
    // given
    String base = Names.unique("odd");
    String channel = base + "/grüße,+$";
    mq.store(channel, "before");
    try (TopicClient filter = TopicClient.subscribed(mq, base + "/+", "since", 1)) {
      // when
      mq.store(channel, "after");

      // then
      for (String message : new String[] {"before", "after"}) {
        JsonNode event = filter.next();
        assertThat(event.get("topic").textValue()).isEqualTo(channel);
        assertThat(event.get("message").textValue()).isEqualTo(message);
      }
    }
  }

  @Test
  void shouldKeepTopicsThatKubeMqCannotSay() {
    // given
    String topic = Names.unique("dot") + ".";
    try (TopicClient publisher = TopicClient.connect(mq);
        TopicClient subscriber = TopicClient.subscribed(mq, topic)) {
      // when
      publisher.publish(topic, "m");

      // then
      assertThat(subscriber.messages(1)).containsExactly("m");
      mq.post("/send/event", KubeMq.event(topic, "m")).assertRefused();
    }
  }
}
