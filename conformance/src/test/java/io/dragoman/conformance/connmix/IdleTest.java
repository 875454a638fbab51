// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.RawWebSocket;
import org.junit.jupiter.api.Test;

/**
 * Signs of life between server and backends (spec: connmix §2.2, ruling 2), more often than usual.
 */
@ConnmixSuite(settings = "connmix.api.readTimeout=900ms")
class IdleTest {
  private final Connmix connmix;

  IdleTest(Connmix connmix) {
    this.connmix = connmix;
  }

  /** Longer than the timeout, with nothing but pongs. */
  @Test
  void shouldKeepABackendThatAnswersPings() {
    try (Backend backend = connmix.backend()) {
      backend.pop("idle");
      for (int i = 0; i < 6; i++) {
        RawWebSocket.Frame ping = backend.socket().readFrame();
        assertThat(ping.opcode()).isEqualTo(RawWebSocket.PING);
        backend.socket().send(RawWebSocket.PONG, ping.text());
      }
      connmix.enqueue("idle", "1", "still there");
      assertThat(backend.data(1)).containsExactly("still there");
    }
  }

  /**
   * As the PHP client's synchronous mode is: it answers pings only while it waits for an answer.
   */
  @Test
  void shouldKeepABackendThatTalksWithoutAnsweringPings() {
    try (Backend backend = connmix.backend()) {
      for (int pings = 0; pings < 6; ) {
        backend.send("ping");
        RawWebSocket.Frame frame = backend.socket().readFrame();
        if (frame.opcode() == RawWebSocket.PING) {
          pings++;
        } else {
          assertThat(frame.text()).isEqualTo("pong");
        }
      }
    }
  }

  @Test
  void shouldCloseABackendThatGivesNoSignOfLife() {
    try (Backend backend = connmix.backend()) {
      RawWebSocket.Frame frame = backend.socket().readFrame();
      while (frame.opcode() == RawWebSocket.PING) {
        frame = backend.socket().readFrame();
      }
      assertThat(frame.closeCode()).isEqualTo(1011);
    }
  }
}
