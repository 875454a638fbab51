// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import static io.dragoman.core.internal.Fixture.message;
import static io.dragoman.core.internal.Fixture.now;
import static io.dragoman.core.internal.Fixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.ChannelInfo;
import io.dragoman.core.ChannelOverview;
import io.dragoman.core.ChannelStats;
import io.dragoman.core.Channels;
import io.dragoman.core.CoreOptions;
import io.dragoman.core.Kind;
import io.dragoman.core.LogStart;
import io.dragoman.core.LogSubscribe;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ChannelServiceTest {
  private static final CoreOptions TWO = CoreOptions.DEFAULT.toBuilder().channelsMax(2).build();

  private final Fixture fixture = new Fixture(TWO);
  private final Channels channels = fixture.broker.channels();

  @Test
  void shouldMakeAndDeleteChannelsOfAnyKind() {
    // when / then
    assertThat(now(channels.create(Kind.EVENTS, "a")).orThrow()).isTrue();
    assertThat(now(channels.create(Kind.EVENTS, "a")).orThrow()).isFalse();
    assertThat(now(channels.create(Kind.QUERY, "a")).orThrow()).isTrue();
    assertThat(now(channels.list(Kind.EVENTS, "")).orThrow())
        .extracting(ChannelInfo::name)
        .containsExactly("a");
    assertThat(now(channels.delete(Kind.EVENTS, "a")).orThrow()).isTrue();
    assertThat(now(channels.delete(Kind.EVENTS, "a")).orThrow()).isFalse();
    assertThat(refusal(now(channels.create(Kind.LOG, "")))).isEqualTo("INVALID_NAME");
    assertThat(refusal(now(channels.delete(Kind.LOG, "")))).isEqualTo("INVALID_NAME");
  }

  @Test
  void shouldCountChannelsOfAllKinds() {
    // given
    now(channels.create(Kind.EVENTS, "a")).orThrow();
    now(fixture.broker.logs().append(message("a", "1"))).orThrow();

    // when / then
    assertThat(refusal(now(channels.create(Kind.QUEUE, "a")))).isEqualTo("TOO_MANY_CHANNELS");
    assertThat(refusal(now(fixture.broker.logs().append(message("b", "1")))))
        .isEqualTo("TOO_MANY_CHANNELS");
    LogSubscribe durable = new LogSubscribe("b", new LogStart.First(), "me", null);
    assertThat(
            refusal(
                now(fixture.broker.logs().subscribe(durable, new ManualLane(), new LogReader()))))
        .isEqualTo("TOO_MANY_CHANNELS");
    now(channels.delete(Kind.EVENTS, "a")).orThrow();
    assertThat(now(channels.create(Kind.QUEUE, "a")).isOk()).isTrue();
    assertThat(refusal(now(channels.create(Kind.QUEUE, "b")))).isEqualTo("TOO_MANY_CHANNELS");
  }

  @Test
  void shouldShowChannelsThatWereMadeOrHaveTraffic() {
    // given
    ChannelStats stats = fixture.broker.channelStats();
    now(channels.create(Kind.EVENTS, "made")).orThrow();
    stats.of(Kind.EVENTS, "made").in(2, 10);
    stats.of(Kind.EVENTS, "sent to").in(1, 5);
    stats.receiverCame(Kind.EVENTS, "pattern.*");
    stats.of(Kind.EVENTS, "only refused").error();
    stats.of(Kind.QUEUE, "not made").in(1, 1);

    // when
    List<ChannelOverview> events = now(channels.overview(Kind.EVENTS, "")).orThrow();

    // then
    assertThat(events).extracting(ChannelOverview::name).containsExactly("made", "sent to");
    assertThat(events).extracting(each -> each.made() != null).containsExactly(true, false);
    assertThat(events).extracting(each -> each.counted().messagesIn()).containsExactly(2L, 1L);
    assertThat(now(channels.overview(Kind.EVENTS, "sent")).orThrow()).hasSize(1);
    assertThat(now(channels.overview(Kind.QUEUE, "")).orThrow()).isEmpty();
  }

  @Test
  void shouldForgetTheTrafficOfADeletedChannel() {
    // given
    fixture.broker.channelStats().of(Kind.EVENTS, "sent to").in(1, 5);

    // when / then
    assertThat(now(channels.delete(Kind.EVENTS, "sent to")).orThrow()).isTrue();
    assertThat(now(channels.delete(Kind.EVENTS, "sent to")).orThrow()).isFalse();
    assertThat(now(channels.overview(Kind.EVENTS, "")).orThrow()).isEmpty();
  }

  @Test
  void shouldKnowStoredChannelsAfterRestart() {
    // given
    now(channels.create(Kind.QUEUE, "a")).orThrow();
    now(channels.create(Kind.LOG, "a")).orThrow();

    // when
    Channels again = fixture.broker(TWO).channels();

    // then
    assertThat(now(again.create(Kind.LOG, "a")).isOk()).isTrue();
    assertThat(refusal(now(again.create(Kind.LOG, "b")))).isEqualTo("TOO_MANY_CHANNELS");
  }
}
