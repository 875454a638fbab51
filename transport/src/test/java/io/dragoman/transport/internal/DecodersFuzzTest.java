// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.dragoman.testkit.Mutations;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What reads bytes from the network takes anything: it gives a verdict, the same however the input
 * is split into reads, and holds no more memory than its limits say.
 */
final class DecodersFuzzTest {
  private static final int LINE_MAX = 200;
  private static final int HEADERS_MAX = 400;
  private static final int MESSAGE_MAX = 3_000;
  private static final Set<Integer> HEAD_VERDICTS =
      Set.of(RequestHead.MORE, RequestHead.DONE, 400, 413, 414, 431, 501, 505);
  private static final Set<Integer> CLOSE_CODES = Set.of(1002, 1007, 1009, 1013);

  // ---- request heads

  @FuzzTest
  void anyRequestHead(byte[] data) {
    takeHead(data);
  }

  @Test
  void shouldTakeDamagedHeads() {
    Mutations.of(DecodersFuzzTest.class, "anyRequestHead", 4_000, DecodersFuzzTest::takeHead);
  }

  private static void takeHead(byte[] data) {
    String whole = head(data, data.length);
    assertThat(head(data, 1)).isEqualTo(whole);
    assertThat(head(data, 2 + data.length % 7)).isEqualTo(whole);
  }

  /** The verdict and everything that was understood. */
  private static String head(byte[] data, int step) {
    RequestHead head = new RequestHead(LINE_MAX, HEADERS_MAX);
    for (int from = 0; from < data.length; from += step) {
      ByteBuf in = Unpooled.wrappedBuffer(data, from, Math.min(step, data.length - from));
      int result = head.read(in);
      assertThat(result).isIn(HEAD_VERDICTS);
      assertThat(head.bytes().length)
          .as("memory")
          .isLessThanOrEqualTo(4 * Math.max(512, data.length));
      if (result != RequestHead.MORE) {
        int taken = result == RequestHead.DONE ? from + in.readerIndex() : 0;
        return result + " " + taken + (result == RequestHead.DONE ? understood(head) : "");
      }
      assertThat(in.isReadable()).isFalse();
    }
    return "more";
  }

  private static String understood(RequestHead head) {
    StringBuilder text = new StringBuilder(head.method());
    RequestFacts facts = head.facts();
    text.append(facts.contradiction()).append(' ').append(facts.contentLength());
    text.append(facts.chunked()).append(facts.keepsAlive()).append(facts.wantsWebSocket());
    assertThat(facts.contentLength()).isGreaterThanOrEqualTo(-1);
    head.forEachHeader(
        (name, value) -> {
          // Nothing that a proxy could take for the end of a line or of a header.
          assertThat(name).isNotEmpty().doesNotContainPattern("[\\x00-\\x20\\x7f:]");
          assertThat(value).doesNotContainPattern("[\\x00-\\x08\\x0a-\\x1f\\x7f]");
          text.append(name).append(':').append(value).append('\n');
        });
    Target target = head.target(Target.ROOT);
    if (target != null) {
      text.append(target.path()).append('?').append(target.rawQuery());
    }
    return text.toString();
  }

  // ---- chunks

  @FuzzTest
  void anyChunks(byte[] data) {
    takeChunks(data);
  }

  @Test
  void shouldTakeDamagedChunks() {
    Mutations.of(DecodersFuzzTest.class, "anyChunks", 4_000, DecodersFuzzTest::takeChunks);
  }

  private static void takeChunks(byte[] data) {
    String whole = chunks(data, data.length);
    assertThat(chunks(data, 1)).isEqualTo(whole);
    assertThat(chunks(data, 2 + data.length % 5)).isEqualTo(whole);
  }

  private static String chunks(byte[] data, int step) {
    ChunkedDecoder decoder = new ChunkedDecoder();
    StringBuilder text = new StringBuilder();
    for (int from = 0; from < data.length; from += step) {
      ByteBuf in = Unpooled.wrappedBuffer(data, from, Math.min(step, data.length - from));
      int result = decoder.read(in);
      while (result == ChunkedDecoder.DATA) {
        int count = decoder.dataBytes(in);
        assertThat(count).isPositive();
        text.append(in.readCharSequence(count, ISO_8859_1));
        decoder.dataTaken(count);
        result = decoder.read(in);
      }
      if (result != ChunkedDecoder.MORE) {
        assertThat(result).isIn(ChunkedDecoder.DONE, 400, 413);
        assertThat(text.length()).isLessThan(data.length);
        return text + ":" + result;
      }
    }
    return text.toString();
  }

  // ---- WebSocket frames

  @FuzzTest
  void anyFrames(byte[] data) {
    takeFrames(data);
  }

  @Test
  void shouldTakeDamagedFrames() {
    Mutations.of(DecodersFuzzTest.class, "anyFrames", 4_000, DecodersFuzzTest::takeFrames);
  }

  private static void takeFrames(byte[] data) {
    List<String> whole = frames(data, data.length);
    assertThat(frames(data, 1)).isEqualTo(whole);
    assertThat(frames(data, 2 + data.length % 11)).isEqualTo(whole);
  }

  private static List<String> frames(byte[] data, int step) {
    BodyBudget budget = new BodyBudget(2L * MESSAGE_MAX);
    FrameLog log = new FrameLog();
    FrameDecoder decoder = new FrameDecoder(log, ByteBufAllocator.DEFAULT, budget, MESSAGE_MAX);
    for (int from = 0; from < data.length; from += step) {
      int length = Math.min(step, data.length - from);
      ByteBuf in = Unpooled.copiedBuffer(data, from, length);
      decoder.decode(in);
      in.release();
      assertThat(budget.reserved()).as("memory").isLessThanOrEqualTo(MESSAGE_MAX);
    }
    decoder.stop();
    assertThat(budget.reserved()).isZero();
    return log.seen;
  }

  private static final class FrameLog implements FrameDecoder.Events {
    private final List<String> seen = new ArrayList<>();
    private boolean over;

    @Override
    public boolean reads() {
      return true;
    }

    @Override
    public void message(boolean text, ByteBuf payload) {
      assertThat(payload.readableBytes()).isLessThanOrEqualTo(MESSAGE_MAX);
      if (text) {
        assertText(ByteBufUtil.getBytes(payload));
      }
      see((text ? "text " : "binary ") + ByteBufUtil.hexDump(payload));
    }

    @Override
    public void ping(ByteBuf payload) {
      see("ping " + ByteBufUtil.hexDump(payload));
    }

    @Override
    public void close(int code, String reason) {
      see("close " + code);
      over = true;
    }

    @Override
    public void violation(int code, String reason) {
      assertThat(code).isIn(CLOSE_CODES);
      see("violation " + code + " " + reason);
      over = true;
    }

    private void see(String what) {
      assertThat(over).as("something after the end: " + what).isFalse();
      seen.add(what);
    }

    private static void assertText(byte[] bytes) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      } catch (CharacterCodingException e) {
        throw new AssertionError("text that is not UTF-8", e);
      }
    }
  }
}
