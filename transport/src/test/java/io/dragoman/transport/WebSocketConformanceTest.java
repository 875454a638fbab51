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
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The rules that the cases of the Autobahn suite try, as cases of our own, at a path that no route
 * names, as Eventhub's clients come. What they try one by one is in {@link WebSocketRulesTest};
 * here it is tried in combination: after sound messages, at every place of a character, with every
 * opcode and bit. The suite's numbers of cases are given for who knows them.
 */
@ExtendWith({LeakCheck.class, LogCheck.class})
final class WebSocketConformanceTest {
  private static final int MIB = 1 << 20;

  private final WsRecorder recorder = new WsRecorder();
  private TestServer server;

  @BeforeEach
  void start() {
    WebSocketOptions options = WebSocketOptions.defaults().withSubprotocolEcho();
    server = new TestServer(routes -> routes.anyWebSocket(WsRecorder.accept(options, recorder)));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  // ---- 1: framing

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 127, 128, 65_535, 65_536, 65_537, MIB})
  void shouldTakeBinaryOfAllSizes(int size) {
    byte[] payload = noise(size);
    try (WsClient client = connect()) {
      client.frame(FIN | BINARY, payload);
      assertThat(recorder.awaitBinary()).isEqualTo(payload);
    }
  }

  @ParameterizedTest
  @CsvSource({"126, 1", "65535, 997", "65536, 997", "65537, 1460", "1048576, 65521"})
  void shouldTakeFramesInAnyPieces(int size, int piece) {
    String text = "x".repeat(size);
    byte[] frame = WsClient.masked(FIN | TEXT, utf8(text));
    try (WsClient client = connect()) {
      for (int from = 0; from < frame.length; from += piece) {
        client.raw().send(Arrays.copyOfRange(frame, from, Math.min(from + piece, frame.length)));
      }
      assertThat(client.readText()).isEqualTo(text);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 4096, 65_535, 65_536, 65_537, 524_288})
  void shouldJoinAMebibyteInFragments(int fragment) {
    byte[] payload = noise(MIB);
    try (WsClient client = connect()) {
      for (int from = 0; from < MIB; from += fragment) {
        int to = Math.min(from + fragment, MIB);
        int opcode = from == 0 ? BINARY : CONTINUATION;
        client.frame(opcode | (to == MIB ? FIN : 0), Arrays.copyOfRange(payload, from, to));
      }
      assertThat(recorder.awaitBinary()).isEqualTo(payload);
    }
  }

  // ---- 2: pings and pongs

  @Test
  void shouldAnswerEachPingInOrder() {
    ByteArrayOutputStream pings = new ByteArrayOutputStream();
    for (int i = 0; i < 10; i++) {
      pings.writeBytes(WsClient.masked(FIN | PING, utf8("payload-" + i)));
    }
    try (WsClient client = connect()) {
      client.raw().send(pings.toByteArray());
      for (int i = 0; i < 10; i++) {
        assertPong(client, "payload-" + i);
      }
    }
  }

  @Test
  void shouldAnswerPingsThatComeByteByByte() {
    try (WsClient client = connect()) {
      for (byte b : WsClient.masked(FIN | PING, new byte[125])) {
        client.raw().send(new byte[] {b});
      }
      assertThat(client.read().payload()).isEqualTo(new byte[125]);
    }
  }

  @Test
  void shouldNotMindPongsBeforePings() {
    try (WsClient client = connect()) {
      client.frame(FIN | PONG, utf8("unasked")).frame(FIN | PING, utf8("asked"));
      assertPong(client, "asked");
      client.frame(FIN | PONG, new byte[0]).frame(FIN | PONG, new byte[125]).text("end");
      assertThat(client.readText()).isEqualTo("end");
    }
  }

  // ---- 3: reserved bits, 4: reserved opcodes

  static IntStream reservedBits() {
    return IntStream.of(TEXT, BINARY, PING, PONG, CLOSE)
        .flatMap(
            opcode ->
                IntStream.of(0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70)
                    .map(bits -> FIN | bits | opcode));
  }

  static IntStream reservedOpcodes() {
    return IntStream.concat(IntStream.rangeClosed(3, 7), IntStream.rangeClosed(11, 15))
        .map(opcode -> FIN | opcode);
  }

  @ParameterizedTest
  @MethodSource({"reservedBits", "reservedOpcodes"})
  void shouldFailAfterASoundMessage(int first) {
    try (WsClient client = connect()) {
      client.text("sound");
      client.raw().send(WsClient.masked(first, new byte[0]));
      assertThat(client.readText()).isEqualTo("sound");
      assertThat(client.readClose()).isEqualTo(1002);
      assertThat(client.atEnd()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {FIN | 0x40 | TEXT, FIN | 3, FIN | 11})
  void shouldTakeNothingAfterAViolation(int first) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(WsClient.masked(FIN | TEXT, utf8("before")));
    bytes.writeBytes(WsClient.masked(first, utf8("wrong")));
    bytes.writeBytes(WsClient.masked(FIN | PING, utf8("ping")));
    bytes.writeBytes(WsClient.masked(FIN | TEXT, utf8("after")));
    try (WsClient client = connect()) {
      client.raw().send(bytes.toByteArray());
      assertThat(client.readText()).isEqualTo("before");
      assertThat(client.readClose()).isEqualTo(1002);
      assertThat(client.atEnd()).isTrue();
    }
  }

  // ---- 5: fragmentation

  @Test
  void shouldAnswerPingsBetweenAllFragments() {
    try (WsClient client = connect()) {
      client.frame(TEXT, utf8("fragment 1"));
      client.frame(FIN | PING, utf8("ping 1"));
      assertPong(client, "ping 1");
      client.frame(CONTINUATION, utf8(", fragment 2"));
      client.frame(FIN | PING, utf8("ping 2")).frame(FIN | PONG, utf8("pong"));
      client.frame(CONTINUATION, new byte[0]);
      client.frame(FIN | PING, utf8("ping 3"));
      client.frame(FIN | CONTINUATION, utf8(", fragment 3"));
      assertPong(client, "ping 2");
      assertPong(client, "ping 3");
      assertThat(client.readText()).isEqualTo("fragment 1, fragment 2, fragment 3");
    }
  }

  @Test
  void shouldCloseBetweenFragments() {
    try (WsClient client = connect()) {
      client.frame(TEXT, utf8("never")).frame(FIN | CLOSE, WsClient.closePayload(1000, ""));
      client.frame(FIN | CONTINUATION, utf8("whole"));
      assertThat(client.readClose()).isEqualTo(1000);
      assertThat(client.atEnd()).isTrue();
    }
    assertThat(recorder.awaitClose()).isEqualTo(1000);
  }

  @ParameterizedTest
  @ValueSource(ints = {CONTINUATION, FIN | CONTINUATION})
  void shouldRefuseContinuationAfterTheEnd(int first) {
    try (WsClient client = connect()) {
      client.frame(TEXT, utf8("a")).frame(FIN | CONTINUATION, utf8("b"));
      client.raw().send(WsClient.masked(first, utf8("c")));
      assertThat(client.readText()).isEqualTo("ab");
      assertThat(client.readClose()).isEqualTo(1002);
    }
  }

  // ---- 6: UTF-8

  static Stream<String> sound() {
    return Stream.of(
        "00",
        "7f",
        "c280",
        "dfbf",
        "e0a080",
        "ed9fbf", // the last before the surrogates
        "ee8080",
        "efbfbd",
        "efbfbe", // no character, and yet sound
        "efbfbf",
        "f0908080",
        "f48fbfbf", // the last there is
        "efbbbf61", // a byte order mark is text
        "ceba61cf83cebcceb5",
        "48656c6c6fc2b540c39fc3b6c3a4c3bcc3a0c3a12d5554462d382121");
  }

  @ParameterizedTest
  @MethodSource("sound")
  void shouldTakeSoundTextSplitAnywhere(String digits) {
    byte[] text = hex(digits);
    try (WsClient client = connect()) {
      client.frame(FIN | TEXT, text);
      assertThat(client.read().payload()).isEqualTo(text);
      for (int at = 0; at <= text.length; at++) {
        client.frame(TEXT, Arrays.copyOf(text, at));
        client.frame(FIN | CONTINUATION, Arrays.copyOfRange(text, at, text.length));
        assertThat(client.read().payload()).isEqualTo(text);
      }
    }
  }

  static Stream<String> unsound() {
    return Stream.of(
        "ceba61edb080", // half of a surrogate pair
        "edafbfedbfbf", // a pair of surrogates
        "f4908080",
        "f7bfbfbf",
        "f888808080", // five bytes
        "fc8480808080", // six bytes
        "8080",
        "bfbf",
        "c020", // a first byte alone
        "df20",
        "e0a020",
        "f0908020",
        "c080", // zero in two bytes
        "e08080",
        "f0808080",
        "f880808080",
        "fc8080808080",
        "fe",
        "fefeffff");
  }

  @ParameterizedTest
  @MethodSource("unsound")
  void shouldRefuseUnsoundTextSplitAnywhere(String digits) {
    byte[] text = hex("61" + digits + "62");
    for (int at = 0; at <= text.length; at++) {
      try (WsClient client = connect()) {
        client.raw().send(WsClient.masked(TEXT, Arrays.copyOf(text, at)));
        client
            .raw()
            .send(WsClient.masked(FIN | CONTINUATION, Arrays.copyOfRange(text, at, text.length)));
        assertThat(client.readClose()).as("split at " + at).isEqualTo(1007);
        assertThat(client.atEnd()).isTrue();
      }
    }
  }

  @Test
  void shouldRefuseUnsoundTextBeforeItsFrameEnds() {
    byte[] frame = WsClient.masked(FIN | TEXT, utf8("x".repeat(1000)));
    byte[] wrong = WsClient.masked(FIN | TEXT, hex("ff".repeat(1000)));
    try (WsClient client = connect()) {
      // The header and a part of the payload.
      client.raw().send(Arrays.copyOf(frame, 500));
      client.raw().send(Arrays.copyOfRange(wrong, 500, 501));
      assertThat(client.readClose()).isEqualTo(1007);
    }
  }

  @Test
  void shouldNotReadTextIntoBinary() {
    try (WsClient client = connect()) {
      client.frame(BINARY, hex("ff")).frame(FIN | CONTINUATION, hex("c0"));
      assertThat(recorder.awaitBinary()).isEqualTo(hex("ffc0"));
    }
  }

  // ---- 7: closing

  @ParameterizedTest
  @ValueSource(
      ints = {
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000,
        4999
      })
  void shouldAnswerEveryCodeThatMayBeSent(int code) {
    assertCloses(WsClient.closePayload(code, ""), code);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 32_768, 65_535})
  void shouldRefuseEveryOtherCode(int code) {
    assertCloses(WsClient.closePayload(code, "reason"), 1002);
  }

  @Test
  void shouldTakeTheLongestReason() {
    assertCloses(WsClient.closePayload(1000, "*".repeat(123)), 1000);
    assertCloses(WsClient.closePayload(1000, "*".repeat(124)), 1002);
  }

  @ParameterizedTest
  @MethodSource("unsound")
  void shouldRefuseUnsoundReasons(String digits) {
    assertCloses(hex("03e8" + digits), 1007);
  }

  private void assertCloses(byte[] payload, int code) {
    try (WsClient client = connect()) {
      client.text("last").frame(FIN | CLOSE, payload);
      assertThat(client.readText()).isEqualTo("last");
      assertThat(client.readClose()).isEqualTo(code);
      assertThat(client.atEnd()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {FIN | PING, FIN | CLOSE, FIN | TEXT, FIN | BINARY})
  void shouldAnswerNothingAfterTheCloseFrame(int first) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(WsClient.masked(FIN | CLOSE, WsClient.closePayload(1000, "")));
    bytes.writeBytes(WsClient.masked(first, WsClient.closePayload(4001, "")));
    try (WsClient client = connect()) {
      client.raw().send(bytes.toByteArray());
      assertThat(client.readClose()).isEqualTo(1000);
      assertThat(client.atEnd()).isTrue();
    }
    assertThat(recorder.awaitClose()).isEqualTo(1000);
  }

  @Test
  void shouldSendWhatIsOnItsWayBeforeTheAnswerToAClose() {
    String text = "x".repeat(256 << 10);
    try (WsClient client = connect()) {
      for (int i = 0; i < 8; i++) {
        client.text(text);
      }
      client.frame(FIN | CLOSE, WsClient.closePayload(1000, ""));
      for (int i = 0; i < 8; i++) {
        assertThat(client.readText()).isEqualTo(text);
      }
      assertThat(client.readClose()).isEqualTo(1000);
    }
  }

  // ---- masks (RFC 6455, 5.1; ruling 2)

  @ParameterizedTest
  @ValueSource(ints = {TEXT, BINARY, PING, PONG})
  void shouldRefuseUnmaskedFramesAmongFragments(int opcode) {
    try (WsClient client = connect()) {
      client.frame(TEXT, utf8("a"));
      client.unmasked(FIN | (opcode == TEXT ? CONTINUATION : opcode), utf8("b"));
      assertThat(client.readClose()).isEqualTo(1002);
      assertThat(client.atEnd()).isTrue();
    }
  }

  // ---- handshake (eventhub.md, section 1)

  @ParameterizedTest
  @ValueSource(strings = {"/", "/any", "/any/path?auth=token", "/%23"})
  void shouldUpgradeOnAnyPath(String path) {
    try (WsClient client = server.webSocket(path)) {
      assertThat(client.text("a").readText()).isEqualTo("a");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "jsonrpc; jsonrpc",
        "a, b; a",
        "  v1.eventhub , other; v1.eventhub",
        "a b, c; ",
        "(), c; ",
        ", c; "
      })
  void shouldSelectTheFirstSubprotocol(String offered, String selected) {
    try (RawClient client = server.connect()) {
      client.send(
          "GET / HTTP/1.1\r\nSec-WebSocket-Protocol: " + offered + "\r\n" + WsClient.HANDSHAKE);
      RawClient.Response answer = client.head();
      assertThat(answer.status()).isEqualTo(101);
      assertThat(answer.header("sec-websocket-protocol")).isEqualTo(selected);
    }
  }

  @Test
  void shouldSelectNoSubprotocolWhenNoneIsOffered() {
    try (RawClient client = server.connect()) {
      client.send("GET / HTTP/1.1\r\n" + WsClient.HANDSHAKE);
      assertThat(client.head().headers()).doesNotContainKey("sec-websocket-protocol");
    }
  }

  private WsClient connect() {
    return server.webSocket("/any/path");
  }

  private static void assertPong(WsClient client, String payload) {
    WsClient.Frame pong = client.read();
    assertThat(pong.firstByte()).isEqualTo(FIN | PONG);
    assertThat(pong.text()).isEqualTo(payload);
  }

  private static byte[] noise(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }
}
