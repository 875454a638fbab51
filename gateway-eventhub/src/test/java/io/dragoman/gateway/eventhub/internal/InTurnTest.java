// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InTurnTest {
  private final List<String> went = new ArrayList<>();
  private boolean ready = true;
  private final InTurn turns = new InTurn(() -> ready);

  /** Keeps its turn until it is done. */
  private InTurn.Waiter waiter(String name) {
    return () -> went.add(name);
  }

  @Test
  void shouldLetThemGoOnOneAfterTheOther() {
    // given
    InTurn.Waiter one = waiter("one");
    InTurn.Waiter two = waiter("two");

    // when
    turns.await(one);
    turns.await(two);

    // then
    assertThat(went).containsExactly("one");
    assertThat(turns.isItsTurn(one)).isTrue();
    assertThat(turns.othersWait()).isTrue();
    turns.await(one);
    assertThat(went).containsExactly("one", "two");
    turns.done(two);
    assertThat(went).containsExactly("one", "two", "one");
  }

  @Test
  void shouldWaitForTheClient() {
    // given
    ready = false;
    turns.await(waiter("one"));
    assertThat(went).isEmpty();

    // when
    ready = true;
    turns.onWritable();

    // then
    assertThat(went).containsExactly("one");
  }

  @Test
  void shouldGiveTheTurnToTheNextWhenOneFails() {
    // given
    ready = false;
    turns.await(
        () -> {
          throw new IllegalStateException("expected");
        });
    turns.await(waiter("two"));
    ready = true;

    // when
    assertThatThrownBy(turns::onWritable).hasMessage("expected");

    // then
    turns.onWritable();
    assertThat(went).containsExactly("two");
  }

  @Test
  void shouldGiveNoTurnsToAClientThatIsGone() {
    ready = false;
    turns.await(waiter("one"));
    turns.close();
    ready = true;
    turns.onWritable();
    turns.await(waiter("two"));

    assertThat(went).isEmpty();
  }
}
