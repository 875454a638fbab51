// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.dragoman.core.Utf8Text;
import io.dragoman.json.JsonText;
import io.dragoman.testkit.Mutations;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Whatever bytes a backend sends are a request or are none; it makes no difference how they lie in
 * buffers, nor whether they are few enough to be copied before they are read; the id and method
 * that were read are read again from what is written for them; and every text that was read is one
 * that can be sent on.
 */
final class ApiInputFuzzTest {
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
    Mutations.of(ApiInputFuzzTest.class, "anyFrame", 20_000, ApiInputFuzzTest::take);
  }

  private static void take(byte[] data) {
    ApiRequest whole = read(Unpooled.wrappedBuffer(data));
    assertSame(whole, read(pieces(data)));
    if (data.length % LONG_EVERY == 0) {
      assertSame(whole, read(Unpooled.wrappedBuffer(data, PADDING)));
    }
    if (whole == null) {
      return;
    }
    assertThat(whole.bytes()).isEqualTo(data.length);
    assertSendable(whole.params());
    ByteBuf again = Unpooled.buffer();
    again.writeBytes(JsonText.ascii("{\"i\":")).writeBytes(whole.id().json());
    again.writeBytes(JsonText.ascii(",\"m\":"));
    JsonText.string(again, whole.method());
    ApiRequest second = read(again.writeByte('}'));
    assertThat(second).isNotNull();
    assertThat(second.id().json()).isEqualTo(whole.id().json());
    assertThat(second.method()).isEqualTo(whole.method());
  }

  private static void assertSendable(ApiParams params) {
    assertSendable(params.target());
    assertSendable(params.data());
    assertSendable(params.type());
    assertSendable(params.function());
    assertSendable(params.topics());
    assertSendable(params.arguments());
  }

  private static void assertSendable(@Nullable List<String> texts) {
    if (texts != null) {
      texts.forEach(ApiInputFuzzTest::assertSendable);
    }
  }

  private static void assertSendable(@Nullable String text) {
    if (text != null) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      assertThat(Utf8Text.isValid(utf8)).isTrue();
      assertThat(new String(utf8, StandardCharsets.UTF_8)).isEqualTo(text);
    }
  }

  private static @Nullable ApiRequest read(ByteBuf frame) {
    try {
      return ApiInput.request(frame);
    } catch (IOException e) {
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

  private static void assertSame(@Nullable ApiRequest one, @Nullable ApiRequest other) {
    assertThat(other == null).isEqualTo(one == null);
    if (one != null && other != null) {
      assertThat(other.id().json()).isEqualTo(one.id().json());
      assertThat(other.method()).isEqualTo(one.method());
      assertThat(other.params()).isEqualTo(one.params());
    }
  }
}
