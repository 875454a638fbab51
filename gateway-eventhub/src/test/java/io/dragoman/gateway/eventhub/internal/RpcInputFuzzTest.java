// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.dragoman.core.Utf8Text;
import io.dragoman.json.JsonText;
import io.dragoman.testkit.Mutations;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Whatever text a client sends is a request or is none; it makes no difference how its bytes lie in
 * buffers, nor whether it is short enough to be copied before it is read; and the id and method
 * that were read are read again from what is written for them.
 */
final class RpcInputFuzzTest {
  /** Blanks behind a text that make it too long to be copied. */
  private static final byte[] PADDING = padding();

  /** Reading that much takes its time. */
  private static final int LONG_EVERY = 16;

  private static byte[] padding() {
    byte[] blanks = new byte[1 << 16];
    Arrays.fill(blanks, (byte) ' ');
    return blanks;
  }

  @FuzzTest
  void anyFrame(byte[] data) {
    take(data);
  }

  @Test
  void shouldTakeDamagedFrames() {
    Mutations.of(RpcInputFuzzTest.class, "anyFrame", 20_000, RpcInputFuzzTest::take);
  }

  private static void take(byte[] data) {
    // Other frames do not get this far.
    if (!Utf8Text.isValid(data)) {
      return;
    }
    RpcRequest whole = read(Unpooled.wrappedBuffer(data));
    assertSame(whole, read(pieces(data)));
    if (data.length % LONG_EVERY == 0) {
      assertSame(whole, read(Unpooled.wrappedBuffer(data, PADDING)));
    }
    if (whole != null) {
      assertThat(whole.bytes()).isEqualTo(data.length);
      assertThat(whole.method()).isNotEmpty();
      ByteBuf again = Unpooled.buffer();
      again.writeBytes(JsonText.ascii("{\"id\":")).writeBytes(whole.id().json());
      again.writeBytes(JsonText.ascii(",\"jsonrpc\":\"2.0\",\"method\":"));
      JsonText.string(again, whole.method());
      RpcRequest second = read(again.writeByte('}'));
      assertThat(second).isNotNull();
      assertThat(second.id()).isEqualTo(whole.id());
      assertThat(second.method()).isEqualTo(whole.method());
    }
  }

  private static @Nullable RpcRequest read(ByteBuf frame) {
    try {
      return RpcInput.read(frame);
    } catch (InvalidRequestException e) {
      return null;
    }
  }

  private static ByteBuf pieces(byte[] data) {
    CompositeByteBuf pieces = Unpooled.compositeBuffer(data.length + 1);
    for (int start = 0; start < data.length; start += 7) {
      int length = Math.min(7, data.length - start);
      pieces.addComponent(true, Unpooled.wrappedBuffer(data, start, length));
    }
    return pieces;
  }

  private static void assertSame(@Nullable RpcRequest one, @Nullable RpcRequest other) {
    assertThat(other == null).isEqualTo(one == null);
    if (one != null && other != null) {
      assertThat(other.id()).isEqualTo(one.id());
      assertThat(other.method()).isEqualTo(one.method());
      assertThat(other.params()).isEqualTo(one.params());
    }
  }
}
