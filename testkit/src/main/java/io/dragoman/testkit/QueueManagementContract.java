// SPDX-License-Identifier: Apache-2.0
package io.dragoman.testkit;

import static io.dragoman.testkit.Samples.body;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.dragoman.core.DelayedMessage;
import io.dragoman.core.DelayedPage;
import io.dragoman.core.Delivery;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.QueueInfo;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueuePage;
import io.dragoman.core.Receipt;
import io.dragoman.core.RedriveStep;
import io.dragoman.core.Redriven;
import io.dragoman.core.Settled;
import io.dragoman.core.Settlement;
import io.dragoman.core.Subscription;
import io.dragoman.core.spi.Durability;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a person does with queues, page by page and step by step. */
public abstract class QueueManagementContract extends EngineContract {

  protected QueueManagementContract(EngineFixture fixture, Durability durability) {
    super(fixture, durability);
  }

  @Test
  void shouldBrowsePageByPageWithoutTaking() {
    // given
    queues.sendAll("q", "a", "b", "c", "d", "e");
    QueueInfo before = queues.info("q");

    // when
    QueuePage first = queues.browse("q", 0, 2);
    QueuePage second = queues.browse("q", first.next(), 2);
    QueuePage third = queues.browse("q", second.next(), 2);

    // then
    assertThat(bodies(first)).containsExactly("a", "b");
    assertThat(bodies(second)).containsExactly("c", "d");
    assertThat(bodies(third)).containsExactly("e");
    assertThat(third.next()).isZero();
    assertThat(first.messages().get(1).sequence()).isEqualTo(2);
    assertThat(queues.info("q")).isEqualTo(before);
    assertThat(queues.take("q", 5)).hasSize(5);
  }

  @Test
  void shouldLeaveOutWhatIsHeldExpiredOrDelayed() {
    // given
    queues.send("q", "expires", Samples.expiring(1));
    queues.sendAll("q", "held", "waits");
    queues.send("q", "delayed", Samples.delayed(100));
    clock.advance(Duration.ofSeconds(2));
    Delivery held = queues.await("q");

    // when
    QueuePage page = queues.browse("q", 0, 10);

    // then
    assertThat(body(held)).isEqualTo("held");
    assertThat(bodies(page)).containsExactly("waits");
    assertThat(page.next()).isZero();
  }

  @Test
  void shouldTellHowOftenBrowsedMessagesWereHandedOut() {
    // given
    queues.send("q", "a");
    assertThat(queues.browse("q", 0, 1).messages().get(0).receiveCount()).isZero();

    // when
    queues.done(queues.await("q"), Settlement.NACK);
    queues.done(queues.await("q"), Settlement.NACK);

    // then
    QueueMessage message = queues.browse("q", 0, 1).messages().get(0);
    assertThat(message.receiveCount()).isEqualTo(2);
    assertThat(message.sequence()).isEqualTo(3);
  }

  @Test
  void shouldBrowseFromAnywhereAndBehindTheEnd() {
    // given
    queues.sendAll("q", "a", "b", "c");
    queues.done(queues.await("q"), Settlement.ACK);

    // when, then
    assertThat(bodies(queues.browse("q", 1, 10))).containsExactly("b", "c");
    assertThat(bodies(queues.browse("q", 3, 10))).containsExactly("c");
    assertThat(queues.browse("q", 4, 10)).isEqualTo(new QueuePage(List.of(), 0));
    assertThat(queues.browse("q", Long.MAX_VALUE, 10)).isEqualTo(new QueuePage(List.of(), 0));
  }

  @Test
  void shouldBoundAPageInBytes() {
    // given
    String large = "x".repeat(10_000);
    queues.sendAll("q", large, large, large);

    long oneAndAHalf = queues.info("q").bytes() / 2;

    // when
    QueuePage page = Outcomes.ok(queues.store().browse("q", 0, 10, oneAndAHalf));

    // then
    assertThat(page.messages()).hasSize(2);
    assertThat(page.next()).isEqualTo(3);
  }

  @Test
  void shouldRefuseToBrowseUnknownQueue() {
    // given
    Outcomes.ok(engine().channels().create(Kind.QUEUE, "empty"));

    // when, then
    assertThat(Outcomes.refusal(queues.store().browse("never seen", 0, 1, 1)))
        .isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(queues.browse("empty", 0, 1)).isEqualTo(new QueuePage(List.of(), 0));
  }

