// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.dragoman.core.LogAppend;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Message;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.testkit.Mutations;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Whatever lies on the disk is read or reported as damaged; what is read is not larger than what
 * lies there, and written again it reads the same.
 */
final class RecordsFuzzTest {

  @FuzzTest
  void anyRecord(byte[] data) {
    take(data);
  }

  @Test
  void shouldTakeDamagedRecords() {
    Mutations.of(RecordsFuzzTest.class, "anyRecord", 20_000, RecordsFuzzTest::take);
  }

  private static void take(byte[] data) {
    declared(() -> takeLog(data));
    declared(() -> takeQueue(data));
    declared(() -> Records.checkLog(data));
    declared(() -> Records.timestamp(data));
    declared(() -> Records.isOver(data, Long.MAX_VALUE));
    declared(() -> Records.receiveCount(data));
    declared(() -> Records.expirationSeconds(data));
    declared(() -> QueueState.Figures.of(data));
    declared(() -> new LogState(1, "l", ChannelSettings.DEFAULT, null).readState(data));
  }

  private static void declared(Runnable reading) {
    try {
      reading.run();
    } catch (CorruptRecordException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }

  private static void takeLog(byte[] data) {
    LogRecord read = Records.toLogRecord(data, "l", 7);
    assertBounded(read.message(), data.length);
    boolean timed = read.eventTimeMillis() != 0 || read.expiresAtNanos() != 0;
    LogAppend append = new LogAppend(read.message(), read.eventTimeMillis(), 0);
    byte[] again = timed ? Records.ofLog(append) : Records.ofLog(read.message());
    Records.setTimestamp(again, read.timestampNanos());
    if (timed) {
      Records.setLogExpiresAt(again, read.expiresAtNanos());
    }
    LogRecord second = Records.toLogRecord(again, "l", 7);
    assertSame(second.message(), read.message());
    assertThat(second.timestampNanos())
        .isEqualTo(read.timestampNanos())
        .isEqualTo(Records.timestamp(data));
    assertThat(second.eventTimeMillis())
        .isEqualTo(read.eventTimeMillis())
        .isEqualTo(Records.eventTime(data));
    assertThat(second.expiresAtNanos())
        .isEqualTo(read.expiresAtNanos())
        .isEqualTo(Records.logExpiresAt(data));
    assertThat(Records.isExpired(data)).isFalse();
  }

  private static void takeQueue(byte[] data) {
    QueueMessage read = Records.toQueueMessage(data, "q", 7);
    assertBounded(read.message(), data.length);
    QueuePolicy policy = Records.storedPolicy(data);
    assertThat(Records.expiresAt(data)).isEqualTo(read.expiresAtNanos());
    if (read.reRoutedFrom().isEmpty()) {
      byte[] again = Records.ofQueue(read.message(), policy);
      QueueMessage second = Records.toQueueMessage(again, "q", 7);
      assertSame(second.message(), read.message());
      assertThat(second.policy()).isEqualTo(read.policy());
    } else {
      byte[] again = Records.deadLetter(read, policy, read.reRoutedFrom());
      QueueMessage second = Records.toQueueMessage(again, "q", 7);
      assertSame(second.message(), read.message());
      assertThat(second.reRoutedFrom()).isEqualTo(read.reRoutedFrom());
      assertThat(second.expiresAtNanos()).isEqualTo(read.expiresAtNanos());
    }
  }

  private static void assertBounded(Message message, int bytes) {
    int tags = 0;
    for (Map.Entry<String, String> tag : message.tags().entrySet()) {
      tags += tag.getKey().length() + tag.getValue().length();
    }
    int texts = message.id().length() + message.clientId().length() + message.metadata().length();
    assertThat(texts + tags + message.body().length).isLessThanOrEqualTo(bytes);
  }

  private static void assertSame(Message second, Message first) {
    assertThat(second.id()).isEqualTo(first.id());
    assertThat(second.clientId()).isEqualTo(first.clientId());
    assertThat(second.metadata()).isEqualTo(first.metadata());
    assertThat(second.tags()).isEqualTo(first.tags());
    assertThat(Arrays.equals(second.body(), first.body())).isTrue();
  }
}
