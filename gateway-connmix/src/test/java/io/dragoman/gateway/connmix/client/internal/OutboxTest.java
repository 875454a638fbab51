// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Broker;
import io.dragoman.core.Connection;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Lane;
import io.dragoman.core.Metrics;
import io.dragoman.core.QueueSend;
import io.dragoman.core.Queues;
import io.dragoman.core.Result;
import io.dragoman.core.SendReceipt;
import io.dragoman.gateway.connmix.client.Client;
import io.dragoman.gateway.connmix.client.ClientOptions;
import io.dragoman.gateway.connmix.client.ClientRules;
import io.dragoman.gateway.connmix.client.ClientRules.WhenFull;
import io.dragoman.gateway.connmix.client.ClientSecurity;
import io.dragoman.security.Authenticator;
import io.dragoman.security.RateLimiter;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client that waits for room hands over, and when. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class OutboxTest {
  private final Metrics metrics = new Metrics();
  private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();

  /** What was handed over, each time. */
  private final List<List<String>> handed = new ArrayList<>();

  private final List<String> stored = new ArrayList<>();

  /** Why everything is refused; null: it is stored. */
  private @Nullable ErrorCode refusal;

  /** Whether answers wait for {@link #answer}. */
  private boolean waits;

  private CompletableFuture<Boolean> answered = new CompletableFuture<>();
  private long now;

  private final RuleHandlers shared =
      new RuleHandlers(
          fake(Broker.class, Map.of("metrics", metrics, "queues", queues())),
          ClientOptions.DEFAULTS,
          blocking(),
          new ClientSecurity(Authenticator.open(), Authenticator.open(), new RateLimiter(metrics)));

  private final Outbox outbox =
      new Outbox(
          shared,
          fake(
              Client.class,
              Map.of("connection", fake(Connection.class, Map.of("id", 1L)), "lane", lane())),
          () -> now,
          () -> {});

  @AfterEach
  void close() {
    shared.close();
  }

  private static ClientRules blocking() {
    ClientRules rules = ClientRules.DEFAULTS;
    return new ClientRules(
        rules.auth(),
        rules.context(),
        rules.subscribe(),
        rules.onOpen(),
        rules.onMessage(),
        rules.onClose(),
        rules.onPing(),
        WhenFull.BLOCK,
        rules.topicSize(),
        rules.topicsMax(),
        rules.textPing(),
        rules.verbs(),
        rules.gate());
  }

  /** Something whose methods give these values by their names. */
  private static <T> T fake(Class<T> type, Map<String, Object> values) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> values.get(method.getName())));
  }

  private Queues queues() {
    return (Queues)
        Proxy.newProxyInstance(
            Queues.class.getClassLoader(),
            new Class<?>[] {Queues.class},
            (proxy, method, arguments) -> {
              assertThat(method.getName()).isEqualTo("send");
              return send(((List<?>) arguments[0]).stream().map(QueueSend.class::cast).toList());
            });
  }

  private CompletableFuture<List<Result<SendReceipt>>> send(List<QueueSend> sends) {
    handed.add(sends.stream().map(OutboxTest::text).toList());
    if (waits) {
      return answered.thenApply(yes -> outcomes(sends));
    }
    return CompletableFuture.completedFuture(outcomes(sends));
  }

  private List<Result<SendReceipt>> outcomes(List<QueueSend> sends) {
    List<Result<SendReceipt>> outcomes = new ArrayList<>();
    for (QueueSend each : sends) {
      if (refusal == null) {
        stored.add(text(each));
        outcomes.add(Result.ok(new SendReceipt("id", 1, 0, 0)));
      } else {
        outcomes.add(Result.refused(refusal, "refused"));
      }
    }
    return outcomes;
  }

  private void answer() {
    waits = false;
    answered.complete(true);
  }

  private static String text(QueueSend send) {
    return new String(send.message().body(), StandardCharsets.UTF_8);
  }

  /** A lane whose tasks the test runs. */
  private Lane lane() {
    return new Lane() {
      @Override
      public void execute(Runnable task) {
        tasks.add(task);
      }

      @Override
      public boolean inLane() {
        return true;
      }
    };
  }

  private void runNext() throws InterruptedException {
    tasks.take().run();
  }

  private static List<String> names(int from, int to) {
    return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).toList();
  }

  private void add(String topic, List<String> texts) {
    texts.forEach(each -> outbox.add(topic, each.getBytes(StandardCharsets.UTF_8)));
  }

  private List<Integer> sizes() {
    return handed.stream().map(List::size).toList();
  }

  @Test
  void shouldTryOneOfEachTopicWhereThereIsNoRoom() throws InterruptedException {
    waits = true;
    add("a", List.of("first"));
    add("a", names(1, 99));
    add("b", List.of("other"));
    refusal = ErrorCode.CHANNEL_FULL;
    answer();
    for (int i = 0; i < 3; i++) {
      runNext();
    }
    // The first one alone until it is in.
    assertThat(sizes()).containsExactly(1, 1, 1, 1);
    refusal = null;
    runNext();

    assertThat(sizes()).containsExactly(1, 1, 1, 1, 1, 3, 4, 8, 16, 32, 37);
    assertThat(handed.get(5)).containsExactly("1", "2", "other");
    assertThat(outbox.isEmpty()).isTrue();
    List<String> ofOne = new ArrayList<>(stored);
    ofOne.removeAll(List.of("first", "other"));
    assertThat(ofOne).isEqualTo(names(1, 99));
  }

  @Test
  void shouldWaitWhileTheBrokerHasTooMuchToWrite() throws InterruptedException {
    refusal = ErrorCode.OVERLOADED;
    add("a", names(1, 20));
    runNext();
    runNext();
    refusal = null;
    runNext();

    assertThat(stored).isEqualTo(names(1, 20));
    assertThat(outbox.isEmpty()).isTrue();
  }

  @Test
  void shouldTryLongerForWhoHasLeftThanItHasTried() throws InterruptedException {
    refusal = ErrorCode.CHANNEL_FULL;
    add("a", names(1, 20));
    now += TimeUnit.HOURS.toNanos(1);
    outbox.end();
    runNext();
    now += TimeUnit.SECONDS.toNanos(9);
    runNext();
    assertThat(outbox.isEmpty()).isFalse();
    now += TimeUnit.SECONDS.toNanos(2);
    runNext();

    assertThat(outbox.isEmpty()).isTrue();
    assertThat(stored).isEmpty();
  }
}
