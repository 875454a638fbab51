// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import io.dragoman.conformance.WsClient;
import io.dragoman.conformance.kubemq.GrpcClient;
import io.dragoman.conformance.kubemq.GrpcSubscription;
import io.dragoman.conformance.kubemq.KubeMq;
import io.dragoman.kubemq.protocol.EventReceive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What clients of connmix do by themselves, as the other protocols see it. Each test has a server
 * with a listener of its own.
 */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class ConnmixClientsAcrossTest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private static KubeMq start(String listener) {
    return KubeMq.start(Map.of("connmix.clients", "[" + listener + "]"));
  }

  @Test
  void shouldShowWhatVerbsPublish() {
    String listener =
        "{port: 0, verbs: {join: {does: subscribe, allow: ['*']},"
            + " say: {does: publish, allow: ['*']}}}";
    try (KubeMq mq = start(listener)) {
      assertHeardByAll(mq);
    }
  }

  @Test
  void shouldShowWhatScriptsPublish(@TempDir Path directory) throws IOException {
    String script =
        """
        function on_message(msg)
          local conn = mix.websocket()
          local wanted = mix.json_decode(msg.data)
          if wanted.op == "join" then
            conn:subscribe(wanted.channel)
          else
            mix.mesh.publish(wanted.channel, wanted.data)
          end
          conn:send('{"result":true}')
        end
        """;
    Path entry = Files.writeString(directory.resolve("entry.lua"), script);
    try (KubeMq mq = start("{port: 0, entry: '" + entry + "'}")) {
      assertHeardByAll(mq);
    }
  }

  private static void assertHeardByAll(KubeMq mq) {
    String base = Names.unique("own");
    String channel = base + ".a";
    try (Member speaker = Member.connect(mq);
        Member member = Member.connect(mq);
        WsClient events = mq.subscribeEvents(channel, "");
        GrpcClient grpc = GrpcClient.connect(mq);
        GrpcSubscription<EventReceive> pattern = GrpcSubscription.events(grpc, base + ".*", "");
        TopicClient topic = TopicClient.subscribed(mq, channel)) {
      member.send(Json.object("op", "join", "channel", channel).toString());
      assertThat(member.next()).isEqualTo("{\"result\":true}");
      for (String text : List.of("first é", "second")) {
        speaker.send(Json.object("op", "say", "channel", channel, "data", text).toString());
        assertThat(speaker.next()).isEqualTo("{\"result\":true}");

        assertThat(member.next()).isEqualTo(text);
        assertThat(Json.decoded(events.next().get("Body"))).isEqualTo(text);
        assertThat(pattern.next().getBody().toStringUtf8()).isEqualTo(text);
        JsonNode heard = topic.next();
        assertThat(heard.get("message").textValue()).isEqualTo(text);
      }
      assertThat(topic.history(channel, "since", 1)).isEmpty();
    }
  }

  /** Ruling 19: the bound is for clients, whom nobody knows. */
  @Test
  void shouldTakeFromKubeMqWhatATopicThatIsFullRefusesToClients() {
    String listener = "{port: 0, topicSize: 3, events: {message: jobs}}";
    try (KubeMq mq = start(listener);
        Member client = Member.connect(mq)) {
      // given a topic that is full
      List<String> expected = new ArrayList<>();
      for (int i = 1; i <= 3; i++) {
        client.send("client " + i);
        expected.add("client " + i);
      }
      client.send("too many");
      awaitLost(mq, 1);

      // when services go on, and the client tries again
      for (int i = 1; i <= 10; i++) {
        mq.send("jobs", "service " + i);
        expected.add("service " + i);
      }
      client.send("still too many");
      awaitLost(mq, 2);

      // then
      try (Backend backend = Backend.connect(mq)) {
        backend.consume("jobs");
        for (String each : expected) {
          assertThat(backend.event().at("/d/frame/data").textValue()).isEqualTo(each);
        }
        await().atMost(DEADLINE).until(() -> KubeMq.messages(mq.peek("jobs", 1, 1)).isEmpty());
        client.send("fits again");
        assertThat(backend.event().at("/d/frame/data").textValue()).isEqualTo("fits again");
      }
    }
  }

  private static void awaitLost(KubeMq mq, int count) {
    String series = "dragoman_connmix_events_lost_total{reason=\"full\"} ";
    await()
        .atMost(DEADLINE)
        .until(
            () ->
                mq.getFromApi("/metrics")
                    .text()
                    .lines()
                    .filter(each -> each.startsWith(series))
                    .anyMatch(
                        each -> Double.parseDouble(each.substring(series.length())) == count));
  }
}
