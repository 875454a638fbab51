// SPDX-License-Identifier: Apache-2.0
package io.dragoman.testkit;

import static io.dragoman.testkit.Outcomes.ok;
import static io.dragoman.testkit.Outcomes.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.Result;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.KeyValueStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Keys: values, lifetimes, order, and what is there again after a stop. */
public abstract class KeyValueContract extends EngineContract {

  /** How an engine ends. */
  enum End {
    CLOSE,
    KILL
  }

  protected KeyValueContract(EngineFixture fixture, Durability durability) {
    super(fixture, durability);
  }

  @Test
  void shouldGiveWhatWasSet() {
    // given
    set("a", "1");
    set("b", "2");

    // when / then
    assertThat(get("a")).hasValue("1");
    assertThat(get("b")).hasValue("2");
    assertThat(get("c")).isEmpty();
  }

  @Test
  void shouldTakeAnyKey() {
    List<String> odd = new ArrayList<>(Samples.ODD_NAMES);
    odd.addAll(List.of("", " ", "k", "x"));
    odd.forEach(this::shouldTakeKey);
  }

  private void shouldTakeKey(String key) {
    // when
    set(key, "value");
    set(key + "a", "other");

    // then
    assertThat(get(key)).hasValue("value");
    assertThat(delete(key)).isTrue();
    assertThat(get(key)).isEmpty();
    assertThat(get(key + "a")).hasValue("other");
  }

  @Test
  void shouldKeepValuesOfAnySize() {
    // given
    byte[] large = new byte[3 << 20];
    new Random(7).nextBytes(large);
    ok(keys().set("large", large.clone(), 0));
    set("empty", "");

    // when / then
    assertThat(ok(keys().get("large"))).hasValue(large);
    assertThat(get("empty")).hasValue("");
  }

  @Test
  void shouldPutAValueInPlaceOfTheOneBefore() {
    // given
    set("a", "1");

    // when
    set("a", "2");

    // then
    assertThat(get("a")).hasValue("2");
    assertThat(delete("a")).isTrue();
    assertThat(get("a")).isEmpty();
  }

  @Test
  void shouldTellWhetherThereWasAKeyToDelete() {
    // given
    set("a", "1");

    // when / then
    assertThat(delete("b")).isFalse();
    assertThat(delete("a")).isTrue();
    assertThat(delete("a")).isFalse();
  }

  @Test
  void shouldHaveNothingToDoWithChannelsOfTheSameName() {
    // given
    set("orders", "1");
    queues.send("orders", "message");

    // when
    ok(engine().channels().delete(Kind.QUEUE, "orders"));

    // then
    assertThat(get("orders")).hasValue("1");
  }

  @Test
  void shouldMakeChangesOfAKeyInTheirOrder() {
    // given
    List<CompletionStage<Result<Boolean>>> calls = new ArrayList<>();

    // when
    for (int i = 1; i <= 300; i++) {
      calls.add(keys().set("a", bytes("set " + i), 0));
      calls.add(keys().delete("a"));
      calls.add(keys().delete("a"));
      calls.add(keys().set("a", bytes("again " + i), 0));
    }

    // then
    for (int i = 0; i < calls.size(); i++) {
      assertThat(ok(calls.get(i))).as("call " + i).isEqualTo(i % 4 != 2);
    }
    assertThat(get("a")).hasValue("again 300");
  }

  @Test
  void shouldShowAChangeToEveryCallAfterItsAnswer() {
    for (int i = 0; i < 200; i++) {
      String key = "key " + i % 20;
      set(key, Integer.toString(i));
      assertThat(get(key)).hasValue(Integer.toString(i));
      if (i % 3 == 0) {
        assertThat(delete(key)).isTrue();
        assertThat(get(key)).isEmpty();
      }
    }
  }

  @Test
  void shouldShowNoOlderValueAfterANewerOne() {
    // given
    int last = 300;
    set("a", "0");
    CompletableFuture<Integer> shown =
        CompletableFuture.supplyAsync(
            () -> {
              int newest = 0;
              while (newest < last) {
                int value = Integer.parseInt(get("a").orElseThrow());
                assertThat(value).isGreaterThanOrEqualTo(newest);
                newest = value;
              }
              return newest;
            });

    // when
    List<CompletionStage<Result<Boolean>>> calls = new ArrayList<>();
    for (int i = 1; i <= last; i++) {
      calls.add(keys().set("a", bytes(Integer.toString(i)), 0));
    }

    // then
    calls.forEach(Outcomes::ok);
    assertThat(Outcomes.of(shown)).isEqualTo(last);
  }

  @Test
  void shouldForgetAKeyWhenItsTimeIsOver() {
    // given
    set("short", "1", 10);
    set("long", "2", 20);
    set("endless", "3", 0);

    // when
    clock.advance(Duration.ofMillis(9_999));
    assertThat(get("short")).hasValue("1");
    clock.advance(Duration.ofMillis(1));

    // then
    assertThat(get("short")).isEmpty();
    assertThat(delete("short")).isFalse();
    assertThat(get("long")).hasValue("2");
    clock.advance(Duration.ofDays(10_000));
    assertThat(get("long")).isEmpty();
    assertThat(get("endless")).hasValue("3");
  }

