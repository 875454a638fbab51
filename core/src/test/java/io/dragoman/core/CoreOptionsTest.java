// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class CoreOptionsTest {

  @Test
  void shouldHaveDocumentedDefaults() {
    assertThat(CoreOptions.DEFAULT.messageBytesMax()).isEqualTo(104_857_600);
    assertThat(CoreOptions.DEFAULT.channelNameBytesMax()).isEqualTo(256);
    assertThat(CoreOptions.DEFAULT.queueDefaultMaxReceiveCount()).isEqualTo(1024);
    assertThat(CoreOptions.DEFAULT.positionFlushMillis()).isEqualTo(100);
    assertThat(CoreOptions.DEFAULT.logToEvents()).isFalse();
    assertThat(CoreOptions.DEFAULT.toBuilder().build()).isEqualTo(CoreOptions.DEFAULT);
  }

  @Test
  void shouldChangeWhatIsAskedFor() {
    // when
    CoreOptions options =
        CoreOptions.DEFAULT.toBuilder()
            .messageBytesMax(1)
            .channelNameBytesMax(2)
            .channelsMax(3)
            .subscriptionsMax(4)
            .laneQueueBytesMax(5)
            .queueDefaultMaxReceiveCount(6)
            .queryCacheBytesMax(7)
            .positionFlushMillis(8)
            .logBatchMax(9)
            .logToEvents(true)
            .nodeNumber(10)
            .connectionChannelsMax(11)
            .connectionContextMax(12)
            .build();

    // then
    assertThat(options).isEqualTo(new CoreOptions(1, 2, 3, 4, 5, 6, 7, 8, 9, true, 10, 11, 12));
  }

  @Test
  void shouldRefuseValuesOutsideTheirRange() {
    assertThatThrownBy(() -> CoreOptions.DEFAULT.toBuilder().logBatchMax(0).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("logBatchMax must be at least 1, not 0");
  }
}
