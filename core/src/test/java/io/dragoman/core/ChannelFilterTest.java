// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which names a filter means (spec: eventhub §4). */
final class ChannelFilterTest {

  @ParameterizedTest
  @CsvSource({
    "a/b, a/b, true",
    "a/b, a/bc, false",
    "a/b, a, false",
    "a/b, a/b/c, false",
    "a/+, a/b, true",
    "a/+, a, false",
    "a/+, a/, true",
    "a/+, a/b/c, false",
    "a/+, b/b, false",
    "+, a, true",
    "+, a/b, false",
    "+/b, a/b, true",
    "+/b, a/c, false",
    "+/+, a/b, true",
    "a/+/c, a/b/c, true",
    "a/+/c, a//c, true",
    "a/+/c, a/b/d, false",
    "a/+/c, a/b, false",
    "a/#, a, true",
    "a/#, a/b, true",
    "a/#, a/b/c, true",
    "a/#, ab, false",
    "a/#, b/a, false",
    "#, a, true",
    "#, a/b/c, true",
    "+/#, a, true",
    "+/#, a/b/c, true",
    "a/+/#, a, false",
    "a/+/#, a/b, true",
    "a/+/#, a/b/c/d, true",
    "a/+/, a/b/, true",
    "a/+/, a/b, false",
  })
  void shouldMatchLevelsBetweenSlashes(String filter, String channel, boolean matches) {
    assertThat(ChannelFilter.slashed(filter).matches(channel)).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource({
    "a.*, a.b, true",
    "a.*, a, false",
    "a.>, a, false",
    "a.>, a.b, true",
    "a.>, a.b.c, true",
    ">, a, true",
    "*.b, a.b, true",
    "*.b, a/b, false",
    "a*.b, a*.b, true",
    "a*.b, ac.b, false",
  })
  void shouldMatchTokensBetweenDots(String filter, String channel, boolean matches) {
    assertThat(ChannelFilter.dotted(filter).matches(channel)).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource({"a/+, a/+, true", "a/+, a/b, false", "#, #, true", "#, a, false"})
  void shouldTakeExactNamesAsTheyAre(String name, String channel, boolean matches) {
    assertThat(ChannelFilter.exact(name).matches(channel)).isEqualTo(matches);
  }
}
