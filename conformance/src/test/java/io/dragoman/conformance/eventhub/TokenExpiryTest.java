// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static io.dragoman.conformance.eventhub.Access.all;
import static io.dragoman.conformance.eventhub.Access.assertRefused;
import static io.dragoman.conformance.eventhub.Access.token;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What happens to connections when their token expires (spec: eventhub §5). */
@EventhubSuite(settings = {"auth.enabled=true", "auth.jwt.secret=" + Access.SECRET})
class TokenExpiryTest {
  private static final int POLICY_VIOLATION = 1008;

  /** Long enough to connect with, on a busy machine too. */
  private static final int SHORT_SECONDS = 6;

  private final Eventhub eventhub;

  TokenExpiryTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  /** A token with these rules that expires while a test looks on. */
  private static String expiringSoon(String rules) {
    long end = System.currentTimeMillis() / 1000 + SHORT_SECONDS;
    return token("{" + rules + ",\"exp\":" + end + "}");
  }

  @Test
  void shouldEndConnectionsWhenTheirTokenExpires() {
    String topic = Names.unique("exp");
    String token = expiringSoon("\"read\":[\"#\"],\"write\":[\"#\"]");
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
      assertRefused(eventhub, token);
    }
  }

  /** Of what it has sent before, nothing is begun once it is being closed. */
  @Test
  void shouldBeginNothingWhenTheTokenHasExpired() {
    String topic = Names.unique("exp");
    String token = expiringSoon("\"write\":[\"#\"]");
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
