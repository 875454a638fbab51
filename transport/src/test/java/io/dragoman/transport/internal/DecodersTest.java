// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.transport.LeakCheck;
import io.dragoman.transport.LogCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Properties of everything that reads bytes from the network: where the input is split makes no
 * difference, and no input makes it throw. Seeds are fixed, so a failure can be repeated.
 */
@ExtendWith({LeakCheck.class, LogCheck.class})
final class DecodersTest {

  private static final String HEAD =
      """
      POST /a%20b?x=y&z HTTP/1.1\r
      Host: localhost:8080\r
      Content-Length: 12\r
      Connection: keep-alive, Upgrade\r
      Upgrade: h2c, websocket\r
      Origin:http://a.example  \r
      X-Empty:\r
      Expect: 100-continue\r
      \r
      """;

  private final Random random = new Random(42);

  // ---- request heads

  private static int read(RequestHead head, byte[] bytes, List<Integer> pieces) {
    int from = 0;
    for (int piece : pieces) {
      ByteBuf in = Unpooled.wrappedBuffer(bytes, from, piece);
      int result = head.read(in);
      if (result != RequestHead.MORE) {
        assertThat(in.isReadable()).isEqualTo(result == RequestHead.DONE && in.isReadable());
        return result;
      }
      assertThat(in.isReadable()).isFalse();
      from += piece;
    }
    return RequestHead.MORE;
  }

  private List<Integer> pieces(int length) {
    List<Integer> pieces = new ArrayList<>();
    int most = 1 + length / 500 + random.nextInt(length);
    for (int left = length; left > 0; left -= pieces.get(pieces.size() - 1)) {
      pieces.add(Math.min(left, 1 + random.nextInt(most)));
    }
    return pieces;
  }

  @Test
  void shouldReadHeadHoweverItIsSplit() {
    byte[] bytes = HEAD.getBytes(ISO_8859_1);
    RequestHead head = new RequestHead(1000, 1000);
    for (int i = 0; i < 500; i++) {
      assertThat(read(head, bytes, pieces(bytes.length))).isEqualTo(RequestHead.DONE);
      Target target = head.target(Target.ROOT);
      assertThat(target).isNotNull();
      assertThat(target.path()).isEqualTo("/a b");
      assertThat(target.rawQuery()).isEqualTo("x=y&z");
      assertThat(head.target(target)).isSameAs(target);
      assertThat(head.method()).isEqualTo("POST");
      assertThat(head.header("ORIGIN")).isEqualTo("http://a.example");
      assertThat(head.header("x-empty")).isEmpty();
      assertThat(head.header("x-none")).isNull();
      RequestFacts facts = head.facts();
      assertThat(facts.contentLength()).isEqualTo(12);
      assertThat(facts.wantsWebSocket()).isTrue();
      assertThat(facts.keepsAlive()).isTrue();
      assertThat(facts.expectsContinue()).isTrue();
      assertThat(facts.contradiction()).isZero();
      head.reset();
    }
  }

  @Test
  void shouldGiveSameVerdictOnDamagedHeadHoweverItIsSplit() {
    for (int i = 0; i < 5000; i++) {
      byte[] bytes = HEAD.getBytes(ISO_8859_1);
      for (int damage = random.nextInt(3); damage >= 0; damage--) {
        bytes[random.nextInt(bytes.length)] = damagedByte();
      }
      RequestHead whole = new RequestHead(1000, 1000);
      RequestHead split = new RequestHead(1000, 1000);
      int expected = read(whole, bytes, List.of(bytes.length));
      assertThat(read(split, bytes, pieces(bytes.length))).isEqualTo(expected);
      if (expected == RequestHead.DONE) {
        assertThat(split.facts().contradiction()).isEqualTo(whole.facts().contradiction());
        whole.target(Target.ROOT);
      }
    }
  }

