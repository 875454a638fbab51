// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.RawHttp;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Where backends begin (spec: connmix §7). */
@ConnmixSuite
class NodesTest {
  private final Connmix connmix;

  NodesTest(Connmix connmix) {
    this.connmix = connmix;
  }

  @Test
  void shouldTellItsVersionAndThatOfTheApi() {
    for (URI listener : List.of(connmix.center(), connmix.api())) {
      Answer answer = connmix.get(listener, "/version");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.json().at("/apis/0").textValue()).isEqualTo("v1");
      assertThat(answer.json().at("/version").textValue()).isNotBlank();
    }
  }

  @Test
  void shouldTellWhereTheApiIsInEveryFormClientsLookFor() {
    int port = connmix.api().getPort();
    for (URI listener : List.of(connmix.center(), connmix.api())) {
      Answer answer = connmix.get(listener, "/v1/nodes");
      assertThat(answer.text())
          .isEqualTo(
              "{\"nodes\":[{\"id\":1,\"api_server\":\"127.0.0.1:%1$d\",\"host\":\"127.0.0.1:%1$d\",\"ip\":\"127.0.0.1\",\"port\":%1$d}]}"
                  .formatted(port));
    }
  }

  @Test
  void shouldTellTheHostThatTheAskerHasReached() {
    int port = connmix.api().getPort();
    for (Map.Entry<String, String> each :
        Map.of("localhost:1", "localhost", "LOCALHOST", "LOCALHOST", "[::1]:6787", "[::1]")
            .entrySet()) {
      try (RawHttp connection = RawHttp.open(connmix.center())) {
        Answer answer =
            connection
                .write("GET /v1/nodes HTTP/1.1\r\nHost: " + each.getKey() + "\r\n\r\n")
                .read();
        JsonNode node = answer.json().at("/nodes/0");
        assertThat(node.get("api_server").textValue()).isEqualTo(each.getValue() + ":" + port);
        assertThat(node.get("ip").textValue())
            .isEqualTo(each.getValue().replace("[", "").replace("]", ""));
      }
    }
  }

  @Test
  void shouldTellWhatIsConfigured() {
    try (Connmix own =
        Connmix.start(Map.of("connmix.api.address", "broker.example:7000", "node.number", "513"))) {
      assertThat(own.get(own.center(), "/v1/nodes").text())
          .isEqualTo(
              "{\"nodes\":[{\"id\":513,\"api_server\":\"broker.example:7000\",\"host\":\"broker.example:7000\",\"ip\":\"broker.example\",\"port\":7000}]}");
      try (Backend backend = own.backend();
          PushedClient client = own.client()) {
        assertThat(Long.parseLong(client.id()) >> 12 & 1023).isEqualTo(513);
        backend.pop("t");
        own.enqueue("t", client.id(), "x");
        assertThat(Json.parse(backend.event()).at("/p/n").asInt()).isEqualTo(513);
      }
    }
  }

  @Test
  void shouldTellNoNodeWhereTheApiIsOff() {
    try (Connmix own = Connmix.start(Map.of("connmix.api.port", "off"))) {
      assertThat(own.get(own.center(), "/v1/nodes").text()).isEqualTo("{\"nodes\":[]}");
    }
  }

  @Test
  void shouldShowMetricsUnderBothNames() {
    for (URI listener : List.of(connmix.center(), connmix.api())) {
      Answer answer = connmix.get(listener, "/metrics");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text())
          .contains("\ndragoman_connmix_backends ")
          .contains("\nconnmix_center_registry_engine_nodes 1.0\n")
          .contains("\nconnmix_engine_servers_read_messages_total{protocol=\"websocket\"}");
    }
  }
}
