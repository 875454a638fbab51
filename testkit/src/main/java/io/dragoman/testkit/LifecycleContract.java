// SPDX-License-Identifier: Apache-2.0
package io.dragoman.testkit;

import static io.dragoman.testkit.Samples.bodies;
import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Call;
import io.dragoman.core.ChannelInfo;
import io.dragoman.core.Delivery;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.LogStart;
import io.dragoman.core.Peeked;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.core.ReceiveOptions;
import io.dragoman.core.Received;
import io.dragoman.core.RedriveStep;
import io.dragoman.core.Result;
import io.dragoman.core.Settlement;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.Engine;
import io.dragoman.core.spi.EngineState;
import io.dragoman.core.spi.Guarantees;
import io.dragoman.core.spi.LogStore;
import io.dragoman.core.spi.QueueStore;
import io.dragoman.core.spi.Write;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Starting, stopping, and what a stopped engine answers. */
public abstract class LifecycleContract extends EngineContract {
  private static final Duration LONG = Duration.ofSeconds(60);

  protected LifecycleContract(EngineFixture fixture, Durability durability) {
    super(fixture, durability);
  }

  @Test
  void shouldBeInGoodStateOnceStarted() {
    // when
    EngineState state = engine().state();

    // then
    assertThat(state.writable()).isTrue();
    assertThat(state.live()).isTrue();
    assertThat(state.detail()).isEmpty();
    assertThat(engine().name()).isNotBlank();
  }

  @Test
  void shouldPromiseSameAfterRestart() {
    // given
    Guarantees before = guarantees();

    // when
    restart();

    // then
    assertThat(guarantees()).isEqualTo(before);
  }

  @Test
  void shouldBeginWithoutChannels() {
    for (Kind kind : Kind.values()) {
      // when
      List<ChannelInfo> channels = Outcomes.ok(engine().channels().list(kind, ""));

      // then
      assertThat(channels).isEmpty();
    }
  }

  @Test
  void shouldEndWaitingReceivesWithWhatTheyHave() {
    // given
    queues.sendAll("q", "a", "b");
    Call<Received> some = queues.waiting("q", 5, LONG);
    Call<Received> none = queues.waiting("empty", 5, LONG);

    // when
    engine().releaseWaiting();

    // then
    List<Delivery> deliveries = Outcomes.ok(some.result()).deliveries();
    assertThat(bodies(deliveries)).containsExactly("a", "b");
    assertThat(Outcomes.ok(none.result()).deliveries()).isEmpty();
    queues.done(deliveries, Settlement.ACK);
  }

  @Test
  void shouldEndWaitingPeeksWithWhatTheySee() {
    // given
    queues.send("q", "a");
    Call<Peeked> peek = queues.store().peek("q", 5, LONG.toNanos());

    // when
    engine().releaseWaiting();

    // then
    assertThat(Outcomes.ok(peek.result()).messages())
        .extracting(Samples::body)
        .containsExactly("a");
  }

  @Test
  void shouldTakeSendsAfterReleasingWaiting() {
    // given
    Call<Received> call = queues.waiting("q", 1, LONG);
    engine().releaseWaiting();
    assertThat(Outcomes.of(call.result()).isOk()).isTrue();

    // when
    queues.send("q", "a");

    // then
    assertThat(bodies(queues.take("q", 1))).containsExactly("a");
  }

  @Test
  void shouldEndEveryWaitingCallWhenClosed() {
    // given
    queues.send("q", "a");
    Call<Received> receive = queues.waiting("q", 5, LONG);
    Call<Peeked> peek = queues.store().peek("empty", 5, LONG.toNanos());
    Call<Long> ackAll = queues.store().ackAll("empty", LONG.toNanos());

    // when
    engine().close(Duration.ofSeconds(5));

    // then
    assertThat(Outcomes.of(receive.result())).isNotNull();
    assertThat(Outcomes.of(peek.result())).isNotNull();
    assertThat(Outcomes.of(ackAll.result())).isNotNull();
  }

