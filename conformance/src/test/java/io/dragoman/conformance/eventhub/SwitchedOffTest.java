// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Answer;
import io.dragoman.conformance.Json;
import io.dragoman.conformance.Names;
import org.junit.jupiter.api.Test;

/** A server without event log, keys and event streams (spec: eventhub §3, §6). */
@EventhubSuite(
    settings = {"eventhub.eventLog=false", "eventhub.keyValues=false", "eventhub.sse=false"})
class SwitchedOffTest {
  private final Eventhub eventhub;

  SwitchedOffTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  @Test
  void shouldRefuseTheEventLog() {
    String disabled = "Cache is not enabled in server config";
    try (RpcClient client = eventhub.connect()) {
      client.assertInvalid(disabled, "eventlog", "topic", "t", "since", 1);
      client.assertInvalid(disabled, "eventlog");
    }
  }

  @Test
  void shouldIgnoreThatHistoryIsAskedFor() {
    String topic = Names.unique("off");
    try (RpcClient client = eventhub.connect()) {
      client.publish(topic, "before");

      assertThat(client.result("subscribe", "topic", topic, "since", 1))
          .isEqualTo(Json.object("action", "subscribe", "status", "ok", "topic", topic));
      client.publish(topic, "after");
      assertThat(client.messages(1)).containsExactly("after");
    }
  }

  @Test
  void shouldRefuseKeys() {
    String disabled = "KVStore is not enabled.";
    try (RpcClient client = eventhub.connect()) {
      client.assertInvalid(disabled, "get", "key", "k");
      client.assertInvalid(disabled, "set", "key", "k", "value", "v");
      client.assertInvalid(disabled, "del", "key", "k");
      client.assertInvalid(disabled, "get");
    }
  }

  @Test
  void shouldRefuseEventStreams() {
    Answer answer = eventhub.get("/topic", "Accept", "text/event-stream");

    assertThat(answer.status()).isEqualTo(501);
    assertThat(answer.text())
        .isEqualTo("<h1>501 Not Implemented</h1>\nSSE is not enabled in this setup.\r\n");
  }
}
