// SPDX-License-Identifier: Apache-2.0
package io.dragoman.testkit;

import static io.dragoman.testkit.Outcomes.eventually;
import static io.dragoman.testkit.Samples.bodies;
import static io.dragoman.testkit.Samples.body;
import static io.dragoman.testkit.Samples.limited;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Call;
import io.dragoman.core.Delivery;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.core.Received;
import io.dragoman.core.RedriveStep;
import io.dragoman.core.Settlement;
import io.dragoman.core.spi.Durability;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Messages that fail too often: where they go, and their way back. */
public abstract class DeadLetterContract extends EngineContract {

  protected DeadLetterContract(EngineFixture fixture, Durability durability) {
    super(fixture, durability);
  }

  @Test
  void shouldDeadLetterAtFirstNackWhenOneDeliveryIsAllowed() {
    // given
    queues.send("q", "a", limited(1, "dead"));
    Delivery delivery = queues.await("q");

    // when
    queues.done(delivery, Settlement.NACK);

    // then
    assertThat(body(queues.await("dead"))).isEqualTo("a");
    queues.assertNothing("q");
  }

  @Test
  void shouldDeadLetterAtSecondNackWhenTwoDeliveriesAreAllowed() {
    // given
    queues.send("q", "a", limited(2, "dead"));
    queues.done(queues.await("q"), Settlement.NACK);
    Delivery second = queues.await("q");
    assertThat(second.message().receiveCount()).isEqualTo(2);
    queues.assertNothing("dead");

    // when
    queues.done(second, Settlement.NACK);

    // then
    assertThat(body(queues.await("dead"))).isEqualTo("a");
    queues.assertNothing("q");
  }

  @Test
  void shouldGiveDeadLetterAttributesOfItsOwn() {
    // given
    QueueSend sent = new QueueSend(Samples.fullMessage("q"), new QueuePolicy(100, 0, 2, "dead"));
    queues.sendBatch(List.of(sent));
    long expiresAt = clock.unixNanos() + Duration.ofSeconds(100).toNanos();
    queues.done(queues.await("q"), Settlement.NACK);
    clock.advance(Duration.ofSeconds(10));

    // when
    queues.done(queues.await("q"), Settlement.NACK);

    // then
    QueueMessage dead = queues.await("dead").message();
    QueueContract.assertSame(dead.message(), sent.message().toBuilder().channel("dead").build());
    assertThat(dead.policy()).isEqualTo(QueuePolicy.NONE);
    assertThat(dead.reRoutedFrom()).isEqualTo("q");
    assertThat(dead.receiveCount()).isEqualTo(1);
    assertThat(dead.sequence()).isEqualTo(1);
    assertThat(dead.timestampNanos()).isEqualTo(clock.unixNanos());
    assertThat(dead.expiresAtNanos()).isEqualTo(expiresAt);
    assertThat(dead.deliverAtNanos()).isZero();
  }

  @Test
  void shouldCountDeadLetterWhereItLeft() {
    // given
    queues.sendBatch(
        List.of(
            Samples.send("q", "a", limited(1, "dead")), Samples.send("q", "b", limited(1, ""))));

    // when
    queues.done(queues.take("q", 2), Settlement.NACK);

    // then
    assertThat(queues.info("q").deadLettered()).isEqualTo(1);
    assertThat(queues.info("q").waiting()).isZero();
    assertThat(queues.info("dead").waiting()).isEqualTo(1);
    assertThat(queues.info("dead").deadLettered()).isZero();
  }

  @Test
  void shouldDiscardWhenThereIsNoDeadLetterQueue() {
    // given
    queues.send("q", "a", limited(2, ""));
    queues.done(queues.await("q"), Settlement.NACK);

    // when
    queues.done(queues.await("q"), Settlement.NACK);

    // then
    queues.assertNothing("q");
    assertThat(queues.info("q").waiting()).isZero();
    assertThat(queues.info("q").inFlight()).isZero();
  }

  @Test
  void shouldDeadLetterWhenLeaseEndsAtLimit() {
    // given
    queues.send("q", "a", limited(2, "dead"));
    queues.done(queues.await("q"), Settlement.NACK);
    assertThat(queues.lease("q", 1, Duration.ofSeconds(5))).hasSize(1);

    // when
    clock.advance(Duration.ofSeconds(6));

    // then
    assertThat(body(queues.await("dead"))).isEqualTo("a");
    queues.assertNothing("q");
  }

  @Test
  void shouldNotCountReleasesAgainstPolicy() {
    // given
    queues.send("q", "a", limited(1, "dead"));

    // when
    for (int i = 0; i < 10; i++) {
      queues.done(queues.await("q"), Settlement.RELEASE);
    }

    // then
    Delivery delivery = queues.await("q");
    assertThat(delivery.message().receiveCount()).isEqualTo(1);
    queues.done(delivery, Settlement.NACK);
    assertThat(body(queues.await("dead"))).isEqualTo("a");
  }

