// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.dragoman.testkit.Mutations;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Packets are the same wherever the network cuts them, and what is encoded is read back. */
final class FramingFuzzTest {
  private static final int LARGEST = 64;
  private static final List<Framing> FRAMINGS =
      List.of(
          new Framing(Framing.Kind.LINE, 0, LARGEST),
          new Framing(Framing.Kind.JSONL, 0, LARGEST),
          new Framing(Framing.Kind.LENGTH16, 0, LARGEST),
          new Framing(Framing.Kind.LENGTH32, 0, LARGEST),
          new Framing(Framing.Kind.FIXED, 5, LARGEST));

  @FuzzTest
  void anyBytes(byte[] data) {
    take(data);
  }

  @Test
  void shouldTakeDamagedPackets() {
    Mutations.of(FramingFuzzTest.class, "anyBytes", 20_000, FramingFuzzTest::take);
  }

  /** The first byte says which framing, the second where the network cuts. */
  private static void take(byte[] data) {
    if (data.length < 2) {
      return;
    }
    Framing framing = FRAMINGS.get((data[0] & 0xFF) % FRAMINGS.size());
    byte[] bytes = Arrays.copyOfRange(data, 2, data.length);
    List<String> whole = packets(framing, bytes, Math.max(1, bytes.length));
    assertThat(packets(framing, bytes, 1 + (data[1] & 31))).isEqualTo(whole);
    byte[] payload = Arrays.copyOf(bytes, Math.min(bytes.length, LARGEST));
    if (framing.kind() == Framing.Kind.LENGTH16 || framing.kind() == Framing.Kind.LENGTH32) {
      ByteBuf out = Unpooled.buffer();
      assertThat(framing.encode(out, payload)).isTrue();
      assertThat(packets(framing, ByteBufUtil.getBytes(out), 3))
          .containsExactly(ByteBufUtil.hexDump(payload));
    }
  }

  /** What is read of bytes that come in pieces, up to the end or a fault. */
  private static List<String> packets(Framing framing, byte[] bytes, int piece) {
    List<String> packets = new ArrayList<>();
    ByteBuf in = Unpooled.buffer();
    int seen = 0;
    for (int start = 0; start < bytes.length; start += piece) {
      in.writeBytes(bytes, start, Math.min(piece, bytes.length - start));
      int length = framing.packetLength(in, seen);
      while (length > 0) {
        assertThat(length).isLessThanOrEqualTo(in.readableBytes());
        ByteBuf payload = framing.payload(in.readSlice(length));
        if (payload != null) {
          assertThat(payload.readableBytes()).isLessThanOrEqualTo(LARGEST);
          packets.add(ByteBufUtil.hexDump(payload));
        }
        length = framing.packetLength(in);
      }
      seen = in.readableBytes();
      if (length == PacketCodec.INVALID) {
        packets.add("invalid");
        return packets;
      }
    }
    return packets;
  }
}
