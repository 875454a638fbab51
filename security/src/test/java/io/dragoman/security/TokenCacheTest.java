// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TokenCacheTest {
  private final TokenCache cache = new TokenCache(10);

  @Test
  void shouldFindWhatWasVerifiedWithTheSameKeys() {
    cache.put(TokenCache.key("a"), Principal.ANYONE, 1);

    assertThat(cache.find(TokenCache.key("a"), 1)).isSameAs(Principal.ANYONE);
    assertThat(cache.find(TokenCache.key("a"), 2)).isNull();
    assertThat(cache.find(TokenCache.key("b"), 1)).isNull();
  }

  @Test
  void shouldStayBoundedAndKeepWhatIsInUse() {
    cache.put(TokenCache.key("used"), Principal.ANYONE, 0);
    for (int i = 0; i < 1_000; i++) {
      cache.put(TokenCache.key("token" + i), Principal.ANYONE, 0);
      assertThat(cache.find(TokenCache.key("used"), 0)).isNotNull();
    }

    assertThat(cache.size()).isLessThanOrEqualTo(22);
    assertThat(cache.find(TokenCache.key("token0"), 0)).isNull();
  }
}