  @Test
  void shouldDeliverDeadLettersWithoutLimit() {
    // given
    queues.send("q", "a", limited(1, "dead"));
    queues.done(queues.await("q"), Settlement.NACK);

    for (int i = 1; i <= 20; i++) {
      // when
      Delivery delivery = queues.await("dead");

      // then
      assertThat(delivery.message().receiveCount()).isEqualTo(i);
      assertThat(delivery.message().reRoutedFrom()).isEqualTo("q");
      queues.done(delivery, Settlement.NACK);
    }
  }

  @Test
  void shouldKeepOrderAmongDeadLetters() {
    // given
    for (String body : List.of("a", "b", "c")) {
      queues.send("q", body, limited(1, "dead"));
    }

    // when
    queues.done(queues.take("q", 3), Settlement.NACK);

    // then
    assertThat(bodies(queues.await("dead", 3))).containsExactly("a", "b", "c");
  }

  @Test
  void shouldWakeReceiverOfDeadLetterQueue() {
    // given
    queues.send("q", "a", limited(1, "dead"));
    Call<Received> call = queues.waiting("dead", 1, Duration.ofSeconds(60));

    // when
    queues.done(queues.await("q"), Settlement.NACK);

    // then
    assertThat(bodies(Outcomes.ok(call.result()).deliveries())).containsExactly("a");
  }

  @Test
  void shouldDeadLetterAtServerLimitWhenNacked() {
    // given
    limitDeliveries("q", 2, "server dead");
    queues.send("q", "a");
    queues.done(queues.await("q"), Settlement.NACK);

    // when
    queues.done(queues.await("q"), Settlement.NACK);

    // then
    QueueMessage dead = queues.await("server dead").message();
    assertThat(body(dead)).isEqualTo("a");
    assertThat(dead.reRoutedFrom()).isEqualTo("q");
    assertThat(dead.receiveCount()).isEqualTo(1);
    queues.assertNothing("q");
  }

  @Test
  void shouldCountReleasedDeliveriesAgainstServerLimit() {
    // given
    limitDeliveries("q", 3, "server dead");
    queues.sendAll("q", "poison", "fine");
    for (int i = 0; i < 3; i++) {
      Delivery delivery = queues.await("q");
      assertThat(body(delivery)).isEqualTo("poison");

      // when
      queues.done(delivery, Settlement.RELEASE);
    }

    // then
    assertThat(body(queues.await("q"))).isEqualTo("fine");
    QueueMessage dead = queues.await("server dead").message();
    assertThat(body(dead)).isEqualTo("poison");
    assertThat(dead.reRoutedFrom()).isEqualTo("q");
    assertThat(dead.receiveCount()).isEqualTo(1);
    queues.assertNothing("q");
  }

  @Test
  void shouldNotCountWhatNeverLeftTheBroker() {
    // given
    limitDeliveries("q", 2, "server dead");
    queues.send("q", "a");

    // when
    for (int i = 0; i < 5; i++) {
      queues.done(queues.await("q"), Settlement.PUT_BACK);
    }

    // then
    assertThat(queues.await("q").message().receiveCount()).isEqualTo(1);
    queues.assertNothing("server dead");
  }

  @Test
  void shouldDiscardAtServerLimitWithoutDeadLetterQueue() {
    // given
    limitDeliveries("q", 2, "");
    queues.send("q", "a");

    // when
    queues.done(queues.await("q"), Settlement.RELEASE);
    queues.done(queues.await("q"), Settlement.NACK);

    // then
    queues.assertNothing("q");
    eventually(() -> assertThat(queues.info("q").waiting()).isZero());
  }

  @Test
  void shouldFollowPolicyWhenItsLimitIsReachedBeforeServers() {
    // given
    limitDeliveries("q", 5, "server dead");
    queues.send("q", "a", limited(1, "own dead"));

    // when
    queues.done(queues.await("q"), Settlement.NACK);

    // then
    assertThat(body(queues.await("own dead"))).isEqualTo("a");
    queues.assertNothing("server dead");
  }

  @Test
  void shouldReturnDeadLettersToWhereTheyCameFrom() {
    // given
    queues.sendBatch(
        List.of(
            Samples.send("q", "a", limited(1, "dead")),
            Samples.send("r", "b", limited(1, "dead")),
            Samples.send("q", "c", limited(1, "dead"))));
    queues.done(queues.take("q", 2), Settlement.NACK);
    queues.done(queues.await("r"), Settlement.NACK);

    // when
    int returned = queues.redrive("dead", 100);

    // then
    assertThat(returned).isEqualTo(3);
    assertThat(bodies(queues.await("q", 2))).containsExactly("a", "c");
    assertThat(bodies(queues.await("r", 1))).containsExactly("b");
    queues.assertNothing("dead");
    assertThat(queues.redrive("dead", 100)).isZero();
  }

