// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Response;
import org.junit.jupiter.api.Test;

final class QueryCacheTest {
  private static final byte[] NO_SPAN = {};

  private long now = 1;
  private final QueryCache cache = new QueryCache(20_000, () -> now);

  @Test
  void shouldDropWhatWasUsedLongestAgo() {
    // given
    put("1", 6_000);
    put("2", 6_000);
    put("3", 6_000);
    assertThat(cache.get("q", "1")).isNotNull();

    // when
    put("4", 6_000);

    // then
    assertThat(cache.get("q", "2")).isNull();
    assertThat(cache.get("q", "1")).isNotNull();
    assertThat(cache.get("q", "3")).isNotNull();
    assertThat(cache.get("q", "4")).isNotNull();
    assertThat(cache.bytes()).isBetween(18_000L, 20_000L);
  }

  @Test
  void shouldNotKeepWhatIsOverTheBoundAlone() {
    // given
    put("1", 1_000);

    // when
    put("2", 20_000);
    put("1", 20_000);

    // then
    assertThat(cache.get("q", "2")).isNull();
    assertThat(cache.get("q", "1")).isNull();
    assertThat(cache.bytes()).isZero();
  }

  @Test
  void shouldReplaceAnAnswer() {
    // given
    put("1", 1_000);
    long bytes = cache.bytes();

    // when
    put("1", 1_000);

    // then
    assertThat(cache.bytes()).isEqualTo(bytes);
  }

  @Test
  void shouldForgetWhatHasExpired() {
    // given
    put("1", 100);

    // when
    now += 1_000_000_000L;

    // then
    assertThat(cache.get("q", "1")).isNull();
    assertThat(cache.bytes()).isZero();
  }

  @Test
  void shouldKeepForVeryLongTimes() {
    // given
    now = 1_700_000_000_000_000_000L;

    // when
    cache.put("q", "key", Long.MAX_VALUE, response(10));

    // then
    assertThat(cache.get("q", "key")).isNotNull();
  }

  private void put(String key, int bytes) {
    cache.put("q", key, 1_000, response(bytes));
  }

  private static Response response(int bytes) {
    return new Response(
        Fixture.message("", "x".repeat(1)).toBuilder().body(new byte[bytes]).build(),
        0,
        true,
        "",
        false,
        NO_SPAN);
  }
}
