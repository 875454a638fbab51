// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import static io.dragoman.core.internal.Fixture.now;
import static io.dragoman.core.internal.Fixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.CoreMetrics;
import io.dragoman.core.CoreOptions;
import io.dragoman.core.KeyValues;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeyValueServiceTest {
  private final Fixture fixture =
      new Fixture(CoreOptions.DEFAULT.toBuilder().messageBytesMax(10).build());
  private final KeyValues keys = fixture.broker.keyValues();

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a.*", "sch\u00f6n/\ud83d\ude00"})
  void shouldTakeAnyTextAsKey(String key) {
    // when
    assertThat(now(keys.set(key, bytes("v"), 5)).orThrow()).isTrue();

    // then
    assertThat(now(keys.get(key)).orThrow()).hasValue(bytes("v"));
    assertThat(fixture.engine.keyValues.lifetimes).containsExactly(5L);
    assertThat(now(keys.delete(key)).orThrow()).isTrue();
    assertThat(now(keys.delete(key)).orThrow()).isFalse();
  }

  @Test
  void shouldBoundKeysByTheirBytes() {
    // given
    String longest = "\u00e4".repeat(KeyValues.KEY_BYTES_MAX / 2);

    // when / then
    assertThat(now(keys.set(longest, bytes("v"), 0)).isOk()).isTrue();
    assertThat(refusal(now(keys.set(longest + "a", bytes("v"), 0)))).isEqualTo("INVALID_NAME");
    assertThat(refusal(now(keys.get(longest + "a")))).isEqualTo("INVALID_NAME");
    assertThat(refusal(now(keys.delete(longest + "a")))).isEqualTo("INVALID_NAME");
  }

  @Test
  void shouldRefuseKeysThatAreNoUnicode() {
    assertThat(refusal(now(keys.get("\ud800")))).isEqualTo("INVALID_NAME");
  }

  @Test
  void shouldBoundValuesAsMessages() {
    assertThat(now(keys.set("a", new byte[10], 0)).isOk()).isTrue();
    assertThat(refusal(now(keys.set("a", new byte[11], 0)))).isEqualTo("TOO_LARGE");
    assertThat(now(keys.get("a")).orThrow()).hasValue(new byte[10]);
  }

  @Test
  void shouldRefuseLifetimesBelowZero() {
    assertThat(refusal(now(keys.set("a", bytes("v"), -1)))).isEqualTo("INVALID_ARGUMENT");
  }

  @Test
  void shouldCountWhatWasCarriedOut() {
    // given
    now(keys.set("a", bytes("v"), 0));
    now(keys.set("b", bytes("v"), 0));

    // when
    assertThat(refusal(now(keys.set("c", bytes("v"), 0)))).isEqualTo("TOO_MANY_KEYS");
    now(keys.get("none"));
    now(keys.delete("a"));

    // then
    assertThat(fixture.counted(CoreMetrics.KEY_CALLS, "operation", "set")).isEqualTo(2);
    assertThat(fixture.counted(CoreMetrics.KEY_CALLS, "operation", "get")).isEqualTo(1);
    assertThat(fixture.counted(CoreMetrics.KEY_CALLS, "operation", "delete")).isEqualTo(1);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
