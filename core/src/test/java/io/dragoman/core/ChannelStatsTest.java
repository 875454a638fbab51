// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class ChannelStatsTest {

  private final ChannelStats stats = new ChannelStats(2);

  @Test
  void shouldForgetAChannelThatHadOnlyReceivers() {
    // given
    ChannelStats.Entry first = stats.receiverCame(Kind.EVENTS, "quiet");
    ChannelStats.Entry second = stats.receiverCame(Kind.EVENTS, "quiet");

    // when, then
    stats.receiverLeft(Kind.EVENTS, "quiet", first);
    assertThat(receivers()).containsExactly(Map.entry("quiet", 1L));
    stats.receiverLeft(Kind.EVENTS, "quiet", second);
    assertThat(receivers()).isEmpty();
  }

  @Test
  void shouldKeepWhatPassedThroughAChannelWithoutReceivers() {
    // given
    ChannelStats.Entry receiver = stats.receiverCame(Kind.EVENTS, "busy");
    stats.of(Kind.EVENTS, "busy").in(1, 10);

    // when
    stats.receiverLeft(Kind.EVENTS, "busy", receiver);

    // then
    assertThat(receivers()).containsExactly(Map.entry("busy", 0L));
    assertThat(stats.of(Kind.EVENTS, "busy").messagesIn()).isEqualTo(1);
  }

  @Test
  void shouldCountOutWhereItCountedIn() {
    // given a receiver that came when there was no room for its channel
    stats.of(Kind.EVENTS, "a").in(1, 1);
    stats.of(Kind.EVENTS, "b").in(1, 1);
    ChannelStats.Entry late = stats.receiverCame(Kind.EVENTS, "c");

    // when it leaves after there was
    stats.forget(Kind.EVENTS, "a");
    ChannelStats.Entry later = stats.receiverCame(Kind.EVENTS, "c");
    stats.receiverLeft(Kind.EVENTS, "c", late);

    // then
    assertThat(receivers()).containsExactly(Map.entry("b", 0L), Map.entry("c", 1L));
    stats.receiverLeft(Kind.EVENTS, "c", later);
    assertThat(receivers()).containsExactly(Map.entry("b", 0L));
  }

  @Test
  void shouldForgetWhatPassedButNotWhoIsThere() {
    // given
    ChannelStats.Entry receiver = stats.receiverCame(Kind.EVENTS, "busy");
    stats.of(Kind.EVENTS, "busy").in(1, 10);
    stats.of(Kind.EVENTS, "sent to").in(1, 10);

    // when
    boolean busy = stats.forget(Kind.EVENTS, "busy");
    boolean sentTo = stats.forget(Kind.EVENTS, "sent to");
    boolean unknown = stats.forget(Kind.EVENTS, "unknown");

    // then
    assertThat(busy).isTrue();
    assertThat(sentTo).isTrue();
    assertThat(unknown).isFalse();
    assertThat(receivers()).containsExactly(Map.entry("busy", 1L));
    assertThat(stats.of(Kind.EVENTS, "busy").messagesIn()).isZero();
    stats.receiverLeft(Kind.EVENTS, "busy", receiver);
    assertThat(receivers()).isEmpty();
  }

  private Map<String, Long> receivers() {
    Map<String, Long> receivers = new TreeMap<>();
    stats.forEach((kind, channel, entry) -> receivers.put(channel, entry.receivers()));
    return receivers;
  }
}
