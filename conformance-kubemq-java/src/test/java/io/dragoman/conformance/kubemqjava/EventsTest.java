// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemqjava;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.stub.StreamObserver;
import io.kubemq.sdk.event.Channel;
import io.kubemq.sdk.event.Event;
import io.kubemq.sdk.event.EventReceive;
import io.kubemq.sdk.event.Result;
import io.kubemq.sdk.event.Subscriber;
import io.kubemq.sdk.event.lowlevel.Sender;
import io.kubemq.sdk.subscription.EventsStoreType;
import io.kubemq.sdk.subscription.SubscribeRequest;
import io.kubemq.sdk.subscription.SubscribeType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code io.kubemq.sdk.event}: live events and the events store. */
@ExtendWith(WithBroker.class)
class EventsTest {
  private final Broker broker;
  private final String name = Names.unique("events");

  EventsTest(Broker broker) {
    this.broker = broker;
  }

  // --- live events

  @Test
  void shouldPing() throws Exception {
    assertThat(channel(false).Ping().getHost()).isNotEmpty();
    assertThat(new Subscriber(broker.address()).Ping().getHost()).isNotEmpty();
    assertThat(new Sender(broker.address()).Ping().getHost()).isNotEmpty();
  }

  @Test
  void shouldDeliverEventsToSubscribers() throws Exception {
    // given
    Inbox<EventReceive> inbox = subscribe("");
    Event event = new Event("the-id", "the-metadata", "the-body".getBytes(UTF_8));
    event.setTag("a", "1");

    // when
    Result result = channel(false).SendEvent(event);

    // then
    assertThat(result.isSent()).as(result.getError()).isTrue();
    assertThat(result.getEventId()).isEqualTo("the-id");
    EventReceive received = nextWith(inbox, "the-id");
    assertThat(received.getEventId()).isEqualTo("the-id");
    assertThat(received.getChannel()).isEqualTo(name);
    assertThat(received.getMetadata()).isEqualTo("the-metadata");
    assertThat(new String(received.getBody(), UTF_8)).isEqualTo("the-body");
    assertThat(received.getTags()).isEqualTo(Map.of("a", "1"));
  }

  @Test
  void shouldDeliverToOneMemberOfAGroup() throws Exception {
    // given
    Inbox<EventReceive> first = subscribe("group");
    Inbox<EventReceive> second = subscribe("group");
    Inbox<EventReceive> alone = subscribe("");
    Channel channel = channel(false);

    // when
    for (int i = 0; i < 100; i++) {
      assertThat(channel.SendEvent(event("n" + i)).isSent()).isTrue();
    }

    // then
    for (int i = 0; i < 100; i++) {
      assertThat(nextWith(alone, "n" + i).getEventId()).isEqualTo("n" + i);
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> seen(first) + seen(second) == 100);
    assertThat(seen(first)).isBetween(1, 99);
  }

  @Test
  void shouldStreamEvents() throws Exception {
    // given
    Inbox<EventReceive> inbox = subscribe("");
    Inbox<Result> results = new Inbox<>();
    StreamObserver<Event> stream = channel(false).StreamEvent(results);

    // when
    for (int i = 0; i < 10; i++) {
      stream.onNext(event("s" + i));
    }
    stream.onCompleted();

    // then live events are answered only when they are refused
    for (int i = 0; i < 10; i++) {
      assertThat(nextWith(inbox, "s" + i).getEventId()).isEqualTo("s" + i);
    }
    assertThat(results.end()).isEmpty();
    assertThat(results.isEmpty()).isTrue();
  }

  @Test
  void shouldTellErrors() throws Exception {
    // when
    Inbox<EventReceive> inbox = new Inbox<>();
    new Subscriber(broker.address())
        .SubscribeToEvents(
            new SubscribeRequest(
                SubscribeType.Events, "client", "a b", "", EventsStoreType.Undefined, 0),
            inbox);

    // then
    assertThat(inbox.end()).contains("Error 108: ");
  }

  // --- events store

  @Test
  void shouldStoreEvents() throws Exception {
    // when
    Result result = channel(true).SendEvent(event("stored"));

    // then
    assertThat(result.isSent()).as(result.getError()).isTrue();
    EventReceive received = stored(EventsStoreType.StartFromFirst, 0).next();
    assertThat(received.getEventId()).isEqualTo("stored");
    assertThat(received.getSequence()).isEqualTo(1);
    assertThat(received.getTimestamp()).isPositive();
  }

  @Test
  void shouldAnswerStreamedEventsThatAreStored() throws Exception {
    // given
    Inbox<Result> results = new Inbox<>();
    StreamObserver<Event> stream = channel(true).StreamEvent(results);

    // when
    for (int i = 0; i < 10; i++) {
      stream.onNext(event("s" + i));
    }
    stream.onCompleted();

    // then
    for (int i = 0; i < 10; i++) {
      Result result = results.next();
      assertThat(result.getEventId()).isEqualTo("s" + i);
      assertThat(result.isSent()).isTrue();
    }
    assertThat(results.end()).isEmpty();
  }