  @Test
  void shouldReturnOldestDeadLettersFirstAndNoMoreThanAsked() {
    // given
    for (String body : List.of("a", "b", "c")) {
      queues.send("q", body, limited(1, "dead"));
    }
    queues.done(queues.take("q", 3), Settlement.NACK);

    // when
    int returned = queues.redrive("dead", 2);

    // then
    assertThat(returned).isEqualTo(2);
    assertThat(queues.waitingBodies("q")).containsExactly("a", "b");
    assertThat(queues.waitingBodies("dead")).containsExactly("c");
  }

  @Test
  void shouldLeaveMessagesThatAreNoDeadLetters() {
    // given
    queues.send("dead", "sent here");
    queues.send("q", "a", limited(1, "dead"));
    queues.done(queues.await("q"), Settlement.NACK);
    queues.send("dead", "sent here too");

    // when
    int returned = queues.redrive("dead", 1);

    // then
    assertThat(returned).isEqualTo(1);
    assertThat(queues.waitingBodies("dead")).containsExactly("sent here", "sent here too");
    assertThat(queues.waitingBodies("q")).containsExactly("a");
  }

  @Test
  void shouldLeaveDeadLettersThatSomebodyHolds() {
    // given
    queues.send("q", "a", limited(1, "dead"));
    queues.send("q", "b", limited(1, "dead"));
    queues.done(queues.take("q", 2), Settlement.NACK);
    Delivery held = queues.await("dead");

    // when
    int returned = queues.redrive("dead", 10);

    // then
    assertThat(returned).isEqualTo(1);
    assertThat(queues.waitingBodies("q")).containsExactly("b");
    queues.done(held, Settlement.ACK);
  }

  @Test
  void shouldReturnDeadLetterAsFreshMessage() {
    // given
    queues.send("q", "a", new QueuePolicy(100, 0, 1, "dead"));
    long expiresAt = clock.unixNanos() + Duration.ofSeconds(100).toNanos();
    queues.done(queues.await("q"), Settlement.NACK);
    queues.done(queues.await("dead"), Settlement.NACK);
    clock.advance(Duration.ofSeconds(10));

    // when
    assertThat(queues.redrive("dead", 1)).isEqualTo(1);

    // then
    QueueMessage message = queues.await("q").message();
    assertThat(body(message)).isEqualTo("a");
    assertThat(message.message().channel()).isEqualTo("q");
    assertThat(message.receiveCount()).isEqualTo(1);
    assertThat(message.reRoutedFrom()).isEmpty();
    assertThat(message.sequence()).isEqualTo(2);
    assertThat(message.timestampNanos()).isEqualTo(clock.unixNanos());
    assertThat(message.expiresAtNanos()).isEqualTo(expiresAt);
  }

  @Test
  void shouldGiveReturnedDeadLetterItsPolicyBack() {
    // given
    queues.send("q", "a", new QueuePolicy(100, 5, 1, "dead"));
    clock.advance(Duration.ofSeconds(5));
    queues.done(queues.await("q"), Settlement.NACK);
    eventually(() -> assertThat(queues.info("dead").waiting()).isEqualTo(1));

    // when
    assertThat(queues.redrive("dead", 1)).isEqualTo(1);

    // then
    Delivery delivery = queues.await("q");
    assertThat(delivery.message().policy()).isEqualTo(new QueuePolicy(100, 0, 1, "dead"));
    queues.done(delivery, Settlement.NACK);
    assertThat(queues.await("dead").message().reRoutedFrom()).isEqualTo("q");
  }

  @Test
  void shouldForgetOriginOfDeadLetterThatIsMovedElsewhere() {
    // given
    queues.send("q", "a", limited(1, "dead"));
    queues.done(queues.await("q"), Settlement.NACK);

    // when
    queues.done(queues.await("dead"), new Settlement.MoveTo("elsewhere"));

    // then
    QueueMessage message = queues.await("elsewhere").message();
    assertThat(message.reRoutedFrom()).isEmpty();
    assertThat(message.receiveCount()).isEqualTo(1);
  }

  @Test
  void shouldWakeReceiverWhenDeadLettersReturn() {
    // given
    queues.send("q", "a", limited(1, "dead"));
    queues.done(queues.await("q"), Settlement.NACK);
    Call<Received> call = queues.waiting("q", 1, Duration.ofSeconds(60));

    // when
    assertThat(queues.redrive("dead", 1)).isEqualTo(1);

    // then
    assertThat(bodies(Outcomes.ok(call.result()).deliveries())).containsExactly("a");
  }

  @Test
  void shouldRefuseToReturnFromUnknownQueue() {
    // when
    ErrorCode refusal =
        Outcomes.refusal(queues.store().redrive("never seen", RedriveStep.ofAtMost(10)));

    // then
    assertThat(refusal).isEqualTo(ErrorCode.NOT_FOUND);
  }
}