  @Test
  void shouldShowWhatEntersAQueueWithoutTakingIt() {
    // given
    queues.send("q", "before");
    List<String> seen = new CopyOnWriteArrayList<>();
    Subscription watch =
        queues.store().watch("q", message -> seen.add(message.sequence() + " " + body(message)));
    Subscription other = queues.store().watch("never seen", message -> seen.add("wrong"));

    // when
    queues.sendAll("q", "a", "b");
    queues.send("other", "no");
    queues.send("q", "late", Samples.delayed(10));
    clock.advance(Duration.ofSeconds(11));
    queues.await("q", 4);

    // then
    Outcomes.eventually(() -> assertThat(seen).containsExactly("2 a", "3 b", "4 late"));

    // when
    watch.close();
    other.close();
    queues.send("q", "after");

    // then
    assertThat(bodies(queues.browse("q", 0, 10))).containsExactly("after");
    assertThat(seen).hasSize(3);
  }

  @Test
  void shouldWatchAQueueOverItsDeletion() {
    // given
    List<String> seen = new CopyOnWriteArrayList<>();
    Subscription watch = queues.store().watch("q", message -> seen.add(body(message)));
    queues.send("q", "a");
    Outcomes.ok(engine().channels().delete(Kind.QUEUE, "q"));

    // when
    queues.send("q", "b");

    // then
    Outcomes.eventually(() -> assertThat(seen).containsExactly("a", "b"));
    watch.close();
  }

  @Test
  void shouldListDelayedPageByPage() {
    // given
    for (int i = 1; i <= 5; i++) {
      queues.send("q", "message " + i, Samples.delayed(i < 4 ? 10 : 20));
      queues.send("other", "message " + i, Samples.delayed(10));
    }

    // when
    List<DelayedMessage> first = delayed(null, 2);
    Receipt after = first.get(1).handle();
    Outcomes.ok(queues.store().cancelDelayed(after));
    List<DelayedMessage> rest = delayed(after, 10);

    // then
    assertThat(first)
        .extracting(each -> body(each.message()))
        .containsExactly("message 1", "message 2");
    assertThat(rest)
        .extracting(each -> body(each.message()))
        .containsExactly("message 3", "message 4", "message 5");
    assertThat(delayed(rest.get(2).handle(), 10)).isEmpty();
  }

  @Test
  void shouldSayWhereTheListOfDelayedGoesOn() {
    // given
    for (int i = 1; i <= 4; i++) {
      queues.send("q", "message " + i, Samples.delayed(10));
    }

    // when
    DelayedPage first = Outcomes.ok(queues.store().delayed("q", null, 2, 1 << 20));
    DelayedPage last = Outcomes.ok(queues.store().delayed("q", first.next(), 2, 1 << 20));

    // then
    assertThat(first.next()).isEqualTo(first.messages().get(1).handle());
    assertThat(last.messages())
        .extracting(each -> body(each.message()))
        .containsExactly("message 3", "message 4");
    assertThat(last.next()).isNull();
  }

  @Test
  void shouldBoundAPageOfDelayedInBytes() {
    // given
    String large = "x".repeat(10_000);
    for (int i = 1; i <= 5; i++) {
      queues.send("q", large, Samples.delayed(10));
    }

    // when
    DelayedPage first = Outcomes.ok(queues.store().delayed("q", null, 1_000, 30_000));
    DelayedPage second = Outcomes.ok(queues.store().delayed("q", first.next(), 1_000, 1));
    DelayedPage third = Outcomes.ok(queues.store().delayed("q", second.next(), 1_000, 30_000));

    // then
    assertThat(first.messages()).hasSize(2);
    assertThat(second.messages()).as("at least one").hasSize(1);
    assertThat(third.messages()).hasSize(2);
    assertThat(third.next()).isNull();
  }

