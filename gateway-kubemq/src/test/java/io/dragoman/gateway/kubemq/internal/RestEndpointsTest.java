// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import static io.dragoman.gateway.kubemq.internal.Posts.assertFailed;
import static io.dragoman.gateway.kubemq.internal.Posts.assertOk;
import static io.dragoman.gateway.kubemq.internal.Posts.handle;
import static io.dragoman.gateway.kubemq.internal.Posts.post;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.LogPosition;
import io.dragoman.core.Message;
import io.dragoman.core.Response;
import io.dragoman.core.Result;
import io.dragoman.gateway.kubemq.KubemqOptions;
import io.dragoman.gateway.kubemq.KubemqOptions.CacheTtlUnit;
import io.dragoman.gateway.kubemq.internal.InterfaceStats.Use;
import java.lang.ref.WeakReference;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RestEndpointsTest {
  private static final byte[] NO_BYTES = new byte[0];

  private final FakeBroker broker = new FakeBroker();
  private final GatewayContext context =
      new GatewayContext(broker, KubemqOptions.defaults("host", "1.2.3"));
  private final EventEndpoints events = new EventEndpoints(context);
  private final RequestEndpoints requests = new RequestEndpoints(context);

  private FakeExchange sendEvent(String json) {
    return post(json, JsonDecoders::event, events::send);
  }

  @Test
  void shouldSendEvent() {
    FakeExchange exchange =
        sendEvent("{\"EventID\":\"1\",\"ClientID\":\"c\",\"Channel\":\"a\",\"Metadata\":\"m\"}");

    assertOk(exchange, "{\"EventID\":\"1\",\"Sent\":true}");
    assertThat(broker.published).extracting(Message::channel).containsExactly("a");
    assertThat(context.restStats().sent(Kind.EVENTS).messages().value()).isEqualTo(1);
    assertThat(context.restStats().open(Use.EVENTS_SENDERS)).isZero();
  }

  @Test
  void shouldStoreEvent() {
    broker.logs.appendsWait = true;
    FakeExchange exchange =
        sendEvent("{\"ClientID\":\"c\",\"Channel\":\"a\",\"Metadata\":\"m\",\"Store\":true}");
    assertThat(exchange.status).isZero();
    assertThat(context.restStats().open(Use.EVENTS_SENDERS)).isEqualTo(1);

    broker.logs.appends.get(0).complete(Result.ok(new LogPosition(1, 1)));

    String id = broker.logs.appended.get(0).id();
    assertOk(exchange, "{\"EventID\":\"" + id + "\",\"Sent\":true}");
    assertThat(broker.published).isEmpty();
  }

  @Test
  void shouldReportRefusalsAndFaults() {
    String json = "{\"ClientID\":\"c\",\"Channel\":\"a\",\"Metadata\":\"m\",\"Store\":true}";
    broker.logs.appendsWait = true;
    FakeExchange refused = sendEvent(json);
    FakeExchange failed = sendEvent(json);

    broker.logs.appends.get(0).complete(Result.refused(ErrorCode.STORAGE_FULL, "the disk is full"));
    broker.logs.appends.get(1).completeExceptionally(new IllegalStateException("secret"));

    assertFailed(refused, "Error 402: server persistence server is not ready");
    assertFailed(failed, "internal error");
    assertThat(context.restStats().errors().messages().value()).isEqualTo(2);
  }

  @Test
  void shouldRefuseInvalidEvent() {
    assertFailed(sendEvent(""), "Error 101: invalid clientID value, cannot be empty");
    assertThat(broker.published).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "json", ""})
  void shouldRefuseOtherMediaTypes(String type) {
    FakeExchange exchange = FakeExchange.get("/").with("content-type", type).body("{}");

    handle(exchange, JsonDecoders::event, events::send);

    assertFailed(exchange, "code=415, message=Unsupported Media Type");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"application/json", "Application/JSON", "application/json; charset=utf-8"})
  void shouldAcceptJsonMediaTypes(String type) {
    FakeExchange exchange = FakeExchange.get("/").with("content-type", type).body("{}");

    handle(exchange, JsonDecoders::event, events::send);

    assertFailed(exchange, "Error 101: invalid clientID value, cannot be empty");
  }

  @Test
  void shouldRefuseMalformedJson() {
    assertFailed(sendEvent("{"), "code=400, message=unexpected EOF, internal=unexpected EOF");
  }

  private FakeExchange request(int type) {
    return post(
        "{\"RequestID\":\"r\",\"RequestTypeData\":"
            + type
            + ",\"ClientID\":\"c\",\"Channel\":\"a\",\"Metadata\":\"m\",\"Timeout\":1000,"
            + "\"CacheKey\":\"k\",\"CacheTTL\":10,\"Span\":\"eA==\"}",
        JsonDecoders::request,
        requests::request);
  }

  private static Response response(long timestamp) {
    Message message =
        Message.builder()
            .id("r")
            .clientId("responder")
            .metadata("meta")
            .body(new byte[] {'x'})
            .tags(Map.of("t", "1"))
            .build();
    return new Response(message, timestamp, true, "", true, NO_BYTES);
  }

  @Test
  void shouldNotHoldTheContentsOfARequestThatWaits() {
    // given
    request(1);
    WeakReference<Message> contents = new WeakReference<>(broker.request.message());

    // when its responders have it, as only the broker knows
    broker.request = null;

    // then
    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(contents.refersTo(null)).isTrue();
            });
    assertThat(broker.response.stage).isNotDone();
  }

  @Test
  void shouldAnswerCommandWithoutData() {
    FakeExchange exchange = request(1);

    broker.response.ok(response(1546084257));

    assertOk(
        exchange,
        "{\"ClientID\":\"responder\",\"RequestID\":\"r\",\"Timestamp\":1546084257,"
            + "\"Executed\":true,\"Error\":\"\",\"Tags\":{\"t\":\"1\"}}");
    assertThat(broker.request.kind()).isEqualTo(Kind.COMMAND);
    assertThat(broker.request.timeoutMillis()).isEqualTo(1000);
  }

  @Test
  void shouldAnswerQueryWithEmptyValues() {
    FakeExchange exchange = request(2);

    broker.response.ok(
        new Response(
            Message.builder().id("r").clientId("x").build(), 0, false, "no", false, NO_BYTES));

    assertOk(
        exchange,
        "{\"ClientID\":\"x\",\"RequestID\":\"r\",\"Metadata\":\"\",\"Body\":\"\","
            + "\"CacheHit\":false,\"Timestamp\":1600000000,\"Executed\":false,\"Error\":\"no\"}");
  }

  @Test
  void shouldAnswerQueryFromCache() {
    FakeExchange exchange = request(2);

    broker.response.ok(response(5));

    assertOk(
        exchange,
        "{\"ClientID\":\"responder\",\"RequestID\":\"r\",\"Metadata\":\"meta\",\"Body\":\"eA==\","
            + "\"CacheHit\":true,\"Timestamp\":5,\"Executed\":true,\"Error\":\"\","
            + "\"Tags\":{\"t\":\"1\"}}");
    assertThat(broker.request.cacheTtlMillis()).isEqualTo(10_000);
  }

  @Test
  void shouldReadCacheTimeInConfiguredUnit() {
    KubemqOptions defaults = KubemqOptions.defaults("h", "v");
    KubemqOptions millis =
        new KubemqOptions(
            "h",
            "v",
            defaults.queueLimits(),
            defaults.messageBytesMax(),
            CacheTtlUnit.MILLIS,
            defaults.subscriberBufferBytes());
    RequestEndpoints other = new RequestEndpoints(new GatewayContext(broker, millis));

    post(
        "{\"RequestTypeData\":2,\"ClientID\":\"c\",\"Channel\":\"a\",\"Metadata\":\"m\","
            + "\"Timeout\":1,\"CacheKey\":\"k\",\"CacheTTL\":10}",
        JsonDecoders::request,
        other::request);

    assertThat(broker.request.cacheTtlMillis()).isEqualTo(10);
  }

  @Test
  void shouldReportTimeout() {
    FakeExchange exchange = request(1);

    broker.response.stage.complete(Result.refused(ErrorCode.REQUEST_TIMEOUT, "nobody answered"));

    assertFailed(exchange, "Error 301: timeout for request message");
    assertThat(context.restStats().open(Use.REQUESTS_SENDERS)).isZero();
  }

  @Test
  void shouldCancelRequestWhenRequesterGoesAway() {
    FakeExchange exchange = request(1);

    exchange.disconnect();

    assertThat(broker.response.cancelled()).isTrue();
    assertThat(context.restStats().open(Use.REQUESTS_SENDERS)).isZero();
  }

  @Test
  void shouldPassResponseOn() {
    FakeExchange exchange =
        post(
            "{\"RequestID\":\"r\",\"ClientID\":\"c\",\"ReplyChannel\":\"_INBOX.x\",\"Metadata\":"
                + "\"m\",\"Body\":\"eA==\",\"Executed\":true,\"Error\":\"e\",\"Timestamp\":7,"
                + "\"CacheHit\":true,\"Tags\":{\"a\":\"b\"}}",
            JsonDecoders::response,
            requests::response);

    assertOk(exchange, "null");
    assertThat(broker.respondedTo).isEqualTo("_INBOX.x");
    Response passed = broker.responses.get(0);
    assertThat(passed.message().id()).isEqualTo("r");
    assertThat(passed.message().body()).containsExactly('x');
    assertThat(passed.message().channel()).isEmpty();
    assertThat(passed.timestamp()).isEqualTo(7);
    assertThat(passed.executed()).isTrue();
    assertThat(passed.error()).isEqualTo("e");
    assertThat(passed.cacheHit()).isFalse();
  }

  @Test
  void shouldNotMakeUpRequestIdOfResponse() {
    FakeExchange exchange =
        post(
            "{\"ClientID\":\"c\",\"ReplyChannel\":\"_INBOX.x\"}",
            JsonDecoders::response,
            requests::response);

    assertFailed(exchange, "Error 117: invalid request id, cannot be empty");
  }

  @Test
  void shouldShapeErrorsOfTheTransport() {
    assertThat(new String(RestReplies.error(404, "no such path").bytes(), UTF_8))
        .isEqualTo("{\"error_code\":404,\"message\":\"Not Found\"}");
    assertThat(new String(RestReplies.error(405, "x").bytes(), UTF_8))
        .isEqualTo("{\"error_code\":405,\"message\":\"Method Not Allowed\"}");
    assertThat(new String(RestReplies.error(413, "x").bytes(), UTF_8))
        .isEqualTo("{\"error_code\":413,\"message\":\"Request Entity Too Large\"}");
  }

  @Test
  void shouldSayWhenItIsNotReady() {
    FakeExchange exchange = FakeExchange.get("/ping");

    RestReplies.notReady(exchange);

    assertThat(exchange.status).isEqualTo(503);
    assertThat(exchange.answer)
        .isEqualTo(
            "{\"is_error\":true,\"message\":\"rest server is not ready to accept requests\","
                + "\"data\":null}");
  }
}
