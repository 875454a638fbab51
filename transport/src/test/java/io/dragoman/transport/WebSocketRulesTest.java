// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import static io.dragoman.transport.WsClient.BINARY;
import static io.dragoman.transport.WsClient.CLOSE;
import static io.dragoman.transport.WsClient.CONTINUATION;
import static io.dragoman.transport.WsClient.FIN;
import static io.dragoman.transport.WsClient.PING;
import static io.dragoman.transport.WsClient.PONG;
import static io.dragoman.transport.WsClient.TEXT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of RFC 6455, and our rulings on it, on the wire. */
@ExtendWith({LeakCheck.class, LogCheck.class})
final class WebSocketRulesTest {

  private static final int MESSAGE_MAX = 1 << 20;

  private final WsRecorder recorder = new WsRecorder();
  private TestServer server;

  @BeforeEach
  void start() {
    WebSocketOptions options = WebSocketOptions.defaults().withMessageBytesMax(MESSAGE_MAX);
    server =
        new TestServer(routes -> routes.webSocket("/ws", WsRecorder.accept(options, recorder)));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private WsClient connect() {
    return server.webSocket("/ws");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  // ---- handshake

  @ParameterizedTest
  @CsvSource({
    "Sec-WebSocket-Version: 13, Sec-WebSocket-Version: 8, 426",
    "Sec-WebSocket-Version: 13, X: y, 426",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, X: y, 400",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, Sec-WebSocket-Key: , 400",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, Sec-WebSocket-Key: short, 400",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j, 400",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ, 400",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, Sec-WebSocket-Key: dGhlIHNhbXBs*SBub25jZQ==, 400"
  })
  void shouldRefuseIncompleteHandshake(String line, String replacement, int status) {
    try (RawClient client = server.connect()) {
      client.send("GET /ws HTTP/1.1\r\n" + WsClient.HANDSHAKE.replace(line, replacement));
      RawClient.Response response = client.response();
      assertThat(response.status()).isEqualTo(status);
      assertThat(response.header("sec-websocket-version")).isEqualTo(status == 426 ? "13" : null);
    }
  }

  @Test
  void shouldSelectNoProtocolAndNoExtension() {
    try (RawClient client = server.connect()) {
      client.send(
          "GET /ws HTTP/1.1\r\nSec-WebSocket-Protocol: a, b\r\n"
              + "Sec-WebSocket-Extensions: permessage-deflate\r\n"
              + WsClient.HANDSHAKE);
      RawClient.Response response = client.head();
      assertThat(response.status()).isEqualTo(101);
      assertThat(response.headers())
          .containsOnlyKeys("upgrade", "connection", "sec-websocket-accept");
    }
  }

  @Test
  void shouldTakeFramesSentWithHandshake() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(utf8("GET /ws HTTP/1.1\r\n" + WsClient.HANDSHAKE));
    bytes.writeBytes(WsClient.masked(FIN | TEXT, utf8("early")));
    try (RawClient client = server.connect()) {
      client.send(bytes.toByteArray());
      assertThat(client.head().status()).isEqualTo(101);
      assertThat(new String(client.read(7), UTF_8)).endsWith("early");
    }
  }

  @Test
  void shouldTalkToClientOfThePlatform() throws Exception {
    BlockingQueue<String> events = new LinkedBlockingQueue<>();
    URI uri = URI.create("ws://localhost:" + server.address().getPort() + "/ws");
    java.net.http.WebSocket client =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(uri, new PlatformListener(events))
            .get(10, TimeUnit.SECONDS);
    client.sendText("hello", true).get(10, TimeUnit.SECONDS);
    assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("text hello");
    client.sendClose(4000, "bye").get(10, TimeUnit.SECONDS);
    assertThat(events.poll(10, TimeUnit.SECONDS)).isEqualTo("close 4000");
    assertThat(recorder.awaitClose()).isEqualTo(4000);
  }

  private record PlatformListener(BlockingQueue<String> events)
      implements java.net.http.WebSocket.Listener {
    @Override
    public CompletionStage<?> onText(
        java.net.http.WebSocket socket, CharSequence data, boolean last) {
      events.add("text " + data);
      socket.request(1);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<?> onClose(java.net.http.WebSocket socket, int code, String reason) {
      events.add("close " + code);
      return CompletableFuture.completedFuture(null);
    }
  }

  // ---- messages

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 127, 65_535, 65_536, 65_537, MESSAGE_MAX})
  void shouldEchoMessagesOfAllSizes(int size) {
    String text = "x".repeat(size);
    try (WsClient client = connect()) {
      assertThat(client.text(text).readText()).isEqualTo(text);
      assertThat(client.text("end").readText()).isEqualTo("end");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 100, 65_000})
  void shouldJoinFragments(int fragment) {
    String text = "äöü€😀-".repeat(fragment < 10 ? 50 : 10_000);
    byte[] bytes = utf8(text);
    try (WsClient client = connect()) {
      for (int from = 0; from < bytes.length; from += fragment) {
        int to = Math.min(from + fragment, bytes.length);
        int first = (from == 0 ? TEXT : CONTINUATION) | (to == bytes.length ? FIN : 0);
        client.frame(first, Arrays.copyOfRange(bytes, from, to));
      }
      assertThat(client.readText()).isEqualTo(text);
    }
  }

