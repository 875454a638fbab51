// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import static io.dragoman.core.internal.Fixture.message;
import static io.dragoman.core.internal.Fixture.now;
import static io.dragoman.core.internal.Fixture.refusal;
import static io.dragoman.core.internal.Fixture.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.Connection;
import io.dragoman.core.ConnectionCall;
import io.dragoman.core.ConnectionListener;
import io.dragoman.core.CoreOptions;
import io.dragoman.core.Lane;
import io.dragoman.core.Message;
import io.dragoman.core.PublishCount;
import io.dragoman.core.Push;
import io.dragoman.core.PushBatch;
import io.dragoman.core.Result;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Connections that are pushed to (rulings 15 and 16). */
final class ConnectionServiceTest {
  private final ManualLane lane = new ManualLane();
  private final ManualLane otherLane = new ManualLane();
  private Fixture fixture = new Fixture();

  /** A client that takes a number of pushes. */
  private static final class Client implements ConnectionListener {
    final List<Push> pushes = new ArrayList<>();
    final List<Set<String>> contexts = new ArrayList<>();
    final List<Integer> closes = new ArrayList<>();
    int room = Integer.MAX_VALUE;

    @Override
    public int onPushes(PushBatch batch) {
      int taken = Math.min(room, batch.pushes().size());
      pushes.addAll(batch.pushes().subList(0, taken));
      room -= taken;
      return taken;
    }

    @Override
    public void onContext(Set<String> keys) {
      contexts.add(keys);
    }

    @Override
    public void onCloseAsked(int code, String reason) {
      closes.add(code);
    }

    List<String> bodies() {
      return pushes.stream().map(each -> text(each.message())).toList();
    }
  }

  private Connection open(Lane on, ConnectionListener client) {
    return fixture.broker.connections().open(on, client).orThrow();
  }

  private CompletionStage<Result<PublishCount>> publish(String channel, String body) {
    return fixture.broker.connections().publish(new Push(message(channel, body), false));
  }

  private void runLanes() {
    lane.run();
    otherLane.run();
  }

  @Test
  void shouldCountWhatMembersOfAllLanesTake() {
    // given
    Client one = new Client();
    Client two = new Client();
    Client behind = new Client();
    Client other = new Client();
    behind.room = 1;
    open(lane, one).subscribe(List.of("a", "b")).orThrow();
    open(otherLane, two).subscribe(List.of("a")).orThrow();
    open(otherLane, behind).subscribe(List.of("a")).orThrow();
    open(lane, other).subscribe(List.of("b")).orThrow();

    // when
    var first = publish("a", "1");
    var second = publish("a", "2");
    runLanes();

    // then
    assertThat(now(first).orThrow()).isEqualTo(new PublishCount(3, 0));
    assertThat(now(second).orThrow()).isEqualTo(new PublishCount(2, 1));
    assertThat(one.bodies()).containsExactly("1", "2");
    assertThat(two.bodies()).containsExactly("1", "2");
    assertThat(behind.bodies()).containsExactly("1");
    assertThat(other.bodies()).isEmpty();
    assertThat(now(publish("nobody", "3")).orThrow()).isEqualTo(new PublishCount(0, 0));
    assertThat(fixture.counted("dragoman_pushes_total", "outcome", "taken")).isEqualTo(5);
    assertThat(fixture.counted("dragoman_pushes_total", "outcome", "failed")).isEqualTo(1);
  }

  @Test
  void shouldCountMembersThatAreGoneMeanwhileAsFailed() {
    // given
    Connection closing = open(lane, new Client());
    closing.subscribe(List.of("a")).orThrow();
    open(otherLane, new Client()).subscribe(List.of("a")).orThrow();

    // when
    var published = publish("a", "1");
    closing.close();
    runLanes();

    // then
    assertThat(now(published).orThrow()).isEqualTo(new PublishCount(1, 1));
    assertThat(now(publishAndRun("a")).orThrow()).isEqualTo(new PublishCount(1, 0));
  }

  private CompletionStage<Result<PublishCount>> publishAndRun(String channel) {
    var published = publish(channel, "x");
    runLanes();
    return published;
  }

