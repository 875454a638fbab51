// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Names;
import io.dragoman.conformance.RawWebSocket;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import org.junit.jupiter.api.Test;

/** Signs of life of the server (spec: eventhub §1, §6; ruling 2), more often than usual. */
@EventhubSuite(settings = {"eventhub.pingInterval=200ms", "eventhub.handshakeTimeout=300ms"})
class KeepAliveTest {
  private final Eventhub eventhub;

  KeepAliveTest(Eventhub eventhub) {
    this.eventhub = eventhub;
  }

  @Test
  void shouldPingWebSocketsWithAnEmptyPayload() {
    try (RawWebSocket socket = RawWebSocket.connect(eventhub.http(), "/")) {
      for (int i = 0; i < 5; i++) {
        RawWebSocket.Frame frame = socket.readFrame();
        assertThat(frame.opcode()).isEqualTo(RawWebSocket.PING);
        assertThat(frame.text()).isEmpty();
        socket.send(RawWebSocket.PONG, "");
      }
      socket.sendText("{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"list\"}");
      assertThat(socket.readText()).isEqualTo("{\"id\":1,\"jsonrpc\":\"2.0\",\"result\":[]}");
    }
  }

  @Test
  void shouldCloseWebSocketsThatGiveNoSignOfLife() {
    try (RawWebSocket socket = RawWebSocket.connect(eventhub.http(), "/")) {
      RawWebSocket.Frame frame = socket.readFrame();
      int pings = 0;
      while (frame.opcode() == RawWebSocket.PING) {
        pings++;
        frame = socket.readFrame();
      }
      // The code tells anybody who is there after all.
      assertThat(frame.closeCode()).isEqualTo(1011);
      assertThat(pings).isEqualTo(2);
    }
  }

  /** Who comes and says nothing takes the place of others. */
  @Test
  void shouldNotWaitForHandshakesThatDoNotCome() throws IOException {
    URI own = eventhub.own();
    try (Socket silent = new Socket(own.getHost(), own.getPort());
        RawWebSocket socket = RawWebSocket.connect(own, "/")) {
      silent.setSoTimeout(45_000);
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
      // Who has come in has all the time there is.
      assertThat(socket.readFrame().opcode()).isEqualTo(RawWebSocket.PING);
      assertThat(socket.readFrame().opcode()).isEqualTo(RawWebSocket.PING);
    }
  }

  @Test
  void shouldSendCommentsOnEventStreams() {
    String topic = Names.unique("alive");
    try (EventStreamClient stream = eventhub.stream("/" + topic)) {
      assertThat(stream.block()).isEqualTo(":");
      assertThat(stream.block()).isEqualTo(":");
      eventhub.publish(topic, "m");
      assertThat(stream.data(1)).containsExactly("m");
      assertThat(stream.block()).isEqualTo(":");
    }
  }
}