  @Test
  void shouldKeepMessagesOfReceiveThatWaitedWhenClosed() {
    // given
    queues.sendAll("q", "a", "b");
    Call<Received> receive = queues.waiting("q", 5, LONG);

    // when
    restart();

    // then
    assertThat(Outcomes.of(receive.result())).isNotNull();
    assertThat(bodies(queues.await("q", 2))).containsExactly("a", "b");
  }

  @Test
  void shouldRefuseEveryCallOnceClosed() {
    // given
    queues.send("q", "a");
    queues.send("q", "b", Samples.delayed(100));
    logs.append("log", "a");
    Delivery held = queues.await("q");
    Engine engine = engine();

    // when
    engine.close(Duration.ofSeconds(5));

    // then
    closedCalls(engine, held)
        .forEach(
            (call, stage) ->
                assertThat(stage.toCompletableFuture())
                    .as(call)
                    .succeedsWithin(Outcomes.PATIENCE)
                    .extracting(LifecycleContract::refusal)
                    .isEqualTo(ErrorCode.SHUTTING_DOWN));
  }

  @Test
  void shouldNotBeWritableOnceClosed() {
    // given
    Engine engine = engine();

    // when
    engine.close(Duration.ofSeconds(5));

    // then
    assertThat(engine.state().writable()).isFalse();
    assertThat(engine.state().detail()).isNotEmpty();
  }

  @Test
  void shouldCloseTwice() {
    // given
    Engine engine = engine();
    engine.close(Duration.ofSeconds(5));

    // when
    engine.close(Duration.ofSeconds(5));

    // then
    assertThat(engine.state().writable()).isFalse();
  }

  @Test
  void shouldIgnoreReleaseAndCancelOnceClosed() {
    // given
    Engine engine = engine();
    Call<Received> call = queues.waiting("q", 1, LONG);
    engine.close(Duration.ofSeconds(5));

    // when
    engine.releaseWaiting();
    call.cancel();

    // then
    assertThat(Outcomes.of(call.result())).isNotNull();
  }

  private static Map<String, CompletionStage<?>> closedCalls(Engine engine, Delivery held) {
    QueueStore queues = engine.queues();
    LogStore logs = engine.logs();
    QueueSend send = new QueueSend(Samples.message("q", "late"), QueuePolicy.NONE);
    ReceiveOptions options = new ReceiveOptions(1, LONG.toNanos(), ReceiveOptions.UNTIL_SETTLED);
    Map<String, CompletionStage<?>> calls = new LinkedHashMap<>();
    calls.put("send", queues.send(List.of(send)).thenApply(results -> results.get(0)));
    calls.put("receive", queues.receive("q", options).result());
    calls.put("peek", queues.peek("q", 1, LONG.toNanos()).result());
    calls.put("settle", queues.settle(List.of(held.receipt()), Settlement.ACK));
    calls.put("ackAll", queues.ackAll("q", LONG.toNanos()).result());
    calls.put("delayed", queues.delayed("q", null, 1, 1_000));
    calls.put("cancelDelayed", queues.cancelDelayed(held.receipt()));
    calls.put("deliverNow", queues.deliverNow(held.receipt()));
    calls.put("redrive", queues.redrive("q", RedriveStep.ofAtMost(1)));
    calls.put("browse", queues.browse("q", 0, 1, 1_000));
    calls.put("queue info", queues.info("q"));
    calls.put("append", logs.append(Samples.message("log", "late")));
    calls.put("read", logs.read("log", 1, 1, 1_000));
    calls.put("resolve", logs.resolve("log", new LogStart.First()));
    calls.put("loadPosition", logs.loadPosition("log", "name"));
    calls.put("storePosition", logs.storePosition("log", "name", 1));
    calls.put("trim", logs.trim("log", 1));
    calls.put("log info", logs.info("log"));
    calls.put("create", engine.channels().create(Kind.LOG, "late"));
    calls.put("delete", engine.channels().delete(Kind.LOG, "log"));
    calls.put("list", engine.channels().list(Kind.LOG, ""));
    calls.put("commit", engine.commit(List.of(new Write.ToQueue(send))));
    return calls;
  }

  private static ErrorCode refusal(Object result) {
    if (result instanceof Result.Refused<?> refused) {
      return refused.error().code();
    }
    throw new AssertionError("must be refused but gave " + result);
  }
}
