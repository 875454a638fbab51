// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.bounds;

import static io.dragoman.conformance.crash.Brokers.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dragoman.conformance.crash.BrokerProcess;
import io.dragoman.conformance.crash.Brokers;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * However many messages wait, the broker holds about the same memory, is about as fast, and starts
 * about as soon.
 */
@Isolated("measures speed")
@Timeout(90 * 60)
class BacklogTest {

  private static final long MIB = 1 << 20;
  private static final long HEAP_BYTES_MAX = 64 * MIB;
  private static final long RESIDENT_BYTES_MAX = 192 * MIB;
  private static final double SPEED_MIN = 0.8;
  private static final int HUGE = 50_000_000;
  private static final long HUGE_FREE_BYTES_MIN = 40L << 30;
  private static final Duration READY_MAX = Duration.ofSeconds(5);

  private static final boolean FULL = Boolean.getBoolean("dragoman.full");
  private static final int WARM_UP = FULL ? 10 : 2;
  private static final int ROUNDS = FULL ? 41 : 15;

  /** As many are taken while the median is too low: a broker just started is still compiling. */
  private static final int ROUNDS_MAX = 75;

  /** Messages of one turn. */
  private static final int TURN = 2_000;

  private static final int BATCH = 1_000;
  private static final int RECEIVE = 10;

  @RegisterExtension final Brokers brokers = new Brokers();

  /** How many messages; {@code -Ddragoman.bounds.messages=N} asks for another number. */
  static IntStream sizes() {
    Integer asked = Integer.getInteger("dragoman.bounds.messages");
    if (asked != null) {
      return IntStream.of(asked);
    }
    return FULL ? IntStream.of(5_000_000, HUGE) : IntStream.of(500_000);
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void shouldCarryMillionsInOneQueue(int messages) throws IOException {
    long free = Files.getFileStore(brokers.directory()).getUsableSpace();
    assumeTrue(
        messages < HUGE || free >= HUGE_FREE_BYTES_MIN,
        () -> "50 M messages need 40 GiB of disk, %d GiB are free".formatted(free >> 30));
    carry(1, 10_000, messages);
  }

  @Test
  void shouldCarryAThousandQueues() {
    carry(1_000, 10_000, FULL ? 1_000_000 : 200_000);
  }

  private void carry(int queues, int small, int large) {
    BrokerProcess broker = start();
    Footprint before;
    Footprint after;
    try (Crowd crowd = new Crowd(broker.rest(), 8)) {
      // given a few, and the memory that they take
      fill(crowd, "full", queues, 0, small);
      before = Footprint.afterCollection(broker);

      // when there are many
      double seconds = fill(crowd, "full", queues, small, large);
      after = Footprint.afterCollection(broker);
      say(
          "%,d messages in %,d queues: filled at %,.0f/s; %s, with %,d %s",
          large, queues, (large - small) / seconds, after, small, before);

      // then
      compareSpeed(crowd, queues);
    }
    Footprint worked = Footprint.afterCollection(broker);
    say("after work: %s", worked);
    Duration ready = restart(broker);
    say("ready again after %d ms", ready.toMillis());
    assertThat(after.minus(before).heapBytes()).isLessThanOrEqualTo(HEAP_BYTES_MAX);
    assertThat(after.minus(before).residentBytes()).isLessThanOrEqualTo(RESIDENT_BYTES_MAX);
    assertThat(ready).isLessThanOrEqualTo(READY_MAX);
    brokers.assertNoComplaints();
  }

  private BrokerProcess start() {
    return Production.start(brokers, "durability=async", "metrics.channels=0");
  }

  private Duration restart(BrokerProcess broker) {
    broker.kill();
    long start = System.nanoTime();
    start();
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private static double fill(Crowd crowd, String name, int queues, int from, int to) {
    int perBatch = queues == 1 ? BATCH : Math.min(BATCH, (to - from) / queues);
    return crowd.run(
        (to - from) / perBatch,
        (connection, i) ->
            Crowd.post(
                connection,
                "/queue/send_batch",
                Messages.batch(name + i % queues, perBatch, from + i * perBatch),
                "\"SentAt\"",
                perBatch));
  }

  /** Takes turns, in short turns, so that whatever else the machine does falls on both. */
  private static void compareSpeed(Crowd crowd, int queues) {
    Contest sending = new Contest("sending");
    Contest receiving = new Contest("receiving");
    for (int round = -WARM_UP; isAnotherDue(round, sending, receiving); round++) {
      boolean emptyFirst = round % 2 == 0;
      double[] first = work(crowd, emptyFirst ? "empty" : "full", queues);
      double[] second = work(crowd, emptyFirst ? "full" : "empty", queues);
      double[] empty = emptyFirst ? first : second;
      double[] full = emptyFirst ? second : first;
      if (round >= 0) {
        sending.add(empty[0], full[0]);
        receiving.add(empty[1], full[1]);
      }
    }
    say("%s; %s", sending, receiving);
    assertThat(sending.ratio()).as("%s", sending).isGreaterThanOrEqualTo(SPEED_MIN);
    assertThat(receiving.ratio()).as("%s", receiving).isGreaterThanOrEqualTo(SPEED_MIN);
  }

  private static boolean isAnotherDue(int round, Contest sending, Contest receiving) {
    return round < ROUNDS
        || round < ROUNDS_MAX && Math.min(sending.ratio(), receiving.ratio()) < SPEED_MIN;
  }

  /** Seconds with and without a backlog, round by round. */
  private static final class Contest {
    private final String what;
    private final List<Double> empty = new ArrayList<>();
    private final List<Double> full = new ArrayList<>();
    private final List<Double> ratios = new ArrayList<>();

    Contest(String what) {
      this.what = what;
    }

    void add(double emptySeconds, double fullSeconds) {
      empty.add(TURN / emptySeconds);
      full.add(TURN / fullSeconds);
      ratios.add(emptySeconds / fullSeconds);
    }

    /** The speed with a backlog as a share of that without: the median of the rounds. */
    double ratio() {
      return median(ratios);
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s: %,.0f/s without and %,.0f/s with a backlog, ratio %.2f",
          what,
          median(empty),
          median(full),
          ratio());
    }
  }

  /** Sends so many and receives as many; gives the seconds of each. */
  private static double[] work(Crowd crowd, String name, int queues) {
    double send =
        crowd.run(
            TURN,
            (connection, i) ->
                Crowd.post(
                    connection,
                    "/queue/send",
                    Messages.send(name + i % queues, i),
                    "\"SentAt\"",
                    1));
    int each = Math.min(RECEIVE, TURN / queues);
    double receive =
        crowd.run(
            TURN / each,
            (connection, i) ->
                Crowd.post(
                    connection,
                    "/queue/receive",
                    Messages.receive(name + i % queues, each),
                    "\"MessageID\"",
                    each));
    return new double[] {send, receive};
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