  @Test
  void shouldKeepTheOrderOfWhatOneThreadSendsAndPublishes() {
    // given
    Client client = new Client();
    Connection connection = open(lane, client);
    connection.subscribe(List.of("a", "b")).orThrow();

    // when
    publish("a", "1");
    var sent = send(connection.id(), "2");
    publish("b", "3");
    send(connection.id(), "4");
    lane.run();

    // then
    assertThat(client.bodies()).containsExactly("1", "2", "3", "4");
    assertThat(now(sent).orThrow()).isTrue();
  }

  private CompletionStage<Result<Boolean>> send(long id, String body) {
    return fixture.broker.connections().send(id, new Push(message("", body), true));
  }

  @Test
  void shouldSayWhetherOneConnectionTookIt() {
    // given
    Client client = new Client();
    client.room = 1;
    Connection connection = open(lane, client);

    // when
    var taken = send(connection.id(), "1");
    var refused = send(connection.id(), "2");
    lane.run();
    connection.close();

    // then
    assertThat(now(taken).orThrow()).isTrue();
    assertThat(now(refused).orThrow()).isFalse();
    assertThat(client.pushes.get(0).binary()).isTrue();
    assertThat(refusal(now(send(connection.id(), "3")))).isEqualTo("NOT_FOUND");
    assertThat(refusal(now(send(4711, "3")))).isEqualTo("NOT_FOUND");
  }

  @Test
  void shouldGiveIdsThatGrowAndHoldTheNode() {
    // given
    fixture = new Fixture(CoreOptions.DEFAULT.toBuilder().nodeNumber(1023).build());

    // when
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      ids.add(open(lane, new Client()).id());
    }

