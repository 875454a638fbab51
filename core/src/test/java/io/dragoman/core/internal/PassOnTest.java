// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import static io.dragoman.core.internal.Fixture.isDone;
import static io.dragoman.core.internal.Fixture.message;
import static io.dragoman.core.internal.Fixture.now;
import static io.dragoman.core.internal.Fixture.refusal;
import static io.dragoman.core.internal.Fixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.CoreOptions;
import io.dragoman.core.Dispatch.Destination;
import io.dragoman.core.EventBatch;
import io.dragoman.core.Kind;
import io.dragoman.core.LogAppend;
import io.dragoman.core.LogPosition;
import io.dragoman.core.Message;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.Result;
import io.dragoman.core.SendReceipt;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What logs are given, for live subscribers of events (ruling 14). */
final class PassOnTest {
  private static final CoreOptions WANTED =
      CoreOptions.DEFAULT.toBuilder().logToEvents(true).build();

  private final ManualLane lane = new ManualLane();
  private final List<Message> heard = new ArrayList<>();
  private final List<String> onlyEvents = new ArrayList<>();
  private Fixture fixture = new Fixture(WANTED);

  private void listen(String pattern) {
    fixture
        .broker
        .events()
        .subscribe(ChannelFilter.dotted(pattern), null, lane, this::hear)
        .orThrow();
  }

  private void hear(EventBatch batch) {
    heard.addAll(batch.events());
    batch.notInLog().forEach(each -> onlyEvents.add(text(each)));
  }

  @Test
  void shouldKeepEventsAndLogsApartUnlessToldOtherwise() {
    // given
    fixture = new Fixture();
    listen(">");

    // when
    now(fixture.broker.logs().append(message("a", "1"))).orThrow();
    now(dispatch(new Destination(Kind.LOG, "a"))).orThrow();
    lane.run();

    // then
    assertThat(heard).isEmpty();
  }

  @Test
  void shouldPassOnWhatIsAppendedInItsOrder() {
    // given
    listen("a.*");

    // when
    now(fixture.broker.logs().append(message("a.b", "1"))).orThrow();
    now(fixture.broker.events().publish(message("a.b", "2"))).orThrow();
    now(fixture.broker.logs().append(new LogAppend(message("a.b", "3"), 4711, 60))).orThrow();
    now(fixture.broker.logs().append(message("c", "4"))).orThrow();
    lane.run();

    // then
    assertThat(heard).extracting(Fixture::text).containsExactly("1", "2", "3");
    assertThat(heard).extracting(Message::id).containsExactly("id-1", "id-2", "id-3");
    assertThat(heard).extracting(Message::alsoInLog).containsExactly(true, false, true);
    assertThat(onlyEvents).containsExactly("2");
    assertThat(fixture.counted("dragoman_messages_in_total", "kind", "events")).isEqualTo(1);
  }

  @Test
  void shouldPassOnTheIdThatTheLogHas() {
    // given
    listen("a");

    // when
    now(fixture.broker.logs().append(Message.builder().channel("a").build())).orThrow();
    lane.run();

    // then
    assertThat(heard).singleElement().satisfies(each -> assertThat(each.id()).hasSize(36));
  }

  @Test
  void shouldPassOnNothingThatWasNotStored() {
    // given
    listen("a");
    Fixture small = new Fixture(WANTED.toBuilder().channelsMax(1).build());
    small.broker.events().subscribe(ChannelFilter.dotted(">"), null, lane, this::hear).orThrow();

    // when
    now(small.broker.logs().append(message("a", "1"))).orThrow();
    String refused = refusal(now(small.broker.logs().append(message("b", "2"))));
    lane.run();

    // then
    assertThat(refused).isEqualTo("TOO_MANY_CHANNELS");
    assertThat(heard).extracting(Fixture::text).containsExactly("1");
  }

  @Test
  void shouldLetTheSenderWaitUntilThereIsRoom() {
    // given
    fixture = new Fixture(WANTED.toBuilder().laneQueueBytesMax(1).build());
    listen("a");

    // when
    CompletionStage<Result<LogPosition>> append = fixture.broker.logs().append(message("a", "1"));

    // then
    assertThat(isDone(append)).isFalse();
    lane.run();
    assertThat(now(append).orThrow().sequence()).isEqualTo(1);
    assertThat(heard).hasSize(1);
  }

  @Test
  void shouldStillSayThatItIsStoredWhenEventsHaveEnded() {
    // given
    listen("a");
    fixture.broker.close();

    // when, then
    assertThat(now(fixture.broker.logs().append(message("a", "1"))).isOk()).isTrue();
    lane.run();
    assertThat(heard).isEmpty();
  }

  @Test
  void shouldPassOnWhatIsSentToLogsAmongOthersOnceItIsStored() {
    // given
    listen(">");
    CompletableFuture<Result<List<SendReceipt>>> commit = new CompletableFuture<>();
    fixture.engine.commitOutcome = commit;

    // when
    CompletionStage<Result<List<SendReceipt>>> dispatch =
        dispatch(new Destination(Kind.LOG, "l"), new Destination(Kind.QUEUE, "q"));
    lane.run();
    assertThat(heard).isEmpty();
    commit.complete(Result.ok(receipts(2)));
    lane.run();

    // then
    assertThat(now(dispatch).orThrow()).hasSize(2);
    assertThat(heard).extracting(Message::channel).containsExactly("l");
    assertThat(onlyEvents).isEmpty();
  }

  @Test
  void shouldSayOnceWhatIsSentToTheLogAndTheEventsOfOneName() {
    for (boolean wanted : new boolean[] {true, false}) {
      // given
      heard.clear();
      fixture = new Fixture(wanted ? WANTED : CoreOptions.DEFAULT);
      listen(">");
      fixture.engine.commitOutcome = CompletableFuture.completedFuture(Result.ok(receipts(1)));

      // when
      now(dispatch(
              new Destination(Kind.EVENTS, "other"),
              new Destination(Kind.EVENTS, "l"),
              new Destination(Kind.LOG, "l")))
          .orThrow();
      lane.run();

      // then whoever hears the log as well can tell
      assertThat(heard).extracting(Message::channel).containsExactly("other", "l");
      assertThat(heard).extracting(Message::alsoInLog).containsExactly(false, true);
    }
  }

  private static List<SendReceipt> receipts(int count) {
    return Stream.generate(() -> new SendReceipt("id", 1, 0, 0)).limit(count).toList();
  }

  private CompletionStage<Result<List<SendReceipt>>> dispatch(Destination... destinations) {
    return fixture
        .broker
        .dispatch()
        .dispatch(message("", "1"), QueuePolicy.NONE, List.of(destinations));
  }
}
