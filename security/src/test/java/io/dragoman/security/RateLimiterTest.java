// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Metrics;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class RateLimiterTest {
  private final AtomicLong nanos = new AtomicLong(-5);
  private final Metrics metrics = new Metrics();
  private final RateLimiter limiter = new RateLimiter(metrics, nanos::get, 3);

  private static Principal somebody(String subject, RateLimit... limits) {
    return new Principal(
        subject, Long.MIN_VALUE, Principal.NEVER, TopicRules.ALL, TopicRules.ALL, List.of(limits));
  }

  private void pass(long seconds) {
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
  }

  @Test
  void shouldCountAllowedPublishesOfAWindow() {
    Principal who = somebody("u", new RateLimit("a", 10, 2));

    assertThat(limiter.tryPublish(who, "a")).isTrue();
    pass(9);
    assertThat(limiter.tryPublish(who, "a")).isTrue();
    assertThat(limiter.tryPublish(who, "a")).isFalse();
    pass(1);
    assertThat(limiter.tryPublish(who, "a")).isTrue();
    assertThat(limiter.tryPublish(who, "a")).isTrue();
    assertThat(limiter.tryPublish(who, "a")).isFalse();
    assertThat(metrics.counter("dragoman_rate_limited_total", "").value()).isEqualTo(2);
  }

  @Test
  void shouldBeginAWindowWithItsFirstPublish() {
    Principal who = somebody("u", new RateLimit("a", 10, 1));

    pass(7);
    assertThat(limiter.tryPublish(who, "a")).isTrue();
    pass(9);
    assertThat(limiter.tryPublish(who, "a")).isFalse();
  }

  @Test
  void shouldShareAPatternsWindowAmongItsTopicsAndConnections() {
    RateLimit limit = new RateLimit("r/#", 10, 2);

    assertThat(limiter.tryPublish(somebody("u", limit), "r/a")).isTrue();
    assertThat(limiter.tryPublish(somebody("u", limit), "r/b")).isTrue();
    assertThat(limiter.tryPublish(somebody("u", limit), "r/c")).isFalse();
    assertThat(limiter.tryPublish(somebody("other", limit), "r/c")).isTrue();
  }

  @Test
  void shouldApplyTheTopicsOwnEntryElseTheLongestPattern() {
    Principal who =
        somebody(
            "u",
            new RateLimit("#", 10, 0),
            new RateLimit("r/#", 10, 1),
            new RateLimit("r/+/x", 10, 2),
            new RateLimit("r/a/x", 10, 3));

    assertThat(who.rateLimit("r/a/x")).isEqualTo(new RateLimit("r/a/x", 10, 3));
    assertThat(who.rateLimit("r/b/x")).isEqualTo(new RateLimit("r/+/x", 10, 2));
    assertThat(who.rateLimit("r/b")).isEqualTo(new RateLimit("r/#", 10, 1));
    assertThat(who.rateLimit("s")).isEqualTo(new RateLimit("#", 10, 0));
  }

  @Test
  void shouldNotLimitWithoutSubjectIntervalOrMaximum() {
    for (Principal each :
        List.of(
            somebody("", new RateLimit("a", 10, 1)),
            somebody("u", new RateLimit("a", 0, 1)),
            somebody("u", new RateLimit("a", 10, 0)),
            somebody("u", new RateLimit("b", 10, 1)),
            Principal.ANYONE)) {
      assertThat(limiter.tryPublish(each, "a")).isTrue();
      assertThat(limiter.tryPublish(each, "a")).isTrue();
    }
  }

  @Test
  void shouldForgetWindowsThatAreOverAndRefuseWhenThereIsNoRoom() {
    RateLimit limit = new RateLimit("a", 10, 5);
    for (String each : List.of("1", "2", "3")) {
      assertThat(limiter.tryPublish(somebody(each, limit), "a")).isTrue();
    }

    assertThat(limiter.tryPublish(somebody("4", limit), "a")).isFalse();
    assertThat(limiter.tryPublish(somebody("3", limit), "a")).isTrue();
    pass(10);
    assertThat(limiter.tryPublish(somebody("4", limit), "a")).isTrue();
  }

  @Test
  void shouldTakeIntervalsThatLastForEver() {
    Principal who = somebody("u", new RateLimit("a", Long.MAX_VALUE, 1));

    assertThat(limiter.tryPublish(who, "a")).isTrue();
    pass(1_000_000);
    assertThat(limiter.tryPublish(who, "a")).isFalse();
  }
}