    // then
    assertThat(ids).isSorted().doesNotHaveDuplicates().allMatch(id -> id > 0);
    assertThat(fixture.broker.connections().nodeOf(ids.get(9_999))).hasValue(1023);
    assertThat(fixture.broker.connections().nodeOf(-1)).isEmpty();
    assertThat(fixture.broker.connections().count()).isEqualTo(10_000);
  }

  @Test
  void shouldMergeContextsWhereverTheyAreSetFrom() {
    // given
    Client client = new Client();
    Connection connection = open(lane, client);

    // when
    connection.setContext(Map.of("a", "1", "b", "2")).orThrow();
    var called = call(connection.id(), new ConnectionCall.SetContext(Map.of("b", "\"x\"")));
    lane.run();

    // then
    assertThat(now(called).orThrow())
        .containsExactlyInAnyOrderEntriesOf(Map.of("a", "1", "b", "\"x\""));
    assertThat(connection.contextValue("b")).isEqualTo("\"x\"");
    assertThat(connection.contextValue("c")).isNull();
    assertThat(client.contexts).containsExactly(Set.of("a", "b"), Set.of("b"));
    assertThat(now(call(connection.id(), new ConnectionCall.ReadContext())).orThrow())
        .isEqualTo(connection.context());
  }

  private CompletionStage<Result<Map<String, String>>> call(long id, ConnectionCall call) {
    return fixture.broker.connections().call(id, call);
  }

  @Test
  void shouldChangeMembershipsFromElsewhere() {
    // given
    Client client = new Client();
    Connection connection = open(lane, client);

    // when
    now(call(connection.id(), new ConnectionCall.Subscribe(List.of("a", "b", "a")))).orThrow();
    now(call(connection.id(), new ConnectionCall.Unsubscribe(List.of("b", "c")))).orThrow();
    publish("a", "1");
    publish("b", "2");
    now(call(connection.id(), new ConnectionCall.Close(4000, "bye"))).orThrow();
    lane.run();

    // then
    assertThat(connection.channels()).containsExactly("a");
    assertThat(client.bodies()).containsExactly("1");
    assertThat(client.closes).containsExactly(4000);
    connection.close();
    connection.close();
    assertThat(refusal(now(call(connection.id(), new ConnectionCall.ReadContext()))))
        .isEqualTo("NOT_FOUND");
    assertThat(refusal(connection.subscribe(List.of("a")))).isEqualTo("NOT_FOUND");
    assertThat(connection.channels()).isEmpty();
  }

  @Test
  void shouldRefuseWhatIsBeyondItsBounds() {
    // given
    fixture =
        new Fixture(
            CoreOptions.DEFAULT.toBuilder()
                .connectionChannelsMax(2)
                .connectionContextMax(10)
                .subscriptionsMax(3)
                .build());
    Connection connection = open(lane, new Client());
    connection.subscribe(List.of("a")).orThrow();

    // when, then
    assertThat(refusal(connection.subscribe(List.of("b", "c"))))
        .isEqualTo("TOO_MANY_SUBSCRIPTIONS");
    assertThat(connection.channels()).containsExactly("a");
    assertThat(refusal(connection.subscribe(List.of("b", "")))).isEqualTo("INVALID_NAME");
    assertThat(refusal(connection.subscribe(List.of("b", "two words")))).isEqualTo("INVALID_NAME");
    assertThat(connection.channels()).containsExactly("a");
    open(lane, new Client()).subscribe(List.of("x", "y")).orThrow();
    assertThat(refusal(connection.subscribe(List.of("b")))).isEqualTo("TOO_MANY_SUBSCRIPTIONS");

    connection.setContext(Map.of("key", "1234567")).orThrow();
    assertThat(refusal(connection.setContext(Map.of("k", "1")))).isEqualTo("TOO_LARGE");
    connection.setContext(Map.of("key", "1")).orThrow();
    connection.setContext(Map.of("k", "12345")).orThrow();
    assertThat(connection.context()).hasSize(2);
  }

  @Test
  void shouldReachTheOtherDialectsAndBeReachedByThem() {
    // given
    Client client = new Client();
    open(lane, client).subscribe(List.of("a")).orThrow();
    List<String> events = new ArrayList<>();
    fixture
        .broker
        .events()
        .subscribe(
            ChannelFilter.dotted(">"),
            null,
            otherLane,
            batch -> batch.events().forEach(each -> events.add(text(each))))
        .orThrow();

    // when
    publish("a", "pushed");
    now(fixture.broker.events().publish(message("a", "event"))).orThrow();
    now(fixture.broker.logs().append(message("a", "record"))).orThrow();
    now(fixture.broker.logs().append(message("b", "of others"))).orThrow();
    now(fixture.broker.events().publish(notText("a"))).orThrow();
    runLanes();

    // then
    assertThat(client.bodies().subList(0, 3)).containsExactly("pushed", "event", "record");
    assertThat(client.pushes).extracting(Push::binary).containsExactly(false, false, false, true);
    assertThat(events.subList(0, 2)).containsExactly("pushed", "event");
    assertThat(events).hasSize(3);
  }

  @Test
  void shouldTellOnceOfWhatLogsPassOnToEvents() {
    // given
    fixture = new Fixture(CoreOptions.DEFAULT.toBuilder().logToEvents(true).build());
    Client client = new Client();
    open(lane, client).subscribe(List.of("a")).orThrow();

    // when
    now(fixture.broker.logs().append(message("a", "record"))).orThrow();
    lane.run();

    // then
    assertThat(client.bodies()).containsExactly("record");
  }

  /** Appends of the whole node complete on one thread, which must not read bodies. */
  @Test
  void shouldLookAtWhatOtherDialectsPublishOnTheLane() {
    // given
    Client client = new Client();
    open(lane, client).subscribe(List.of("a")).orThrow();
    byte[] body = {(byte) 0xff};
    Message message = Message.builder().channel("a").body(body).build();

    // when only who looks later can see a text
    now(fixture.broker.logs().append(message)).orThrow();
    body[0] = 't';
    lane.run();

    // then
    assertThat(client.bodies()).containsExactly("t");
    assertThat(client.pushes.get(0).binary()).isFalse();
  }

  private static Message notText(String channel) {
    return Message.builder().channel(channel).body(new byte[] {(byte) 0xff}).build();
  }

  @Test
  void shouldSlowDownWhoPublishesWhenALaneIsFull() {
    // given
    fixture = new Fixture(CoreOptions.DEFAULT.toBuilder().laneQueueBytesMax(1).build());
    open(lane, new Client()).subscribe(List.of("a")).orThrow();

    // when
    var published = fixture.broker.events().publish(message("a", "1"));

    // then
    assertThat(Fixture.isDone(published)).isFalse();
    lane.run();
    assertThat(now(published).orThrow()).isTrue();
  }

  @Test
  void shouldPushToTheOthersWhenOneFails() {
    // given
    Client client = new Client();
    open(
            lane,
            new ConnectionListener() {
              @Override
              public int onPushes(PushBatch batch) {
                throw new IllegalStateException("expected");
              }

              @Override
              public void onContext(Set<String> keys) {}

              @Override
              public void onCloseAsked(int code, String reason) {}
            })
        .subscribe(List.of("a"))
        .orThrow();
    open(lane, client).subscribe(List.of("a")).orThrow();

    // when, then
    assertThat(now(publishAndRun("a")).orThrow()).isEqualTo(new PublishCount(1, 1));
    assertThat(client.pushes).hasSize(1);
  }

  @Test
  void shouldPushWhatIsBehindSomethingThatIsSkipped() {
    // given
    Client client = new Client();
    open(
            lane,
            new ConnectionListener() {
              @Override
              public int onPushes(PushBatch batch) {
                BitSet places = new BitSet();
                places.set(1);
                places.set(3);
                batch.skip(places);
                return 3;
              }

              @Override
              public void onContext(Set<String> keys) {}

              @Override
              public void onCloseAsked(int code, String reason) {}
            })
        .subscribe(List.of("a"))
        .orThrow();
    open(lane, client).subscribe(List.of("a")).orThrow();

    // when
    List<CompletionStage<Result<PublishCount>>> published =
        List.of(publish("a", "1"), publish("a", "2"), publish("a", "3"), publish("a", "4"));
    runLanes();

    // then
    assertThat(published)
        .map(each -> now(each).orThrow())
        .containsExactly(
            new PublishCount(2, 0),
            new PublishCount(1, 1),
            new PublishCount(2, 0),
            new PublishCount(1, 1));
    assertThat(client.bodies()).containsExactly("1", "2", "3", "4");
  }

  /** Members that stay get all and in order, and counts are what was taken, while others churn. */
  @Test
  void shouldCountRightUnderChurn() throws Exception {
    int publishes = 2_000;
    AtomicInteger taken = new AtomicInteger();
    try (ThreadLane one = new ThreadLane();
        ThreadLane two = new ThreadLane()) {
      // given
      List<Counting> staying = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        Counting client = new Counting(taken);
        staying.add(client);
        open(i % 2 == 0 ? one : two, client).subscribe(List.of("a")).orThrow();
      }
      CompletableFuture<Integer> counted =
          CompletableFuture.supplyAsync(
              () -> {
                int sum = 0;
                for (int i = 0; i < publishes; i++) {
                  sum += publish("a", "" + i).toCompletableFuture().join().orThrow().taken();
                }
                return sum;
              });

      // when
      int churned = 0;
      while (!counted.isDone()) {
        Connection passing = open(churned % 2 == 0 ? one : two, new Counting(taken));
        passing.subscribe(List.of("a")).orThrow();
        if (churned % 3 == 0) {
          passing.unsubscribe(List.of("a"));
        }
        passing.close();
        churned++;
      }

      // then
      await().untilAsserted(() -> assertThat(taken).hasValue(counted.join()));
      List<String> all = new ArrayList<>();
      for (int i = 0; i < publishes; i++) {
        all.add("" + i);
      }
      for (Counting each : staying) {
        assertThat(each.bodies).containsExactlyElementsOf(all);
      }
      assertThat(churned).isPositive();
    }
  }

  private static final class Counting implements ConnectionListener {
    final ConcurrentLinkedQueue<String> bodies = new ConcurrentLinkedQueue<>();
    private final AtomicInteger taken;

    private Counting(AtomicInteger taken) {
      this.taken = taken;
    }

    @Override
    public int onPushes(PushBatch batch) {
      for (Push each : batch.pushes()) {
        bodies.add(new String(each.message().body(), StandardCharsets.UTF_8));
        taken.incrementAndGet();
      }
      return batch.pushes().size();
    }

    @Override
    public void onContext(Set<String> keys) {}

    @Override
    public void onCloseAsked(int code, String reason) {}
  }
}
