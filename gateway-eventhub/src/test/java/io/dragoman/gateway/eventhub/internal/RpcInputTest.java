// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RpcInputTest {
  private static final String LIST = "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"list\"}";

  /** More than what is copied before it is parsed. */
  private static final int LARGE = 200_000;

  private static RpcRequest read(String text) throws InvalidRequestException {
    return read(Unpooled.copiedBuffer(text, UTF_8));
  }

  /** Reads a frame, of which nothing is consumed or released. */
  private static RpcRequest read(ByteBuf frame) throws InvalidRequestException {
    int readable = frame.readableBytes();
    try {
      return RpcInput.read(frame);
    } finally {
      assertThat(frame.readableBytes()).isEqualTo(readable);
      assertThat(frame.refCnt()).isEqualTo(1);
      frame.release();
    }
  }

  private static void assertInvalid(String text) {
    assertThatThrownBy(() -> read(text))
        .as(text.substring(0, Math.min(200, text.length())))
        .isInstanceOf(InvalidRequestException.class);
  }

  private static Params params(String json) throws InvalidRequestException {
    return read("{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":" + json + "}").params();
  }

  private static String id(String json) throws InvalidRequestException {
    return read("{\"id\":" + json + ",\"jsonrpc\":\"2.0\",\"method\":\"x\"}").id().toString();
  }

  // --- the whole

  @Test
  void shouldReadARequest() throws Exception {
    String text =
        "{\"id\":7,\"jsonrpc\":\"2.0\",\"method\":\"Publish\","
            + "\"params\":{\"topic\":\"a/b\",\"message\":\"ż\",\"ttl\":5,\"key\":{},\"limit\":true}}";

    RpcRequest request = read(text);

    assertThat(request.id()).hasToString("7");
    assertThat(request.method()).isEqualTo("Publish");
    assertThat(request.bytes()).isEqualTo(text.getBytes(UTF_8).length);
    assertThat(request.params().text("topic")).isEqualTo("a/b");
    assertThat(request.params().text("message")).isEqualTo("ż");
    assertThat(request.params().number("ttl", 0)).isEqualTo(5);
    assertThat(request.params().named().get("key")).isSameAs(Params.OTHER);
    assertThat(request.params().number("limit", 0)).isEqualTo(1);
    assertThat(request.params().list()).isNull();
  }

  @Test
  void shouldReadAFrameInPieces() throws Exception {
    byte[] bytes = LIST.getBytes(UTF_8);
    CompositeByteBuf pieces = Unpooled.compositeBuffer(bytes.length);
    for (byte each : bytes) {
      pieces.addComponent(true, Unpooled.wrappedBuffer(new byte[] {each}));
    }

    assertThat(read(pieces).method()).isEqualTo("list");
  }

  @Test
  void shouldReadOnlyWhatTheFrameHolds() throws Exception {
    ByteBuf buffer = Unpooled.copiedBuffer("}}" + LIST + "}}", UTF_8);

    assertThat(read(buffer.slice(2, LIST.length())).method()).isEqualTo("list");
  }

  @Test
  void shouldReadLargeFrames() throws Exception {
    String message = "ż".repeat(LARGE);

    assertThat(params("{\"topic\":\"t\",\"message\":\"" + message + "\"}").text("message"))
        .isEqualTo(message);
    assertThat(read(" ".repeat(LARGE) + LIST + "\n".repeat(LARGE)).method()).isEqualTo("list");
    assertInvalid(LIST + " ".repeat(LARGE) + "x");
    assertInvalid(LIST.substring(1) + " ".repeat(LARGE));
    assertThat(read("\ufeff" + " ".repeat(LARGE) + LIST).method()).isEqualTo("list");
  }

  @Test
  void shouldNotRememberTheFrameBefore() throws Exception {
    read("{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":{\"topic\":\"t\"}}");

    assertInvalid("{\"id\":1");
    assertThat(read(LIST).params()).isSameAs(Params.NONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "\ufeff",
        "\ufeff ",
        "\u0000",
        "\u0000\u0000\u0000\u0000",
        "{",
        "{}",
        "[]",
        "nul"
      })
  void shouldRefuseNoRequests(String text) {
    assertInvalid(text);
  }

  /** Where they stand decides for which encoding a parser may take a text. */
  @Test
  void shouldRefuseZerosWhereverTheyStand() {
    for (int at = 0; at <= LIST.length(); at++) {
      assertInvalid(LIST.substring(0, at) + "\u0000" + LIST.substring(at));
      assertInvalid("\ufeff" + LIST.substring(0, at) + "\u0000" + LIST.substring(at));
    }
    StringBuilder wide = new StringBuilder();
    LIST.chars().forEach(c -> wide.append((char) c).append('\u0000'));
    assertInvalid(wide.toString());
    assertInvalid("\u0000" + wide);
  }

  @Test
  void shouldSkipAByteOrderMark() throws Exception {
    assertThat(read("\ufeff" + LIST).method()).isEqualTo("list");
    assertThat(read("\ufeff \r\n\t" + LIST).method()).isEqualTo("list");
    assertInvalid(LIST + "\ufeff");
    assertInvalid(" \ufeff" + LIST);
  }

  @Test
  void shouldRefuseEveryBeginningOfARequest() {
    String request =
        "{\"id\":\"é\",\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":{\"a\":[1,{\"b\":null}]}}";
    for (int end = 0; end < request.length(); end++) {
      assertInvalid(request.substring(0, end));
    }
  }

  // --- ids

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-0",
        "1",
        "2147483648",
        "-9223372036854775809",
        "123456789012345678901234567890",
        "null",
        "\"\"",
        "\"ż/\ud83d\ude00\"",
        "\"\\\"\\\\\\n\\u0001\""
      })
  void shouldKeepIdsAsTheyAre(String id) throws Exception {
    assertThat(id(id)).isEqualTo(id);
  }

  @Test
  void shouldKeepLongIds() throws Exception {
    String digits = "9".repeat(1000);
    String text = "\"" + "x".repeat(1022) + "\"";

    assertThat(id(digits)).isEqualTo(digits);
    assertThat(id(text)).isEqualTo(text);
    for (String tooLong :
        List.of(
            "9".repeat(1001), "\"" + "x".repeat(1023) + "\"", "\"" + "x".repeat(LARGE) + "\"")) {
      assertInvalid("{\"id\":" + tooLong + ",\"jsonrpc\":\"2.0\",\"method\":\"x\"}");
    }
  }

  /** The same text, written in the one way in which we write texts. */
  @Test
  void shouldWriteIdsAnew() throws Exception {
    assertThat(id("\"\\u00e9\\/\\u0041\"")).isEqualTo("\"é/A\"");
    assertThat(id("\"\\ud83d\\ude00\"")).isEqualTo("\"\ud83d\ude00\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.0",
        "1e1",
        "1E0",
        "-1.5",
        "true",
        "false",
        "[]",
        "[1]",
        "{}",
        "{\"id\":1}",
        "01",
        "-",
        "+1",
        "NaN",
        "Infinity",
        ".5",
        "0x1",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\udc00\\ud800\"",
        "\"a\\ud800b\""
      })
  void shouldRefuseOtherIds(String id) {
    assertInvalid("{\"id\":" + id + ",\"jsonrpc\":\"2.0\",\"method\":\"x\"}");
  }

  // --- members

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"id\":1,\"id\":2|2",
        "\"id\":{\"id\":5},\"id\":2|2",
        "\"id\":2,\"method\":5,\"method\":\"m\"|2",
        "\"id\":2,\"params\":null,\"params\":{}|2",
        "\"id\":2,\"jsonrpc\":1|2"
      })
  void shouldTakeTheLastOfAName(String members, String id) throws Exception {
    String text = "{" + members + ",\"jsonrpc\":\"2.0\",\"method\":\"m\"}";
    assertThat(read(text).id()).hasToString(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"id\":1.5",
        "\"id\":[]",
        "\"jsonrpc\":\"2\"",
        "\"jsonrpc\":[\"2.0\"]",
        "\"method\":\"\"",
        "\"method\":null",
        "\"method\":{\"method\":\"list\"}",
        "\"params\":null",
        "\"params\":5",
        "\"params\":\"{}\""
      })
  void shouldNotFallBackToAnEarlierOne(String last) {
    assertInvalid(LIST.replace("}", "," + last + "}"));
  }

  @Test
  void shouldTakeTheLastOfSeveralParams() throws Exception {
    Params params = params("{\"key\":1,\"key\":\"x\",\"value\":\"x\",\"value\":[]}");

    assertThat(params.text("key")).isEqualTo("x");
    assertThat(params.named().get("value")).isSameAs(Params.OTHER);
  }

  @Test
  void shouldSkipWhatItDoesNotKnow() throws Exception {
    String unknown =
        "\"a\":[[{\"id\":5}],\"]\"],\"b\":{\"method\":\"x\",\"c\":{}},\"d\":1e999,\"\":null";

    assertThat(read("{" + unknown + "," + LIST.substring(1)).id()).hasToString("1");
    assertThat(read(LIST.replace("}", "," + unknown + "}")).method()).isEqualTo("list");
    assertThat(params("{" + unknown + ",\"topic\":\"x\"}").named()).isEqualTo(Map.of("topic", "x"));
    assertThat(params("[" + "[[],{\"a\":1}],{\"b\":[2]},7,null,\"x\"" + "]").list())
        .containsExactly("x");
  }

  /** A frame of megabytes must not become many times that. */
  @Test
  void shouldKeepNoMoreThanARequestCanMean() throws Exception {
    StringBuilder members = new StringBuilder("{\"topic\":\"t\"");
    StringBuilder elements = new StringBuilder("[\"a\"");
    for (int i = 0; i < 100_000; i++) {
      members.append(",\"m").append(i).append("\":").append(i);
      elements.append(",").append(i);
    }

    assertThat(params(members + "}").named()).isEqualTo(Map.of("topic", "t"));
    assertThat(params(elements + "]").list()).containsExactly("a");
    assertThat(params("[" + "\"a\",".repeat(9_999) + "\"a\"]").list()).hasSize(10_000);
    assertInvalid(LIST.replace("}", ",\"params\":[" + "\"a\",".repeat(10_000) + "\"a\"]}"));
  }

  // --- values

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0, 0",
    "5, 5",
    "-5, -5",
    "5.9, 5",
    "-5.9, -5",
    "1e3, 1000",
    "1e-3, 0",
    "9223372036854775807, 9223372036854775807",
    "9223372036854775808, 9223372036854775807",
    "-9223372036854775809, -9223372036854775808",
    "99999999999999999999999999999999, 9223372036854775807",
    "1e19, 9223372036854775807",
    "1e999, 9223372036854775807",
    "-1e999, -9223372036854775808",
    "true, 1",
    "false, 0",
    "null, 42",
    "'\"5\"', 42",
    "[5], 42",
    "'{\"n\":5}', 42"
  })
  void shouldReadNumbers(String json, long number) throws Exception {
    assertThat(params("{\"limit\":" + json + "}").number("limit", 42)).isEqualTo(number);
  }

  @Test
  void shouldRefuseNumbersOfTooManyDigits() throws Exception {
    assertThat(params("{\"limit\":" + "9".repeat(1000) + "}").number("limit", 0))
        .isEqualTo(Long.MAX_VALUE);
    assertInvalid(
        "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":[" + "9".repeat(LARGE) + "]}");
    assertInvalid(
        "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":[0." + "9".repeat(LARGE) + "]}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "true", "null", "[\"x\"]", "{\"x\":\"x\"}", "1.5"})
  void shouldTakeOnlyTextsForTexts(String json) throws Exception {
    Params params = params("{\"topic\":" + json + "}");

    assertThat(params.text("topic")).isNull();
    assertThat(params.textOrEmpty("topic")).isEmpty();
  }

  @Test
  void shouldRefuseHalvesOfPairsInTexts() throws Exception {
    for (String half : List.of("\\ud800", "\\udfff", "\\ude00\\ud83d", "\\ud83dx\\ude00")) {
      assertInvalid("{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"" + half + "\"}");
      assertInvalid(
          "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":{\"topic\":\""
              + half
              + "\"}}");
      assertInvalid(
          "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":[\"" + half + "\"]}");
    }
    assertThat(params("{\"topic\":\"\\ud83d\\ude00\"}").text("topic")).isEqualTo("\ud83d\ude00");
  }

  @Test
  void shouldRefuseDeepNesting() throws Exception {
    for (int depth : new int[] {1_000, LARGE}) {
      assertInvalid("[".repeat(depth));
      assertInvalid("{\"a\":".repeat(depth));
      assertInvalid("{\"x\":" + "[".repeat(depth) + "]".repeat(depth) + "," + LIST.substring(1));
      assertInvalid("{\"id\":" + "[".repeat(depth));
      assertInvalid(LIST.replace("}", ",\"params\":" + "{\"a\":".repeat(depth)));
    }
    String nested = "[".repeat(100) + "]".repeat(100);
    assertThat(params("{\"a\":" + nested + ",\"topic\":\"x\"}").text("topic")).isEqualTo("x");
  }

  // --- anything at all

  /** Whatever comes, it is read or refused; nothing else is thrown. */
  @Test
  void shouldReadOrRefuseWhateverComes() {
    String valid =
        "{\"id\":\"é\",\"jsonrpc\":\"2.0\",\"method\":\"publish\",\"params\":"
            + "{\"topic\":\"a/b\",\"message\":\"\\u00e9\\n\ud83d\ude00\",\"timestamp\":-1.5e3,"
            + "\"x\":[true,null,{\"y\":[]}]}}";
    String pieces = "{}[]\",:\\u0e.-+ \t\ntruefalsn19é\u0000\ufeff\u2028";
    Random random = new Random(5);
    int read = 0;
    for (int round = 0; round < 20_000; round++) {
      StringBuilder text = new StringBuilder(valid);
      for (int edit = random.nextInt(4); edit >= 0; edit--) {
        int at = random.nextInt(text.length());
        int end = Math.min(text.length(), at + random.nextInt(3));
        int piece = random.nextInt(pieces.length());
        switch (random.nextInt(4)) {
          case 0 -> text.delete(at, end);
          case 1 -> text.insert(at, pieces.charAt(piece));
          case 2 -> text.setCharAt(at, pieces.charAt(piece));
          default -> text.insert(at, text.substring(at, end));
        }
      }
      try {
        RpcRequest request = read(text.toString());
        assertThat(request.method()).isNotEmpty();
        read++;
      } catch (InvalidRequestException e) {
        // most of them
      }
    }
    assertThat(read).isBetween(1, 19_999);
  }
}
