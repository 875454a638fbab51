// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Json;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Topics are queues: they are there after a restart. */
@Timeout(90)
class RestartTest {
  @TempDir private Path directory;

  @Test
  void shouldKeepWhatNobodyHasConsumed() {
    String handle;
    try (Connmix first = Connmix.in(directory)) {
      for (int i = 0; i < 5; i++) {
        first.enqueue("chat", "7", Integer.toString(i));
      }
      try (Backend backend = first.backend();
          Backend other = first.backend()) {
        backend.done("queue.pop", "{\"t\":[\"chat\"],\"ack\":true}");
        handle = Json.parse(backend.event()).at("/p/a").textValue();
        assertThat(backend.data(4)).containsExactly("1", "2", "3", "4");
        backend.done("queue.ack", "{\"a\":[\"" + handle + "\"]}");

        first.stop();

        // A worker is told that it is to come back, and one that waits is not left waiting.
        assertThat(backend.socket().readCloseCode()).isEqualTo(1001);
        assertThat(other.socket().readCloseCode()).isEqualTo(1001);
      }
    }
    try (Connmix second = Connmix.in(directory);
        Backend backend = second.backend()) {
      backend.pop("chat");
      assertThat(backend.data(4)).containsExactly("1", "2", "3", "4");
      second.awaitQueue("chat", 0, 0);
    }
  }
}