  @Test
  void shouldTakeFramesByteByByte() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(WsClient.masked(TEXT, utf8("Grü")));
    bytes.writeBytes(WsClient.masked(FIN | PING, utf8("ping")));
    bytes.writeBytes(WsClient.masked(FIN | CONTINUATION, utf8("ße" + "!".repeat(200))));
    bytes.writeBytes(WsClient.masked(FIN | BINARY, new byte[] {1, 2, 3}));
    try (WsClient client = connect()) {
      for (byte b : bytes.toByteArray()) {
        client.raw().send(new byte[] {b});
      }
      assertThat(client.read().firstByte()).isEqualTo(FIN | PONG);
      assertThat(client.readText()).isEqualTo("Grüße" + "!".repeat(200));
      assertThat(recorder.awaitBinary()).containsExactly(1, 2, 3);
    }
  }

  @Test
  void shouldTakeManyFramesAtOnce() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < 1000; i++) {
      bytes.writeBytes(WsClient.masked(FIN | TEXT, utf8("message " + i)));
    }
    try (WsClient client = connect()) {
      client.raw().send(bytes.toByteArray());
      for (int i = 0; i < 1000; i++) {
        assertThat(client.readText()).isEqualTo("message " + i);
      }
    }
  }

  @Test
  void shouldAcceptEmptyFragments() {
    try (WsClient client = connect()) {
      client.frame(TEXT, new byte[0]).frame(CONTINUATION, new byte[0]).frame(FIN, utf8("a"));
      assertThat(client.readText()).isEqualTo("a");
      client.frame(TEXT, new byte[0]).frame(FIN, new byte[0]);
      assertThat(client.readText()).isEmpty();
    }
  }

  @Test
  void shouldDeliverBinary() {
    byte[] payload = new byte[70_000];
    Arrays.fill(payload, (byte) 0xFF);
    try (WsClient client = connect()) {
      client.frame(FIN | BINARY, payload);
      assertThat(recorder.awaitBinary()).isEqualTo(payload);
      client.frame(BINARY, new byte[] {1}).frame(FIN | CONTINUATION, new byte[] {(byte) 0x80});
      assertThat(recorder.awaitBinary()).isEqualTo(new byte[] {1, (byte) 0x80});
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125})
  void shouldAnswerPingBetweenFragments(int size) {
    byte[] payload = new byte[size];
    Arrays.fill(payload, (byte) 0xAB);
    try (WsClient client = connect()) {
      client.frame(TEXT, utf8("a")).frame(FIN | PING, payload).frame(FIN, utf8("b"));
      WsClient.Frame pong = client.read();
      assertThat(pong.firstByte()).isEqualTo(FIN | PONG);
      assertThat(pong.payload()).isEqualTo(payload);
      assertThat(client.readText()).isEqualTo("ab");
    }
  }

  @Test
  void shouldIgnorePongs() {
    try (WsClient client = connect()) {
      client.frame(FIN | PONG, utf8("unasked")).text("a");
      assertThat(client.readText()).isEqualTo("a");
    }
  }

  // ---- UTF-8

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ceba", // kappa and half a character
        "80", // continuation of nothing
        "c0af", // overlong slash
        "c1bf",
        "e08080", // overlong
        "e0", // cut off
        "eda080", // surrogate
        "edbfbf",
        "f08080af", // overlong
        "f4908080", // beyond Unicode
        "f5808080",
        "ff",
        "61626380"
      })
  void shouldRefuseTextThatIsNotUtf8(String digits) {
    byte[] bytes = hex(digits);
    boolean cutOff = digits.equals("ceba") || digits.equals("e0");
    byte[] payload = digits.equals("ceba") ? hex("cebace") : bytes;
    assertFails(new byte[][] {WsClient.masked(FIN | TEXT, payload)}, 1007);
    if (!cutOff) {
      // At once, before the message ends.
      assertFails(new byte[][] {WsClient.masked(TEXT, payload)}, 1007);
    }
  }

  @Test
  void shouldCheckUtf8AcrossFragments() {
    byte[] euro = utf8("€");
    try (WsClient client = connect()) {
      client.frame(TEXT, Arrays.copyOf(euro, 1));
      client.frame(FIN, Arrays.copyOfRange(euro, 1, 3));
      assertThat(client.readText()).isEqualTo("€");
    }
    recorder.awaitOpen();
    recorder.awaitClose();
    assertFails(
        new byte[][] {
          WsClient.masked(TEXT, Arrays.copyOf(euro, 2)), WsClient.masked(FIN, utf8("x"))
        },
        1007);
    assertFails(
        new byte[][] {
          WsClient.masked(TEXT, Arrays.copyOf(euro, 2)), WsClient.masked(FIN, new byte[0])
        },
        1007);
  }

  // ---- violations

  @ParameterizedTest
  @CsvSource({
    "c1, reserved bit 1",
    "a1, reserved bit 2",
    "91, reserved bit 3",
    "83, reserved opcode 3",
    "87, reserved opcode 7",
    "8b, reserved opcode 11",
    "8f, reserved opcode 15",
    "80, continuation of nothing",
    "09, fragmented ping",
    "0a, fragmented pong",
    "08, fragmented close"
  })
  void shouldRefuseFirstByte(String first, String reason) {
    assertFails(new byte[][] {WsClient.masked(Integer.parseInt(first, 16), utf8("a"))}, 1002);
  }

  @ParameterizedTest
  @ValueSource(ints = {TEXT, BINARY})
  void shouldRefuseNewMessageWithinFragments(int opcode) {
    assertFails(
        new byte[][] {
          WsClient.masked(TEXT, utf8("a")), WsClient.masked(FIN | opcode, utf8("b")),
        },
        1002);
  }

  @ParameterizedTest
  @ValueSource(ints = {PING, PONG, CLOSE})
  void shouldRefuseLongControlFrame(int opcode) {
    assertFails(new byte[][] {WsClient.masked(FIN | opcode, new byte[126])}, 1002);
  }

  @ParameterizedTest
  @ValueSource(strings = {"81fe0005", "81ff0000000000000005", "81ff8000000000000005"})
  void shouldRefuseMalformedLength(String digits) {
    assertFails(new byte[][] {hex(digits), new byte[4]}, 1002);
  }

  @ParameterizedTest
  @ValueSource(strings = {"8101", "8201", "8900", "8a00"})
  void shouldRefuseUnmaskedFrame(String digits) {
    assertFails(new byte[][] {hex(digits)}, 1002);
  }

  @Test
  void shouldRefuseLargeMessageBeforeItsPayload() {
    byte[] frame = WsClient.masked(FIN | TEXT, new byte[MESSAGE_MAX + 1]);
    assertFails(new byte[][] {Arrays.copyOf(frame, 14)}, 1009);
  }

  @Test
  void shouldRefuseMessageThatGrowsTooLarge() {
    byte[] half = WsClient.masked(TEXT, new byte[MESSAGE_MAX / 2]);
    byte[] rest = WsClient.masked(FIN, new byte[MESSAGE_MAX / 2 + 1]);
    assertFails(new byte[][] {half, rest}, 1009);
  }

  @Test
  void shouldLetClientReadReasonWhileItStillSends() {
    try (WsClient client = connect()) {
      client.frame(FIN | TEXT, new byte[4 << 20]);
      assertThat(client.readClose()).isEqualTo(1009);
      assertThat(client.atEnd()).isTrue();
    }
  }

  private void assertFails(byte[][] frames, int code) {
    try (WsClient client = connect()) {
      recorder.awaitOpen();
      for (byte[] frame : frames) {
        client.raw().send(frame);
      }
      assertThat(client.readClose()).isEqualTo(code);
      assertThat(client.atEnd()).isTrue();
    }
    assertThat(recorder.awaitClose()).isEqualTo(code);
  }

  // ---- closing

  @ParameterizedTest
  @ValueSource(ints = {1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 3999, 4000, 4999})
  void shouldAnswerCloseWithSameCode(int code) {
    try (WsClient client = connect()) {
      client.frame(FIN | CLOSE, WsClient.closePayload(code, "bye"));
      assertThat(client.readClose()).isEqualTo(code);
      assertThat(client.atEnd()).isTrue();
    }
    assertThat(recorder.awaitClose()).isEqualTo(code);
  }

  @Test
  void shouldAnswerEmptyCloseWithNormalCode() {
    try (WsClient client = connect()) {
      client.frame(FIN | CLOSE, new byte[0]);
      assertThat(client.readClose()).isEqualTo(1000);
      assertThat(client.atEnd()).isTrue();
    }
    assertThat(recorder.awaitClose()).isEqualTo(1005);
  }

  @Test
  void shouldTellTheReasonOfAClose() {
    try (WsClient client = connect()) {
      client.frame(FIN | CLOSE, WsClient.closePayload(4000, "à bientôt"));
      assertThat(client.readClose()).isEqualTo(4000);
    }
    assertThat(recorder.awaitReason()).isEqualTo("à bientôt");
    try (WsClient client = connect()) {
      client.frame(FIN | CLOSE, WsClient.closePayload(1000, ""));
      assertThat(client.readClose()).isEqualTo(1000);
    }
    assertThat(recorder.awaitReason()).isEmpty();
    try (WsClient client = connect()) {
      recorder.awaitOpen();
      recorder.awaitOpen();
      recorder.awaitOpen().closeAfterWrites(4001, "elsewhere");
      assertThat(client.readClose()).isEqualTo(4001);
    }
    assertThat(recorder.awaitReason()).isEqualTo("elsewhere");
  }

  @Test
  void shouldTakeUnmaskedCloseForClose() {
    try (WsClient client = connect()) {
      client.text("last").unmasked(FIN | CLOSE, WsClient.closePayload(1000, "ttfn"));
      assertThat(client.readText()).isEqualTo("last");
      assertThat(client.readClose()).isEqualTo(1000);
      assertThat(client.atEnd()).isTrue();
    }
    assertThat(recorder.awaitClose()).isEqualTo(1000);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65_535})
  void shouldRefuseInvalidCloseCode(int code) {
    assertFails(new byte[][] {WsClient.masked(FIN | CLOSE, WsClient.closePayload(code, ""))}, 1002);
  }

  @Test
  void shouldRefuseCloseOfOneByte() {
    assertFails(new byte[][] {WsClient.masked(FIN | CLOSE, new byte[1])}, 1002);
  }

  @Test
  void shouldRefuseCloseReasonThatIsNotUtf8() {
    assertFails(new byte[][] {WsClient.masked(FIN | CLOSE, hex("03e8ff"))}, 1007);
    assertFails(new byte[][] {WsClient.masked(FIN | CLOSE, hex("03e8ce"))}, 1007);
  }

  @Test
  void shouldIgnoreWhatFollowsClose() {
    try (WsClient client = connect()) {
      client.frame(FIN | CLOSE, WsClient.closePayload(1000, "")).text("too late");
      assertThat(client.readClose()).isEqualTo(1000);
      assertThat(client.atEnd()).isTrue();
    }
    assertThat(recorder.awaitClose()).isEqualTo(1000);
  }

  @Test
  void shouldTellThatClientVanished() {
    try (WsClient client = connect()) {
      client.text("a").readText();
      client.raw().disconnect();
      assertThat(recorder.awaitClose()).isEqualTo(1006);
    }
  }

  @Test
  void shouldTellThatClientWasReset() {
    try (WsClient client = connect()) {
      client.frame(TEXT, utf8("unfinished"));
      recorder.awaitOpen();
      client.raw().reset();
      assertThat(recorder.awaitClose()).isEqualTo(1006);
    }
  }

  @Test
  void shouldCloseWhenHandlerThrows() {
    try (WsClient client = connect()) {
      client.text("throw");
      assertThat(client.readClose()).isEqualTo(1011);
      assertThat(client.atEnd()).isTrue();
    }
    assertThat(recorder.awaitClose()).isEqualTo(1011);
  }
}
