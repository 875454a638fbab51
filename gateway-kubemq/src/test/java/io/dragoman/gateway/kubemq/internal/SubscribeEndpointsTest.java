// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.EventBatch;
import io.dragoman.core.Kind;
import io.dragoman.core.LogRecord;
import io.dragoman.core.LogStart;
import io.dragoman.core.LogSubscribe;
import io.dragoman.core.LogSubscription;
import io.dragoman.core.Message;
import io.dragoman.core.Request;
import io.dragoman.core.Result;
import io.dragoman.core.SharedRecords;
import io.dragoman.gateway.kubemq.KubemqOptions;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubscribeEndpointsTest {
  private static final String EVENTS =
      "/subscribe/events?client_id=c&channel=a.%2A&group=g&subscribe_type=events";
  private static final String STORE =
      "/subscribe/events?client_id=c&channel=a&subscribe_type=events_store"
          + "&events_store_type_data=4&events_store_type_value=9";
  private static final String QUERIES =
      "/subscribe/requests?client_id=c&channel=a&subscribe_type=queries";

  private final FakeBroker broker = new FakeBroker();
  private final GatewayContext context =
      new GatewayContext(broker, KubemqOptions.defaults("host", "1.2.3"));
  private final SubscribeEndpoints endpoints = new SubscribeEndpoints(context);
  private final FakeSubscription subscription = new FakeSubscription();

  private static final class FakeSubscription implements LogSubscription {
    private final List<Long> delivered = new ArrayList<>();
    private int resumed;
    private boolean closed;

    @Override
    public void resume() {
      resumed++;
    }

    @Override
    public void delivered(long sequence) {
      delivered.add(sequence);
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private FakeExchange events(FakeExchange exchange) {
    endpoints.events(exchange);
    exchange.lane.runTasks();
    return exchange;
  }

  private FakeExchange requests(FakeExchange exchange) {
    endpoints.requests(exchange);
    return exchange;
  }

  private static void assertRefused(FakeExchange exchange, String start) {
    assertThat(exchange.status).isEqualTo(400);
    assertThat(exchange.answer)
        .startsWith("{\"is_error\":true,\"message\":\"" + start)
        .endsWith("\",\"data\":null}");
    assertThat(exchange.socket).isNull();
  }

  private static Message message(String id) {
    return Message.builder()
        .id(id)
        .channel("a.b")
        .clientId("sender")
        .metadata("m")
        .body(new byte[] {'x'})
        .tags(Map.of("t", "1"))
        .build();
  }

  private static String event(String id, String more) {
    return "{\"EventID\":\""
        + id
        + "\",\"Channel\":\"a.b\",\"Metadata\":\"m\",\"Body\":\"eA==\""
        + more
        + ",\"Tags\":{\"t\":\"1\"}}";
  }

  @ParameterizedTest
  @CsvSource({
    "client_id=c&channel=a, 207",
    "client_id=c&channel=a&subscribe_type=queries, 207",
    "channel=a&subscribe_type=events, 101",
    "client_id=c&subscribe_type=events, 102",
    "client_id=c&channel=a&subscribe_type=events&events_store_type_data=5, 118",
    "client_id=c&channel=%3E&subscribe_type=events_store&events_store_type_data=1, 107",
    "client_id=c&channel=a+b&subscribe_type=events_store&events_store_type_data=1, 108",
    "client_id=c&channel=a&subscribe_type=events_store, 111",
    "client_id=c&channel=a&subscribe_type=events_store&events_store_type_data=x, 111",
    "client_id=c&channel=a&subscribe_type=events_store&events_store_type_data=4294967297, 111",
    "client_id=c&channel=a&subscribe_type=events_store&events_store_type_data=4, 112",
    "client_id=c&channel=a&subscribe_type=persistence&events_store_type_data=5, 113"
  })
  void shouldRefuseBeforeUpgrade(String query, int number) {
    assertRefused(events(FakeExchange.upgrade("/subscribe/events?" + query)), "Error " + number);
    assertRefused(events(FakeExchange.get("/subscribe/events?" + query)), "Error " + number);
  }

  @Test
  void shouldRefuseRequestSubscriptionsBeforeUpgrade() {
    assertRefused(
        requests(FakeExchange.upgrade("/subscribe/requests?client_id=c&channel=a")), "Error 207");
    assertRefused(
        requests(FakeExchange.upgrade("/subscribe/requests?channel=a&subscribe_type=commands")),
        "Error 101");
  }

  @Test
  void shouldAskForWebSocket() {
    FakeExchange exchange = events(FakeExchange.get(EVENTS));

    assertRefused(exchange, "websocket: the client is not using the websocket protocol");
    assertThat(exchange.responseHeaders).containsEntry("sec-websocket-version", "13");
    assertThat(broker.eventListener).isNull();
  }

  @Test
  void shouldSubscribeToEvents() {
    FakeExchange exchange = events(FakeExchange.upgrade(EVENTS));
    assertThat(broker.filter).isEqualTo(new ChannelFilter(ChannelFilter.Syntax.DOTS, "a.*"));
    assertThat(broker.group).isEqualTo("g");
    assertThat(context.restStats().open(Use.EVENTS_RECEIVERS)).isEqualTo(1);

    EventBatch batch = new EventBatch(List.of(message("1"), message("2")));
    broker.eventListener.onEvents(batch);
    batch.release();

    assertThat(exchange.socket.texts).containsExactly(event("1", ""), event("2", ""));
    assertThat(exchange.socket.writes).isEqualTo(1);
    exchange.socket.close(1000);
    assertThat(broker.closedSubscriptions).isEqualTo(1);
    assertThat(context.restStats().open(Use.EVENTS_RECEIVERS)).isZero();
  }

  @Test
  void shouldDropForSlowReceiverAlone() {
    FakeSocket slow = events(FakeExchange.upgrade(EVENTS)).socket;
    slow.pendingBytes = 2 << 20;
    slow.countPending = true;

    EventBatch batch = new EventBatch(List.of(message("1"), message("2")));
    broker.eventListener.onEvents(batch);
    batch.release();
    assertThat(slow.texts).isEmpty();
    assertThat(SlowReceiver.counter(broker.metrics).value()).isEqualTo(2);

    slow.pendingBytes = (1 << 20) + (1 << 18) - 10;
    batch = new EventBatch(List.of(message("3"), message("4")));
    broker.eventListener.onEvents(batch);
    batch.release();

    assertThat(slow.texts).containsExactly(event("3", ""));
    assertThat(SlowReceiver.counter(broker.metrics).value()).isEqualTo(3);
  }

  @Test
  void shouldRefuseWhatTheCoreRefuses() {
    broker.subscribeError = ErrorCode.TOO_MANY_SUBSCRIPTIONS;

    assertRefused(events(FakeExchange.upgrade(EVENTS)), "too many subscriptions per channel");
    assertRefused(requests(FakeExchange.upgrade(QUERIES)), "too many subscriptions per channel");
  }

  @Test
  void shouldEndSubscriptionOfClientThatIsGone() {
    FakeExchange exchange = FakeExchange.upgrade(EVENTS);
    exchange.disconnect();

    events(exchange);

    assertThat(exchange.socket).isNull();
    assertThat(broker.closedSubscriptions).isEqualTo(1);
  }

  private FakeExchange subscribeToStore() {
    FakeExchange exchange = events(FakeExchange.upgrade(STORE));
    broker.logs.subscription.complete(Result.ok(subscription));
    return exchange;
  }

  private static List<LogRecord> records(int first, int count) {
    List<LogRecord> records = new ArrayList<>();
    for (int i = first; i < first + count; i++) {
      records.add(new LogRecord(message("e" + i), i, 1000 + i));
    }
    return records;
  }

  @Test
  void shouldSubscribeToEventsStore() {
    FakeExchange exchange = events(FakeExchange.upgrade(STORE));
    assertThat(broker.logs.asked)
        .isEqualTo(new LogSubscribe("a", new LogStart.AtSequence(9), "c", null));
    assertThat(exchange.socket).isNull();
    broker.logs.subscription.complete(Result.ok(subscription));
    FakeSocket socket = exchange.socket;

    assertThat(broker.logs.listener.onRecords(records(1, 2))).isTrue();

    assertThat(socket.texts)
        .containsExactly(
            event("e1", ",\"Timestamp\":1001,\"Sequence\":1"),
            event("e2", ",\"Timestamp\":1002,\"Sequence\":2"));
    assertThat(subscription.delivered).isEmpty();
    socket.listeners.get(0).written(true);
    assertThat(subscription.delivered).containsExactly(2L);
    broker.logs.listener.onRecords(records(3, 1));
    socket.listeners.get(1).written(false);
    assertThat(subscription.delivered).containsExactly(2L);
    socket.close(1000);
    assertThat(subscription.closed).isTrue();
  }

  @Test
  void shouldKeepRecordsThatComeBeforeTheSocketIsOpen() {
    FakeExchange exchange = events(FakeExchange.upgrade(STORE));
    assertThat(broker.logs.listener.onRecords(records(1, 2))).isFalse();

    broker.logs.subscription.complete(Result.ok(subscription));

    assertThat(exchange.socket.texts).hasSize(2);
    assertThat(subscription.resumed).isEqualTo(1);
  }

  @Test
  void shouldPauseForSlowReceiver() {
    FakeSocket socket = subscribeToStore().socket;
    socket.pendingBytes = (1 << 20) + 1;

    assertThat(broker.logs.listener.onRecords(records(1, 1))).isFalse();
    socket.handler.onWritable(socket);
    socket.handler.onWritable(socket);

    assertThat(socket.texts).hasSize(1);
    assertThat(subscription.resumed).isEqualTo(1);
  }

  @Test
  void shouldShareFramesAmongSubscribersOfOneLane() {
    FakeSocket first = subscribeToStore().socket;
    List<LogRecord> records = records(1, 2);
    SharedRecords<Frames> shared = new SharedRecords<>(Frames::close);
    Function<List<LogRecord>, Frames> encode = each -> Frames.ofRecords(each, first.allocator());
    Frames frames = shared.of(records, first.lane, encode);

    assertThat(shared.of(records, first.lane, encode)).isSameAs(frames);
    first.lane.runTasks();
    assertThat(shared.of(records, first.lane, encode)).isNotSameAs(frames);
    first.lane.runTasks();
  }

  @Test
  void shouldRefuseSecondSubscriberOfOneName() {
    FakeExchange exchange = events(FakeExchange.upgrade(STORE));
    broker.logs.subscription.complete(Result.refused(ErrorCode.SUBSCRIBER_EXISTS, "taken"));

    assertRefused(exchange, "taken");
  }

  @Test
  void shouldSayWhyStoreSubscriptionEnds() {
    FakeSocket socket = subscribeToStore().socket;

    broker.logs.listener.onEnd(new BrokerError(ErrorCode.CHANNEL_DELETED, "it was deleted"));

    assertThat(socket.texts)
        .containsExactly(
            "{\"is_error\":true,\"message\":\"reason it was deleted: Error 205: connection was"
                + " closed by server\",\"data\":null}");
    assertThat(socket.closeCode).isEqualTo(1001);
  }

  @Test
  void shouldRefuseStoreSubscriptionThatEndsAtOnce() {
    FakeExchange exchange = events(FakeExchange.upgrade(STORE));
    broker.logs.listener.onEnd(new BrokerError(ErrorCode.CHANNEL_DELETED, "it was deleted"));
    broker.logs.subscription.complete(Result.ok(subscription));

    assertRefused(exchange, "it was deleted");
  }

  @Test
  void shouldEndStoreSubscriptionOfClientThatIsGone() {
    FakeExchange exchange = events(FakeExchange.upgrade(STORE));
    exchange.disconnect();
    broker.logs.subscription.complete(Result.ok(subscription));

    assertThat(subscription.closed).isTrue();
    assertThat(exchange.socket).isNull();
  }

  @Test
  void shouldServeRequests() {
    FakeSocket socket = requests(FakeExchange.upgrade(QUERIES)).socket;
    assertThat(broker.kind).isEqualTo(Kind.QUERY);
    assertThat(broker.filter).isEqualTo(ChannelFilter.exact("a"));
    assertThat(broker.group).isNull();

    broker.requestListener.onRequest(
        new Request(Kind.QUERY, message("r"), 500, "k", 10_000, new byte[] {'y'}), "_INBOX.1");

    assertThat(socket.texts)
        .containsExactly(
            "{\"RequestID\":\"r\",\"RequestTypeData\":2,\"ClientID\":\"sender\","
                + "\"Channel\":\"a.b\",\"Metadata\":\"m\",\"Body\":\"eA==\","
                + "\"ReplyChannel\":\"_INBOX.1\",\"Timeout\":500,\"CacheKey\":\"k\","
                + "\"CacheTTL\":10,\"Tags\":{\"t\":\"1\"},\"Span\":\"eQ==\"}");
    assertThat(context.restStats().open(Use.QUERIES_RECEIVERS)).isEqualTo(1);
  }

  @Test
  void shouldIgnoreWhatSubscribersSay() {
    FakeSocket socket = requests(FakeExchange.upgrade(QUERIES)).socket;

    socket.text("anything");

    assertThat(socket.texts).isEmpty();
    assertThat(socket.open).isTrue();
  }
}
