// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.Json;
import io.dragoman.conformance.RawWebSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the metrics of clients count, compared with what their sockets got. */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class ClientTrafficTest {
  private static final String ECHO =
      """
      function on_handshake(client_id) mix.websocket():send(client_id) end
      function on_message(msg)
        local conn = mix.websocket()
        conn:send("one")
        conn:send(msg.data)
      end
      """;
  private static final String LINES =
      """
      function on_connect(client_id) mix.socket.tcp():send(client_id .. "\\n") end
      function protocol_input(buf) return string.find(buf:tostring(), "\\n", 1, true) or 0 end
      function protocol_decode(str) return str end
      function protocol_encode(str) return str .. "\\n" end
      function on_message(line) mix.socket.tcp():send(line) end
      """;

  @TempDir private static Path directory;

  private static String script(String name, String text) throws IOException {
    Path entry = directory.resolve(name + ".lua");
    Files.writeString(entry, text);
    return "entry: '" + entry + "'";
  }

  @Test
  void shouldCountWhatClientsAreSentByWhomever() throws IOException {
    String verbs =
        "{port: 0, verbs: {join: {does: subscribe, allow: ['*']}, beat: {does: ping},"
            + " tell: {does: publish, channel: all, data: '{message.d}', allow: [all]}}}";
    String listeners =
        String.join(
            ", ",
            verbs,
            "{port: 0, " + script("echo", ECHO) + "}",
            "{port: 0, protocol: tcp, " + script("lines", LINES) + "}");
    try (Connmix own = Connmix.start(Map.of("connmix.clients", "[" + listeners + "]"));
        ChatClient asks = own.chat();
        ChatClient scripted =
            new ChatClient(RawWebSocket.connect(own.clients("connmix-client-2"), "/chat"));
        PacketClient packets = new PacketClient(own.clients("connmix-client-3"));
        Backend backend = own.backend()) {
      String id = scripted.hears();
      // Three answers of verbs and a pong, the message of one of them, and the refusal of a last.
      asks.say("{\"op\":\"join\",\"channel\":\"all\"}").hears();
      asks.say("{\"op\":\"beat\"}").hears();
      asks.say("{\"op\":\"tell\",\"d\":\"x\"}").hears();
      asks.hears();
      assertThat(asks.pings()).isEqualTo("pong");
      asks.say("{\"op\":\"join\"}").hears();
      assertFigures(own, "websocket", 5, 6 + 1);

      // What a script says at the beginning, two answers, a pong and a push.
      scripted.say("two").hears();
      scripted.hears();
      assertThat(scripted.pings()).isEqualTo("pong");
      backend.done("mesh.send", Json.object("c", id, "d", "pushed").toString());
      scripted.hears();
      assertFigures(own, "websocket", 5 + 2, 6 + 5);

      // The same over TCP.
      id = packets.readText(20).strip();
      packets.send("a line\n");
      assertThat(packets.readText(7)).isEqualTo("a line\n");
      backend.done("mesh.send", Json.object("c", id, "d", "pushed").toString());
      assertThat(packets.readText(7)).isEqualTo("pushed\n");
      assertFigures(own, "socket", 1, 3);
      assertFigures(own, "websocket", 5 + 2, 6 + 5);
    }
  }

  private static void assertFigures(Connmix own, String protocol, int read, int sent) {
    String page = own.get(own.api(), "/metrics").text();
    assertThat(figure(page, "read_messages_total", protocol)).isEqualTo(read);
    assertThat(figure(page, "send_messages_total", protocol)).isEqualTo(sent);
    assertThat(figure(page, "send_errors_total", protocol)).isZero();
  }

  private static double figure(String page, String name, String protocol) {
    String series = "connmix_engine_servers_" + name + "{protocol=\"" + protocol + "\"} ";
    return page.lines()
        .filter(line -> line.startsWith(series))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length())))
        .sum();
  }
}