  private byte damagedByte() {
    String likely = "\r\n\0 \t:,;%/?\u00ff";
    return random.nextBoolean()
        ? (byte) random.nextInt(256)
        : (byte) likely.charAt(random.nextInt(likely.length()));
  }

  @Test
  void shouldNotKeepLargeHeads() {
    RequestHead head = new RequestHead(100_000, 100_000);
    ByteBuf in = Unpooled.copiedBuffer("GET /" + "x".repeat(50_000), ISO_8859_1);
    assertThat(head.read(in)).isEqualTo(RequestHead.MORE);
    assertThat(head.bytes()).hasSizeGreaterThan(50_000);
    head.reset();
    assertThat(head.bytes()).hasSizeLessThan(5000);
    assertThat(head.started()).isFalse();
  }

  // ---- chunks

  @Test
  void shouldNeverThrowOnDamagedChunks() {
    byte[] original = "5;a=b\r\nhello\r\n3\r\nabc\r\n0\r\nA: b\r\n\r\n".getBytes(ISO_8859_1);
    for (int i = 0; i < 5000; i++) {
      byte[] bytes = original.clone();
      bytes[random.nextInt(bytes.length)] = damagedByte();
      assertThat(readChunks(bytes, pieces(bytes.length)))
          .isEqualTo(readChunks(bytes, List.of(bytes.length)));
    }
  }

  private static String readChunks(byte[] bytes, List<Integer> pieces) {
    ChunkedDecoder decoder = new ChunkedDecoder();
    StringBuilder data = new StringBuilder();
    int from = 0;
    for (int piece : pieces) {
      ByteBuf in = Unpooled.wrappedBuffer(bytes, from, piece);
      from += piece;
      int result = decoder.read(in);
      while (result == ChunkedDecoder.DATA) {
        int count = decoder.dataBytes(in);
        data.append(in.readCharSequence(count, ISO_8859_1));
        decoder.dataTaken(count);
        result = decoder.read(in);
      }
      if (result != ChunkedDecoder.MORE) {
        return data + ":" + result;
      }
    }
    return data.toString();
  }

  // ---- UTF-8

