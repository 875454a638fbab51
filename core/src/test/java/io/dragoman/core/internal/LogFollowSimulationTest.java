// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.CoreOptions;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.LogFollow;
import io.dragoman.core.LogFollowing;
import io.dragoman.core.LogHistory;
import io.dragoman.core.LogListener;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Message;
import io.dragoman.core.Result;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Followers of patterns under every order of events that a random choice finds: records of the two
 * durabilities become safe at their own pace, are told of late, reads complete in any order, lanes
 * run when they like or fall behind, clients pause, leave and come back. One thread, so that a seed
 * repeats a run exactly.
 */
final class LogFollowSimulationTest {
  private static final int LANES = 2;
  private static final int STEPS = 4_000;
  private static final byte[] SMALL = new byte[10];

  /** Four of them are more than waits for a lane. */
  private static final byte[] BIG = new byte[600 << 10];

  private static final List<String> NAMES = List.of("a/1", "a/2", "a/async", "b/async", "b/1/2");
  private static final List<String> FILTERS =
      List.of("a/+", "#", "+/async", "b/#", "a/+", "+/1", "#", "a/+");
  private static final HistoryStart ALL = new HistoryStart.AtTime(0);

  private final Fixture fixture =
      new Fixture(CoreOptions.DEFAULT.toBuilder().logBatchMax(7).build());
  private final List<ManualLane> lanes = new ArrayList<>();
  private final List<Runnable> completions = new ArrayList<>();
  private final List<Deque<Runnable>> safeties = List.of(new ArrayDeque<>(), new ArrayDeque<>());
  private final Deque<Runnable> pushes = new ArrayDeque<>();
  private final List<LogRecord> stored = new ArrayList<>();
  private final List<Client> clients = new ArrayList<>();
  private AssertionError failure;
  private Random random = new Random();

  /** A follower, which keeps what it is given, history first. */
  private final class Client implements LogListener {
    final ChannelFilter filter;
    final ManualLane lane;
    final boolean withHistory;
    final List<LogRecord> given = new ArrayList<>();
    CompletionStage<Result<LogFollowing>> starting;
    LogFollowing following;

    /** Records stored before it had begun, of which it need not hear without history. */
    int storedBefore;

    boolean paused = true;
    boolean gone = true;

    Client(ChannelFilter filter, ManualLane lane, boolean withHistory) {
      this.filter = filter;
      this.lane = lane;
      this.withHistory = withHistory;
    }

    void come() {
      gone = false;
      paused = true;
      given.clear();
      LogFollow request = new LogFollow(filter, withHistory ? ALL : null, Integer.MAX_VALUE);
      starting = fixture.broker.logs().follow(request, lane, this);
      starting.thenAccept(begun -> storedBefore = stored.size());
    }

    void pollStart() {
      if (starting != null && starting.toCompletableFuture().isDone()) {
        following = Fixture.now(starting).orThrow();
        starting = null;
        if (withHistory) {
          LogHistory history = Objects.requireNonNull(following.history());
          given.addAll(0, history.records());
        }
      }
    }

    void leave() {
      gone = true;
      following.subscription().close();
      following = null;
    }

    void resume() {
      paused = false;
      following.subscription().resume();
    }

    /** Now and then it takes nothing, and is handed the same again later. */
    @Override
    public boolean takes() {
      if (paused || random.nextInt(6) > 0) {
        return true;
      }
      paused = true;
      if (random.nextInt(3) == 0) {
        resume();
      }
      return false;
    }

    @Override
    public boolean onRecords(List<LogRecord> records) {
      if (gone || paused || records.isEmpty()) {
        failure = new AssertionError("given " + records.size() + " though it must not be");
      }
      given.addAll(records);
      paused = random.nextInt(6) == 0;
      if (paused && random.nextInt(3) == 0) {
        resume();
        return false;
      }
      return !paused;
    }

    @Override
    public void onEnd(BrokerError reason) {
      failure = new AssertionError("ended: " + reason);
    }

