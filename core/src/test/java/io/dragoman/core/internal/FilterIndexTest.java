// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import static io.dragoman.core.internal.Fixture.message;
import static io.dragoman.core.internal.Fixture.now;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.LogFollow;
import io.dragoman.core.LogFollowing;
import io.dragoman.core.LogListener;
import io.dragoman.core.LogRecord;
import io.dragoman.core.spi.LogStore.AppendSink;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What routing costs on the thread that acknowledges appends. */
final class FilterIndexTest {
  private static final int SUBSCRIBERS = 10_000;
  private static final int CHANGES = 100;

  /** A list of all of them that are on one lane takes more. */
  private static final long BYTES_MAX = 8 << 10;

  private final Fixture fixture = new Fixture();
  private final List<ManualLane> lanes = List.of(new ManualLane(), new ManualLane());

  @Test
  void shouldNotMakeWayForRecordsAnewWhenOneOfManySubscribersComesOrGoes() {
    // given
    for (int i = 0; i < SUBSCRIBERS; i++) {
      follow("a/#", i);
      follow("+/b", i);
    }
    AppendSink sink = fixture.engine.logs.sink();
    List<LogRecord> records = List.of(new LogRecord(message("a/b", "x"), 1, 2, 0, 0));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    // when
    List<Long> allocated = new ArrayList<>();
    for (int i = 0; i < CHANGES; i++) {
      LogFollowing one = follow(i % 4 < 2 ? "a/#" : "+/b", i);
      if (i % 3 == 0) {
        one.subscription().close();
      }
      long before = threads.getCurrentThreadAllocatedBytes();
      sink.onAppended(records);
      allocated.add(threads.getCurrentThreadAllocatedBytes() - before);
      lanes.forEach(ManualLane::run);
    }

    // then: whatever is loaded or compiled meanwhile, most are what they cost
    assertThat(allocated.stream().sorted().toList().get(CHANGES / 2)).isLessThan(BYTES_MAX);
  }

  private LogFollowing follow(String filter, int number) {
    LogListener listener = new LogReader();
    LogFollow request = new LogFollow(ChannelFilter.slashed(filter), null, 0);
    return now(fixture.broker.logs().follow(request, lanes.get(number % lanes.size()), listener))
        .orThrow();
  }
}
