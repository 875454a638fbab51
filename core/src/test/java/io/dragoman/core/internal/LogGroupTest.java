// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import static io.dragoman.core.internal.Fixture.message;
import static io.dragoman.core.internal.Fixture.now;
import static io.dragoman.core.internal.Fixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.BrokerError;
import io.dragoman.core.CoreOptions;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.LogRecord;
import io.dragoman.core.LogStart;
import io.dragoman.core.LogSubscribe;
import io.dragoman.core.LogSubscription;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LogGroupTest {
  private static final LogStart FIRST = new LogStart.First();

  private final ManualLane lane = new ManualLane();
  private final ManualLane otherLane = new ManualLane();
  private final LogReader a = new LogReader();
  private final LogReader b = new LogReader();
  private final LogReader c = new LogReader();
  private final Fixture fixture = new Fixture();
  private BrokerServices broker = fixture.broker;

  @Test
  void shouldDivideRecordsOverMembersInTurns() {
    // given
    subscribe("a", lane, a);
    subscribe("b", lane, b);
    subscribe("c", otherLane, c);

    // when
    fixture.engine.logs.appendTogether(
        LongStream.range(0, 9).mapToObj(i -> message("l", "" + i)).toList());
    run();

    // then
    assertThat(a.sequences()).containsExactly(1L, 4L, 7L);
    assertThat(b.sequences()).containsExactly(2L, 5L, 8L);
    assertThat(c.sequences()).containsExactly(3L, 6L, 9L);
  }

  /** However many of them a read passes over at a time. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, Integer.MAX_VALUE})
  void shouldMovePositionPastWhatHasExpired(int passedMax) {
    // given
    fixture.engine.logs.passedMax = passedMax;
    append(10);
    for (long gone : new long[] {1, 4, 5, 9, 10}) {
      fixture.engine.logs.expire("l", gone);
    }

    // when
    LogSubscription first = subscribe("a", lane, a);
    LogSubscription second = subscribe("b", otherLane, b);
    run();
    first.delivered(10);
    second.delivered(10);
    append(1);
    run();
    first.delivered(11);
    second.delivered(11);
    fixture.timers.advanceMillis(1_000);

    // then
    List<Long> all = new ArrayList<>(a.sequences());
    all.addAll(b.sequences());
    assertThat(all).containsExactlyInAnyOrder(2L, 3L, 6L, 7L, 8L, 11L);
    assertThat(fixture.engine.logs.position("l", "group:g")).hasValue(11);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, Integer.MAX_VALUE})
  void shouldGiveWhatComesBackButForWhatHasExpiredMeanwhile(int passedMax) {
    // given
    fixture.engine.logs.passedMax = passedMax;
    append(5);
    a.more = false;
    LogSubscription leaving = subscribe("a", lane, a);
    run();
    assertThat(a.sequences()).hasSize(5);
    fixture.engine.logs.expire("l", 2);
    fixture.engine.logs.expire("l", 3);
    fixture.engine.logs.expire("l", 5);

    // when
    leaving.close();
    LogSubscription other = subscribe("b", otherLane, b);
    run();
    other.delivered(5);
    run();
    append(1);
    run();
    other.delivered(6);
    fixture.timers.advanceMillis(1_000);

    // then
    assertThat(b.sequences()).containsExactly(1L, 4L, 6L);
    assertThat(fixture.engine.logs.position("l", "group:g")).hasValue(6);
  }

  @Test
  void shouldGiveEachRecordOnceWhenAppendedOneByOne() {
    // given
    subscribe("a", lane, a);
    subscribe("b", otherLane, b);

    // when
    for (int i = 0; i < 100; i++) {
      append(1);
      if (i % 3 == 0) {
        run();
      }
    }
    run();

    // then
    List<Long> all = new ArrayList<>(a.sequences());
    all.addAll(b.sequences());
    assertThat(all).containsExactlyInAnyOrderElementsOf(upTo(100));
    assertThat(a.sequences()).isSorted().hasSizeBetween(25, 75);
    assertThat(b.sequences()).isSorted();
  }

  @Test
  void shouldHandOutNothingMoreWhenTheBrokerIsAboutToStop() {
    // given
    LogSubscription first = subscribe("a", lane, a);
    LogSubscription second = subscribe("b", otherLane, b);
    append(2);
    run();

    // when more comes, and one member leaves before the other
    broker.drain();
    append(2);
    run();
    first.delivered(1);
    first.close();
    run();
    second.delivered(2);
    second.close();

    // then all that has been handed out is done, and the next broker goes on from there
    assertThat(a.sequences()).containsExactly(1L);
    assertThat(b.sequences()).containsExactly(2L);
    broker = fixture.broker(CoreOptions.DEFAULT);
    subscribe("c", lane, c);
    run();
    assertThat(c.sequences()).containsExactly(3L, 4L);
  }

  @Test
  void shouldHandOneTaskToEachLane() {
    // given
    subscribe("a", lane, a);
    subscribe("b", lane, b);
    run();
    int handed = lane.handed();

    // when
    fixture.engine.logs.appendTogether(
        List.of(message("l", "1"), message("l", "2"), message("l", "3"), message("l", "4")));

    // then
    assertThat(lane.handed()).isEqualTo(handed + 1);
  }

  @Test
  void shouldSkipMembersThatPauseUntilTheyResume() {
    // given
    LogSubscription paused = subscribe("a", lane, a);
    subscribe("b", lane, b);
    a.more = false;
    append(2);
    run();
    assertThat(a.sequences()).containsExactly(1L);

    // when
    append(4);
    run();

    // then
    assertThat(a.sequences()).containsExactly(1L);
    assertThat(b.sequences()).containsExactly(2L, 3L, 4L, 5L, 6L);
    b.more = false;
    append(1);
    run();
    append(3);
    run();
    assertThat(b.last()).isEqualTo(7L);
    a.more = true;
    paused.resume();
    run();
    assertThat(a.sequences()).containsExactly(1L, 8L, 9L, 10L);
  }

  @Test
  void shouldGiveWhatALeavingMemberDidNotDeliverToOthersFirst() {
    // given
    LogSubscription leaving = subscribe("a", lane, a);
    LogSubscription staying = subscribe("b", otherLane, b);
    fixture.engine.logs.appendTogether(
        LongStream.range(0, 6).mapToObj(i -> message("l", "" + i)).toList());
    run();
    assertThat(a.sequences()).containsExactly(1L, 3L, 5L);
    leaving.delivered(1);

    // when
    leaving.close();
    append(1);
    run();

    // then
    assertThat(b.sequences()).as("it has later ones in flight").containsExactly(2L, 4L, 6L);
    staying.delivered(6);
    run();
    assertThat(b.sequences()).containsExactly(2L, 4L, 6L, 3L, 5L, 7L);
    staying.delivered(7);
    fixture.timers.advanceMillis(100);
    assertThat(fixture.engine.logs.position("l", "group:g")).hasValue(7);
  }

  @Test
  void shouldGiveReturnedRecordsBeforeNewOnesThatAreBeingRead() {
    // given
    LogSubscription leaving = subscribe("a", lane, a);
    append(1);
    run();
    a.more = false;
    append(1);
    run();
    append(2);
    List<Runnable> slow = new ArrayList<>();
    LogSubscription staying = subscribe("b", otherLane, b);
    b.more = false;
    run();
    assertThat(b.sequences()).as("what waited for a member").containsExactly(3L, 4L);
    staying.delivered(4);
    append(2);
    fixture.engine.logs.completions = slow::add;
    b.more = true;
    staying.resume();
    run();
    assertThat(slow).as("new ones are being read").hasSize(1);

    // when
    leaving.close();
    fixture.engine.logs.completions = Runnable::run;
    slow.get(0).run();
    run();

    // then
    assertThat(b.sequences()).containsExactly(3L, 4L, 1L, 2L, 5L, 6L);
  }

  @Test
  void shouldResumeThatComesDuringTheCall() {
    // given
    List<LogSubscription> self = new ArrayList<>();
    LogReader pausing =
        new LogReader() {
          @Override
          public synchronized boolean onRecords(List<LogRecord> records) {
            super.onRecords(records);
            self.get(0).resume();
            return false;
          }
        };
    self.add(subscribe("a", lane, pausing));

    // when
    append(1);
    run();
    append(1);
    run();

    // then
    assertThat(pausing.sequences()).containsExactly(1L, 2L);
  }

  @Test
  void shouldGiveWhatALeavingMemberNeverGotToOthers() {
    // given
    LogSubscription leaving = subscribe("a", lane, a);
    subscribe("b", otherLane, b);
    fixture.engine.logs.appendTogether(List.of(message("l", "1"), message("l", "2")));

    // when
    leaving.close();
    run();

    // then
    assertThat(a.sequences()).isEmpty();
    assertThat(b.sequences()).contains(2L);
  }

  @Test
  void shouldShareTheLowestUndeliveredAsPosition() {
    // given
    LogSubscription first = subscribe("a", lane, a);
    LogSubscription second = subscribe("b", lane, b);
    fixture.engine.logs.appendTogether(
        LongStream.range(0, 6).mapToObj(i -> message("l", "" + i)).toList());
    run();

    // when / then
    second.delivered(6);
    assertThat(positionAfterFlush()).isEqualTo(0);
    first.delivered(1);
    assertThat(positionAfterFlush()).isEqualTo(2);
    first.delivered(3);
    assertThat(positionAfterFlush()).isEqualTo(4);
    first.delivered(5);
    assertThat(positionAfterFlush()).isEqualTo(6);
  }

  @Test
  void shouldResumeFromTheSharedPosition() {
    // given
    LogSubscription first = subscribe("a", lane, a);
    LogSubscription second = subscribe("b", lane, b);
    fixture.engine.logs.appendTogether(
        LongStream.range(0, 6).mapToObj(i -> message("l", "" + i)).toList());
    run();
    first.delivered(3);
    second.delivered(2);
    first.close();
    second.close();

    // when
    subscribe("c", lane, c);
    run();

    // then
    assertThat(c.sequences()).containsExactly(4L, 5L, 6L);
  }

  @Test
  void shouldResumeAfterRestart() {
    // given
    LogSubscription member = subscribe("a", lane, a);
    append(4);
    run();
    member.delivered(3);
    broker.close();

    // when
    broker = fixture.broker(CoreOptions.DEFAULT);
    subscribe("b", lane, b);
    run();

    // then
    assertThat(b.sequences()).containsExactly(4L);
  }

  @Test
  void shouldStartOnceForAllMembers() {
    // given
    append(5);
    List<Runnable> slow = new ArrayList<>();
    fixture.engine.logs.completions = slow::add;
    broker.logs().subscribe(request("a"), lane, a);
    broker.logs().subscribe(request("b"), lane, b);

    // when
    fixture.engine.logs.completions = Runnable::run;
    slow.forEach(Runnable::run);
    run();

    // then
    List<Long> all = new ArrayList<>(a.sequences());
    all.addAll(b.sequences());
    assertThat(all).containsExactlyInAnyOrder(1L, 2L, 3L, 4L, 5L);
    assertThat(fixture.engine.logs.stores()).containsExactly("l/group:g=0");
  }

  @Test
  void shouldRefuseMemberOfTheSameName() {
    // given
    subscribe("a", lane, a);

    // when
    String refusal = refusal(now(broker.logs().subscribe(request("a"), lane, b)));

    // then
    assertThat(refusal).isEqualTo("SUBSCRIBER_EXISTS");
  }

  @Test
  void shouldAdmitMembersWithoutName() {
    // given
    LogSubscribe nameless = new LogSubscribe("l", FIRST, null, "g");

    // when
    now(broker.logs().subscribe(nameless, lane, a)).orThrow();
    now(broker.logs().subscribe(nameless, lane, b)).orThrow();
    fixture.engine.logs.appendTogether(List.of(message("l", "1"), message("l", "2")));
    run();

    // then
    assertThat(a.sequences()).containsExactly(1L);
    assertThat(b.sequences()).containsExactly(2L);
  }

  @Test
  void shouldKeepGroupsAndOthersApart() {
    // given
    subscribe("a", lane, a);
    now(broker.logs().subscribe(new LogSubscribe("l", FIRST, null, "h"), lane, b)).orThrow();
    now(broker.logs().subscribe(new LogSubscribe("l", FIRST, null, null), lane, c)).orThrow();

    // when
    append(3);
    run();

    // then
    assertThat(a.sequences()).isEqualTo(upTo(3));
    assertThat(b.sequences()).isEqualTo(upTo(3));
    assertThat(c.sequences()).isEqualTo(upTo(3));
  }

  @Test
  void shouldGiveTheShareOfAFailingMemberToOthers() {
    // given
    subscribe("a", lane, a);
    subscribe("b", lane, b);
    a.faulty = true;

    // when
    append(1);
    run();

    // then
    assertThat(a.ends).extracting(BrokerError::code).containsExactly(ErrorCode.INTERNAL);
    assertThat(b.sequences()).containsExactly(1L);
  }

  @Test
  void shouldPassOverNothingForPushesThatCannotBeRead() {
    // given
    append(5);
    List<LogRecord> gone = fixture.engine.logs.all("l");
    now(broker.channels().delete(Kind.LOG, "l"));
    subscribe("a", lane, a);
    run();

    // when
    fixture.engine.logs.tell("l", gone.subList(2, 5));
    run();
    int reads = fixture.engine.logs.reads();
    append(3);
    run();

    // then
    assertThat(a.sequences()).containsExactly(1L, 2L, 3L);
    assertThat(fixture.engine.logs.reads() - reads).isLessThanOrEqualTo(3);
  }

  @Test
  void shouldGoOnBehindWhatRetentionRemoved() {
    // given
    LogSubscription leaving = subscribe("a", lane, a);
    append(6);
    run();

    // when
    now(broker.logs().trim("l", 5));
    subscribe("b", lane, b);
    leaving.close();
    append(1);
    run();

    // then
    assertThat(b.sequences()).containsExactly(5L, 6L, 7L);
  }

  @Test
  void shouldGoOnWhenRetentionRemovedEverythingInFlight() {
    // given
    LogSubscription leaving = subscribe("a", lane, a);
    append(6);
    run();

    // when
    now(broker.logs().trim("l", 7));
    LogSubscription staying = subscribe("b", lane, b);
    leaving.close();
    run();
    append(1);
    run();
    staying.delivered(7);
    fixture.timers.advanceMillis(100);

    // then
    assertThat(b.sequences()).containsExactly(7L);
    assertThat(fixture.engine.logs.position("l", "group:g")).hasValue(7);
  }

  @Test
  void shouldEndWhenTheChannelIsDeleted() {
    // given
    subscribe("a", lane, a);
    subscribe("b", otherLane, b);
    append(2);
    run();

    // when
    now(broker.channels().delete(Kind.LOG, "l"));
    run();

    // then
    assertThat(a.ends).extracting(BrokerError::code).containsExactly(ErrorCode.CHANNEL_DELETED);
    assertThat(b.ends).hasSize(1);
    fixture.timers.advanceMillis(100);
    assertThat(fixture.engine.logs.position("l", "group:g")).isEmpty();
  }

  @Test
  void shouldEndAllMembersWhenTheLogCannotBeRead() {
    // given
    append(1);
    fixture.engine.logs.readRefusal = ErrorCode.CORRUPT;

    // when
    subscribe("a", lane, a);
    run();

    // then
    assertThat(a.ends).extracting(BrokerError::code).containsExactly(ErrorCode.CORRUPT);
  }

  @Test
  void shouldServeAMemberThatComesAfterTheLogCouldNotBeRead() {
    // given a group whose only member is about to be told
    append(2);
    fixture.engine.logs.readRefusal = ErrorCode.CORRUPT;
    subscribe("a", lane, a);

    // when
    fixture.engine.logs.readRefusal = null;
    subscribe("b", otherLane, b);
    run();

    // then
    assertThat(a.ends).extracting(BrokerError::code).containsExactly(ErrorCode.CORRUPT);
    assertThat(b.sequences()).isEqualTo(upTo(2));
  }

  @Test
  void shouldReadAgainLaterWhenTheEngineIsOverloaded() {
    // given
    append(3);
    fixture.engine.logs.readRefusal = ErrorCode.OVERLOADED;
    subscribe("a", lane, a);
    run();

    // when
    fixture.engine.logs.readRefusal = null;
    fixture.timers.advanceMillis(100);
    run();

    // then
    assertThat(a.sequences()).isEqualTo(upTo(3));
  }

  @Test
  void shouldHandOnSequencesInOrder() {
    // given
    List<LogRecord> handed = new ArrayList<>();
    subscribe("a", lane, a);

    // when
    for (int i = 0; i < 20; i++) {
      append(3);
      lane.runOne();
    }
    run();

    // then
    a.batches.forEach(handed::addAll);
    assertThat(handed.stream().map(LogRecord::sequence).toList()).isEqualTo(upTo(60));
  }

  private long positionAfterFlush() {
    fixture.timers.advanceMillis(100);
    return fixture.engine.logs.position("l", "group:g").orElseThrow();
  }

  private void run() {
    while (lane.runOne() || otherLane.runOne()) {
      // Each task may hand over more, to either.
    }
  }

  private void append(int count) {
    for (int i = 0; i < count; i++) {
      now(broker.logs().append(message("l", "x"))).orThrow();
    }
  }

  private LogSubscription subscribe(String name, ManualLane where, LogReader listener) {
    return now(broker.logs().subscribe(request(name), where, listener)).orThrow();
  }

  private static LogSubscribe request(String name) {
    return new LogSubscribe("l", FIRST, name, "g");
  }

  private static List<Long> upTo(long last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }
}