    /** It has got everything once, in the order of storing. */
    void check() {
      List<Long> got = stamps(given);
      List<Long> all = stamps(stored);
      if (withHistory) {
        assertThat(got).as(filter.text()).isEqualTo(all);
      } else {
        List<Long> must = stamps(stored.subList(storedBefore, stored.size()));
        assertThat(got).as(filter.text()).endsWith(longs(must));
        assertThat(all).endsWith(longs(got));
      }
    }

    private List<Long> stamps(List<LogRecord> records) {
      return records.stream()
          .filter(each -> filter.matches(each.message().channel()))
          .map(LogRecord::timestampNanos)
          .toList();
    }
  }

  private static Long[] longs(List<Long> of) {
    return of.toArray(new Long[0]);
  }

  static LongStream seeds() {
    return LongStream.range(0, Boolean.getBoolean("dragoman.full") ? 1_000 : 40);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void shouldGiveEverythingOnceInOrder(long seed) {
    // given
    random = new Random(seed);
    for (int i = 0; i < LANES; i++) {
      lanes.add(new ManualLane());
    }
    fixture.engine.logs.completions = completions::add;
    fixture.engine.logs.pushes = pushes::add;
    fixture.engine.logs.syncSafety = safeties.get(0)::add;
    fixture.engine.logs.asyncSafety = safeties.get(1)::add;
    for (String filter : FILTERS) {
      ManualLane lane = lanes.get(random.nextInt(LANES));
      clients.add(new Client(ChannelFilter.slashed(filter), lane, random.nextBoolean()));
    }

    // when
    for (int i = 0; i < STEPS && failure == null; i++) {
      step();
    }
    settle();

    // then
    assertThat(failure).isNull();
    assertThat(stored).hasSizeGreaterThan(100);
    clients.forEach(Client::check);
  }

  private void step() {
    int lot = random.nextInt(16);
    if (lot < 3) {
      append();
    } else if (lot < 6) {
      makeSafe(random.nextInt(2));
    } else if (lot < 8) {
      push();
    } else if (lot < 10) {
      completeOne();
    } else if (lot < 13) {
      lanes.get(random.nextInt(LANES)).runOne();
    } else {
      act(clients.get(random.nextInt(clients.size())));
    }
  }

  private void append() {
    String log = NAMES.get(random.nextInt(NAMES.size()));
    byte[] body = random.nextInt(4) == 0 ? BIG : SMALL;
    Message message = Message.builder().id("id").channel(log).body(body).build();
    fixture.engine.logs.append(message);
    stored.add(fixture.engine.logs.newest(log));
  }

  private void makeSafe(int which) {
    if (!safeties.get(which).isEmpty()) {
      safeties.get(which).poll().run();
    }
  }

  private void push() {
    if (!pushes.isEmpty()) {
      pushes.poll().run();
    }
  }

  private void completeOne() {
    if (!completions.isEmpty()) {
      completions.remove(random.nextInt(completions.size())).run();
    }
  }

  private void act(Client client) {
    client.pollStart();
    if (client.gone) {
      client.come();
    } else if (client.following != null && random.nextInt(10) == 0) {
      client.leave();
    } else if (client.following != null && client.paused) {
      client.resume();
    }
  }

  /** Lets everything come to rest with all clients there. */
  private void settle() {
    for (int i = 0; i < 200; i++) {
      drain();
      for (Client client : clients) {
        client.pollStart();
        if (client.gone) {
          client.come();
        } else if (client.following != null && client.paused) {
          client.resume();
        }
      }
    }
  }

  private void drain() {
    boolean more = true;
    while (more) {
      more = !completions.isEmpty() || !pushes.isEmpty();
      for (int which = 0; which < 2; which++) {
        more |= !safeties.get(which).isEmpty();
        makeSafe(which);
      }
      push();
      completeOne();
      for (ManualLane lane : lanes) {
        more |= lane.runOne();
      }
    }
  }
}
