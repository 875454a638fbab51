// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.HistoryStart;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
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
    for (long nanos : new long[] {NOW_NANOS, NOW_NANOS + 2, 1_000_000, 2, Long.MAX_VALUE / 2 - 1}) {
      assertThat(EventIds.after(EventIds.of(nanos, 0))).isEqualTo(new HistoryStart.After(nanos, 0));
    }
    for (long time : new long[] {1, 5_000, 253_402_300_799_999L}) {
      assertThat(EventIds.after(EventIds.of(NOW_NANOS, time)))
          .isEqualTo(new HistoryStart.After(NOW_NANOS, time));
    }
  }

  @Test
  void shouldSayOfAnEventThatNobodyKeepsHowFarTheLogHasBeenGiven() {
    String unplaced = EventIds.passing(NOW_NANOS + 3_000_000);
    for (long place : new long[] {NOW_NANOS, NOW_NANOS + 1, 1_000_000_000_000_000_000L, 2, 0}) {
      ByteBuf written = Unpooled.copiedBuffer("\"" + unplaced + "\"", StandardCharsets.US_ASCII);
      EventIds.setPlace(written, 1 + unplaced.length(), place);
      String id = written.toString(1, unplaced.length(), StandardCharsets.US_ASCII);
      assertThat(id).startsWith("1700000000126-456788").matches("[0-9]{13}-[0-9]{25}");
      assertThat(EventIds.after(id)).isEqualTo(new HistoryStart.After(place | 1, 0));
      written.release();
    }
    assertThat(EventIds.passing(1_700_000_000_000_000_007L))
        .isEqualTo("1700000000000-0000070000000000000000000");
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
        "9223372036855-0",
        // times of storing are even, so these are of another server
        "1574843571767-1",
        "1700000000123-456789",
        "5000-1700000000123456789",
        // and moments are odd
        "1700000000123-4567881700000000123456788",
        "1700000000123-4567889999999999999999999",
        "1700000000123-45678+1700000000123456789"
      })
  void shouldNotKnowWhatCannotBeAnId(String id) {
    assertThat(EventIds.after(id)).isEqualTo(new HistoryStart.Unknown());
  }
}