  @Test
  void shouldForgetALifetimeWithItsValue() {
    // given
    set("longer", "1", 10);
    set("endless", "1", 10);
    set("shorter", "1", 0);
    set("deleted", "1", 10);

    // when
    set("longer", "2", 60);
    set("endless", "2", 0);
    set("shorter", "2", 5);
    delete("deleted");
    set("deleted", "2", 0);
    clock.advance(Duration.ofSeconds(10));

    // then
    assertThat(get("longer")).hasValue("2");
    assertThat(get("endless")).hasValue("2");
    assertThat(get("shorter")).isEmpty();
    assertThat(get("deleted")).hasValue("2");
    clock.advance(Duration.ofSeconds(50));
    assertThat(get("longer")).isEmpty();
  }

  @Test
  void shouldSetAKeyAgainWhoseTimeIsOver() {
    // given
    set("a", "1", 1);
    clock.advance(Duration.ofSeconds(1));

    // when
    set("a", "2", 1);

    // then
    assertThat(get("a")).hasValue("2");
    clock.advance(Duration.ofSeconds(1));
    assertThat(get("a")).isEmpty();
  }

  @Test
  void shouldTakeTheLongestLifetimeThereIs() {
    // when
    set("a", "1", Long.MAX_VALUE);
    clock.advance(Duration.ofDays(30_000));

    // then
    assertThat(get("a")).hasValue("1");
  }

  @Test
  void shouldKeepKeysOverARestart() {
    keepKeys(End.CLOSE);
  }

  @Test
  void shouldKeepKeysOverAKill() {
    keepKeys(End.KILL);
  }

  private void keepKeys(End end) {
    // given
    set("kept", "1");
    set("changed", "1");
    set("changed", "2");
    set("gone", "1");
    delete("gone");

    // when
    end(end);

    // then
    assertThat(get("kept")).hasValue("1");
    assertThat(get("changed")).hasValue("2");
    assertThat(get("gone")).isEmpty();
    assertThat(delete("gone")).isFalse();
    assertThat(delete("kept")).isTrue();
    end(end);
    assertThat(get("kept")).isEmpty();
    assertThat(get("changed")).hasValue("2");
  }

  @Test
  void shouldKeepLifetimesOverARestart() {
    keepLifetimes(End.CLOSE);
  }

  @Test
  void shouldKeepLifetimesOverAKill() {
    keepLifetimes(End.KILL);
  }

  private void keepLifetimes(End end) {
    // given
    set("before", "1", 10);
    set("after", "2", 30);
    set("endless", "3", 0);
    clock.advance(Duration.ofSeconds(5));

    // when
    end(end);

    // then
    assertThat(get("before")).hasValue("1");
    clock.advance(Duration.ofSeconds(5));
    assertThat(get("before")).isEmpty();
    assertThat(get("after")).hasValue("2");
    clock.advance(Duration.ofSeconds(20));
    end(end);
    assertThat(get("before")).isEmpty();
    assertThat(get("after")).isEmpty();
    assertThat(get("endless")).hasValue("3");
  }

  @Test
  void shouldRefuseWhenStopped() {
    // given
    set("a", "1");
    KeyValueStore stopped = keys();

    // when
    engine().close(Duration.ofSeconds(10));

    // then
    assertThat(refusal(stopped.get("a"))).isEqualTo(ErrorCode.SHUTTING_DOWN);
    assertThat(refusal(stopped.set("a", bytes("2"), 0))).isEqualTo(ErrorCode.SHUTTING_DOWN);
    assertThat(refusal(stopped.delete("a"))).isEqualTo(ErrorCode.SHUTTING_DOWN);
    restart();
    assertThat(get("a")).hasValue("1");
  }

  /** Against a map with times. */
  @Test
  void shouldDoWhatAMapDoes() {
    for (long seed = 1; seed <= 3; seed++) {
      doWhatAMapDoes(seed);
      for (int i = 0; i < 12; i++) {
        delete("key " + i);
      }
    }
  }

  private void doWhatAMapDoes(long seed) {
    // given
    record Value(String text, long endsAt) {}

    Random random = new Random(seed);
    Map<String, Value> model = new HashMap<>();
    long now = 0;

    for (int step = 0; step < 600; step++) {
      String key = "key " + random.nextInt(12);
      long at = now;
      model.values().removeIf(value -> value.endsAt <= at);
      Value there = model.get(key);
      String what = "step " + step + " of seed " + seed + ", " + key;

      // when / then
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> {
          long ttl = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(20);
          set(key, "value " + step, ttl);
          model.put(key, new Value("value " + step, ttl == 0 ? Long.MAX_VALUE : now + ttl));
        }
        case 3 -> {
          assertThat(delete(key)).as(what).isEqualTo(there != null);
          model.remove(key);
        }
        case 4 -> {
          long seconds = random.nextInt(8);
          clock.advance(Duration.ofSeconds(seconds));
          now += seconds;
        }
        case 5 -> {
          if (random.nextInt(15) == 0) {
            end(random.nextBoolean() ? End.CLOSE : End.KILL);
          }
        }
        default -> {
          Optional<String> value = there == null ? Optional.empty() : Optional.of(there.text);
          assertThat(get(key)).as(what).isEqualTo(value);
        }
      }
    }
  }

  private KeyValueStore keys() {
    return engine().keyValues();
  }

  private void end(End end) {
    if (end == End.CLOSE) {
      restart();
    } else {
      crash();
    }
  }

  private void set(String key, String value) {
    set(key, value, 0);
  }

  private void set(String key, String value, long ttlSeconds) {
    assertThat(ok(keys().set(key, bytes(value), ttlSeconds))).isTrue();
  }

  private Optional<String> get(String key) {
    return ok(keys().get(key)).map(value -> new String(value, StandardCharsets.UTF_8));
  }

  private boolean delete(String key) {
    return ok(keys().delete(key));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