  @Test
  void shouldStartFromFirst() throws Exception {
    storeNumbers(5);
    assertFollows(stored(EventsStoreType.StartFromFirst, 0), 1);
  }

  @Test
  void shouldStartFromLast() throws Exception {
    storeNumbers(5);
    assertFollows(stored(EventsStoreType.StartFromLast, 0), 5);
  }

  @Test
  void shouldStartAtSequence() throws Exception {
    storeNumbers(5);
    assertFollows(stored(EventsStoreType.StartAtSequence, 3), 3);
  }

  @Test
  void shouldStartAtTime() throws Exception {
    // given the time of the third event
    storeNumbers(5);
    Inbox<EventReceive> all = stored(EventsStoreType.StartFromFirst, 0);
    all.next();
    all.next();
    long third = all.next().getTimestamp();

    // when, then
    assertFollows(stored(EventsStoreType.StartAtTime, third), 3);
  }

  @Test
  void shouldStartSomeTimeAgo() throws Exception {
    storeNumbers(5);
    assertFollows(stored(EventsStoreType.StartAtTimeDelta, 3600), 1);
  }

  @Test
  void shouldStartWithWhatIsNew() throws Exception {
    // given
    storeNumbers(5);
    String client = Names.unique("new");
    Inbox<EventReceive> inbox = stored(client, EventsStoreType.StartNewOnly, 0);
    awaitSubscribed(client);

    // when, then
    assertFollows(inbox, 6);
  }

  /** A second subscription of a client is refused from when its first is there. */
  private void awaitSubscribed(String client) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> !stored(client, EventsStoreType.StartNewOnly, 0).end().isEmpty());
  }

  @Test
  void shouldRefuseASecondSubscriptionOfTheSameClient() throws Exception {
    // given
    channel(true).SendEvent(event("one"));
    String client = Names.unique("client");
    stored(client, EventsStoreType.StartFromFirst, 0).next();

    // when
    Inbox<EventReceive> second = stored(client, EventsStoreType.StartFromFirst, 0);

    // then
    assertThat(second.end()).isNotEmpty();
  }

  private void storeNumbers(int count) throws Exception {
    Channel channel = channel(true);
    for (int i = 1; i <= count; i++) {
      assertThat(channel.SendEvent(event(String.valueOf(i))).isSent()).isTrue();
    }
  }

  /** What is stored from this sequence on comes, and what is stored now too. */
  private void assertFollows(Inbox<EventReceive> inbox, int from) throws Exception {
    channel(true).SendEvent(event("6"));
    List<Long> sequences = new ArrayList<>();
    for (int i = from; i <= 6; i++) {
      EventReceive received = inbox.next();
      assertThat(received.getEventId()).isEqualTo(String.valueOf(i));
      sequences.add(received.getSequence());
    }
    assertThat(sequences.get(0)).isEqualTo(from);
    assertThat(inbox.isEmpty()).isTrue();
  }

  private Inbox<EventReceive> stored(EventsStoreType start, long value) throws Exception {
    return stored(Names.unique("reader"), start, value);
  }

  private Inbox<EventReceive> stored(String client, EventsStoreType start, long value)
      throws Exception {
    Inbox<EventReceive> inbox = new Inbox<>();
    new Subscriber(broker.address())
        .SubscribeToEvents(
            new SubscribeRequest(SubscribeType.EventsStore, client, name, "", start, value), inbox);
    return inbox;
  }

  /** Subscribes, and waits until that has taken effect. */
  private Inbox<EventReceive> subscribe(String group) throws Exception {
    Inbox<EventReceive> inbox = new Inbox<>();
    new Subscriber(broker.address())
        .SubscribeToEvents(
            new SubscribeRequest(
                SubscribeType.Events,
                Names.unique("subscriber"),
                name,
                group,
                EventsStoreType.Undefined,
                0),
            inbox);
    Channel probes = channel(false);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              probes.SendEvent(event("probe"));
              return !inbox.isEmpty();
            });
    return inbox;
  }

  /** The next that is no probe; fails if it is another. */
  private static EventReceive nextWith(Inbox<EventReceive> inbox, String id) throws Exception {
    EventReceive next = inbox.next();
    while (next.getEventId().equals("probe")) {
      next = inbox.next();
    }
    assertThat(next.getEventId()).isEqualTo(id);
    return next;
  }

  private static int seen(Inbox<EventReceive> inbox) {
    return inbox.count(event -> !event.getEventId().equals("probe"));
  }

  private Channel channel(boolean store) {
    return new Channel(name, "java-client", store, broker.address());
  }

  private static Event event(String id) {
    return new Event(id, "metadata", "body".getBytes(UTF_8));
  }
}