  @Test
  void shouldRefuseToListDelayedBehindForeignHandle() {
    // given
    queues.send("q", "a", Samples.delayed(10));
    queues.send("other", "a", Samples.delayed(10));
    Receipt foreign = queues.delayed("other").get(0).handle();

    // when, then
    assertThat(Outcomes.refusal(queues.store().delayed("q", foreign, 1, 1_000)))
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(Outcomes.refusal(queues.store().delayed("q", Receipt.of(new byte[3]), 1, 1_000)))
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void shouldReturnDeadLettersInStepsThroughToTheEndOfTheFirst() {
    // given
    deadLetters("q", "a", "b", "c");
    queues.send("dead", "no dead letter");
    deadLetters("r", "d", "e");

    // when
    Redriven first = queues.redrive("dead", new RedriveStep(0, 0, 2, false));
    Redriven second = queues.redrive("dead", step(first, first, false));
    deadLetters("s", "later");
    Redriven third = queues.redrive("dead", step(second, first, false));

    // then
    assertThat(List.of(first.moved(), second.moved(), third.moved())).containsExactly(2, 2, 1);
    assertThat(first.origins()).containsExactly(entry("q", 2));
    assertThat(second.origins()).containsOnly(entry("q", 1), entry("r", 1));
    assertThat(third.next()).isZero();
    assertThat(queues.waitingBodies("q")).containsExactly("a", "b", "c");
    assertThat(queues.waitingBodies("r")).containsExactly("d", "e");
    assertThat(queues.waitingBodies("dead")).containsExactly("no dead letter", "later");
  }

  @Test
  void shouldOnlyTellInADryRunWhatItWouldReturn() {
    // given
    deadLetters("q", "a", "b", "c", "d");
    queues.send("dead", "no dead letter");
    Delivery held = queues.await("dead");
    QueueInfo before = queues.info("dead");

    // when
    Redriven some = queues.redrive("dead", new RedriveStep(0, 0, 2, true));
    Redriven rest = queues.redrive("dead", step(some, some, true));

    // then
    assertThat(body(held)).isEqualTo("a");
    assertThat(some.moved()).isEqualTo(2);
    assertThat(rest.moved()).isEqualTo(1);
    assertThat(rest.origins()).containsExactly(entry("q", 1));
    assertThat(rest.next()).isZero();
    assertThat(queues.info("dead")).isEqualTo(before);
    assertThat(queues.waitingBodies("q")).isEmpty();
    assertThat(queues.redrive("dead", 10)).isEqualTo(3);
  }

  @Test
  void shouldEndAStepThatFindsNothingAndGoOnBehindIt() {
    // given more than one step looks at, and a dead letter behind
    List<String> many = new ArrayList<>();
    for (int i = 0; i < 10_500; i++) {
      many.add("message");
    }
    queues.sendAll("dead", many.toArray(String[]::new));
    deadLetters("q", "last");

    // when
    Redriven first = queues.redrive("dead", new RedriveStep(0, 0, 10, false));
    Redriven second = queues.redrive("dead", step(first, first, false));

    // then
    assertThat(first.moved()).isZero();
    assertThat(first.next()).isPositive();
    assertThat(second.moved()).isEqualTo(1);
    assertThat(second.next()).isZero();
  }

  @Test
  void shouldKeepNothingOfADeletedQueueThatWasHeldBack() {
    // given
    List<String> many = new ArrayList<>();
    for (int i = 0; i < 2_500; i++) {
      many.add("message");
    }
    for (String each : many) {
      queues.send("q", each, Samples.delayed(1_000));
    }
    DelayedMessage one = queues.delayed("q").get(0);

    // when
    Outcomes.ok(engine().channels().delete(Kind.QUEUE, "q"));

    // then
    assertThat(Outcomes.ok(queues.store().deliverNow(one.handle()))).isEqualTo(Settled.STALE);
    queues.send("q", "anew", Samples.delayed(10));
    assertThat(queues.delayedMessages("q").map(Samples::body)).containsExactly("anew");
    clock.advance(Duration.ofSeconds(2_000));
    assertThat(body(queues.await("q"))).isEqualTo("anew");
    queues.assertNothing("q");
  }

  private static RedriveStep step(Redriven before, Redriven first, boolean dryRun) {
    return new RedriveStep(before.next(), first.through(), 2, dryRun);
  }

  private List<DelayedMessage> delayed(@Nullable Receipt after, int max) {
    return Outcomes.ok(queues.store().delayed("q", after, max, 1 << 20)).messages();
  }

  private void deadLetters(String queue, String... bodies) {
    for (String body : bodies) {
      queues.send(queue, body, Samples.limited(1, "dead"));
      queues.done(queues.await(queue), Settlement.NACK);
    }
  }

  private static List<String> bodies(QueuePage page) {
    return page.messages().stream().map(Samples::body).toList();
  }
}