  @Test
  void shouldAgreeWithPlatformOnUtf8() {
    String alphabet = "aé€😀\u0000\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff";
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      int[] points = alphabet.codePoints().toArray();
      for (int j = random.nextInt(20); j > 0; j--) {
        text.appendCodePoint(points[random.nextInt(points.length)]);
      }
      byte[] bytes = text.toString().getBytes(UTF_8);
      if (bytes.length > 0 && random.nextBoolean()) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      assertThat(isValid(bytes)).as(ByteBufUtil.hexDump(bytes)).isEqualTo(decodes(bytes));
    }
  }

  private boolean isValid(byte[] bytes) {
    Utf8Validator validator = new Utf8Validator();
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    int split = random.nextInt(bytes.length + 1);
    return validator.accept(in, 0, split)
        && validator.accept(in, split, bytes.length)
        && validator.complete();
  }

  private static boolean decodes(byte[] bytes) {
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  // ---- masks

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 7, 8, 9, 31, 64})
  void shouldUnmaskFromAnyOffset(int length) {
    byte[] mask = {1, 2, (byte) 0xF4, (byte) 0x88};
    for (int offset = 0; offset < 9; offset++) {
      byte[] bytes = new byte[length];
      byte[] expected = new byte[length];
      random.nextBytes(bytes);
      for (int i = 0; i < length; i++) {
        expected[i] = (byte) (bytes[i] ^ mask[(offset + i) & 3]);
      }
      Masks.unmask(Unpooled.wrappedBuffer(bytes), ByteBuffer.wrap(mask).getInt(), offset);
      assertThat(bytes).isEqualTo(expected);
    }
  }

  // ---- frames

  @Test
  void shouldReadFramesHoweverTheyAreSplit() {
    for (int i = 0; i < 100; i++) {
      byte[] bytes = randomFrames();
      List<String> expected = readFrames(bytes, List.of(bytes.length));
      assertThat(readFrames(bytes, pieces(bytes.length))).isEqualTo(expected);
    }
  }

  private byte[] randomFrames() {
    ByteBuf out = Unpooled.buffer();
    int[] opcodes = {0x81, 0x82, 0x01, 0x80, 0x00, 0x89, 0x8a, 0x88};
    for (int count = 1 + random.nextInt(8); count > 0; count--) {
      int length = random.nextInt(10) == 0 ? random.nextInt(70_000) : random.nextInt(130);
      out.writeByte(opcodes[random.nextInt(random.nextInt(4) == 0 ? 8 : 2)]);
      if (length < 126) {
        out.writeByte(0x80 | length);
      } else {
        out.writeByte(0x80 | (length <= 0xFFFF ? 126 : 127));
        out = length <= 0xFFFF ? out.writeShort(length) : out.writeLong(length);
      }
      out.writeInt(0);
      byte[] payload = new byte[length];
      if (random.nextInt(3) == 0) {
        random.nextBytes(payload);
      }
      out.writeBytes(payload);
    }
    return ByteBufUtil.getBytes(out);
  }

  private static List<String> readFrames(byte[] bytes, List<Integer> pieces) {
    BodyBudget budget = new BodyBudget(1 << 20);
    FrameLog log = new FrameLog();
    FrameDecoder decoder = new FrameDecoder(log, ByteBufAllocator.DEFAULT, budget, 100_000);
    int from = 0;
    for (int piece : pieces) {
      ByteBuf in = ByteBufAllocator.DEFAULT.directBuffer().writeBytes(bytes, from, piece);
      decoder.decode(in);
      in.release();
      from += piece;
    }
    decoder.stop();
    assertThat(budget.reserved()).isZero();
    return log.seen;
  }

  private static final class FrameLog implements FrameDecoder.Events {
    private final List<String> seen = new ArrayList<>();

    @Override
    public boolean reads() {
      return true;
    }

    @Override
    public void message(boolean text, ByteBuf payload) {
      seen.add((text ? "text " : "binary ") + ByteBufUtil.hashCode(payload));
    }

    @Override
    public void ping(ByteBuf payload) {
      seen.add("ping " + ByteBufUtil.hexDump(payload));
    }

    @Override
    public void close(int code, String reason) {
      seen.add("close " + code);
    }

    @Override
    public void violation(int code, String reason) {
      seen.add("violation " + code + " " + reason);
    }
  }

  // ---- bodies

  @Test
  void shouldBoundMemoryOfBodyThatComesInCrumbs() {
    BodyBudget budget = new BodyBudget(1 << 20);
    BodyBuffer body = new BodyBuffer(ByteBufAllocator.DEFAULT, budget);
    for (int i = 0; i < 70_000; i++) {
      ByteBuf crumb = Unpooled.buffer(2048).writeByte(i);
      assertThat(body.add(crumb, 1, 70_000)).isTrue();
      assertThat(crumb.release()).as("not kept").isTrue();
    }
    ByteBuf whole = body.take();
    assertThat(whole.readableBytes()).isEqualTo(70_000);
    for (int i = 0; i < 70_000; i += 997) {
      assertThat(whole.getByte(i)).isEqualTo((byte) i);
    }
    whole.release();
    assertThat(budget.reserved()).isZero();
  }

  @Test
  void shouldTakeNothingOverBudget() {
    BodyBudget budget = new BodyBudget(10);
    BodyBuffer body = new BodyBuffer(ByteBufAllocator.DEFAULT, budget);
    ByteBuf in = Unpooled.wrappedBuffer(new byte[20]);
    assertThat(body.add(in, 10, 20)).isTrue();
    assertThat(body.add(in, 1, 20)).isFalse();
    assertThat(in.readableBytes()).isEqualTo(10);
    body.discard();
    assertThat(budget.reserved()).isZero();
  }
}
