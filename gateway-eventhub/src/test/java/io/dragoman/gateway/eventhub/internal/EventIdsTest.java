// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.HistoryStart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventIdsTest {
  private static final long NOW_NANOS = 1_700_000_000_123_456_788L;

  @Test
  void shouldShowTheTimeOfStoring() {
    assertThat(EventIds.of(NOW_NANOS, 0)).isEqualTo("1700000000123-456788");
    assertThat(EventIds.of(1_700_000_000_000_000_000L, 0)).isEqualTo("1700000000000-0");
  }

  @Test
  void shouldShowThePublishersTime() {
    assertThat(EventIds.of(NOW_NANOS, 5_000)).isEqualTo("5000-1700000000123456788");
  }

  @Test
  void shouldFindThePlaceAgain() {
    for (long nanos : new long[] {NOW_NANOS, NOW_NANOS + 1, 1_000_000, 2, Long.MAX_VALUE / 2}) {
      assertThat(EventIds.after(EventIds.of(nanos, 0))).isEqualTo(new HistoryStart.After(nanos, 0));
    }
    for (long time : new long[] {1, 5_000, 253_402_300_799_999L}) {
      assertThat(EventIds.after(EventIds.of(NOW_NANOS, time)))
          .isEqualTo(new HistoryStart.After(NOW_NANOS, time));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "1",
        "1-",
        "-1",
        "-1-1",
        "1--1",
        "1-+1",
        "+1-1",
        "1-1-1",
        "1-1 ",
        " 1-1",
        "1.0-1",
        "1-0x1",
        "١-١",
        "9223372036854775808-1",
        "1-9223372036854775808",
        "99999999999999999999999999-1",
        "9223372036854775807-1",
        "9223372036855-0"
      })
  void shouldNotKnowWhatCannotBeAnId(String id) {
    assertThat(EventIds.after(id)).isEqualTo(new HistoryStart.Unknown());
  }
}
