// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemqjava;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.kubemq.sdk.basic.ServerAddressNotSuppliedException;
import io.kubemq.sdk.commandquery.Channel;
import io.kubemq.sdk.commandquery.Request;
import io.kubemq.sdk.commandquery.RequestReceive;
import io.kubemq.sdk.commandquery.RequestType;
import io.kubemq.sdk.commandquery.Responder;
import io.kubemq.sdk.commandquery.Response;
import io.kubemq.sdk.commandquery.lowlevel.Initiator;
import io.kubemq.sdk.subscription.EventsStoreType;
import io.kubemq.sdk.subscription.SubscribeRequest;
import io.kubemq.sdk.subscription.SubscribeType;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code io.kubemq.sdk.commandquery}: commands, and queries with a cache. */
@ExtendWith(WithBroker.class)
class RequestsTest {
  private static final int TIMEOUT_MILLIS = 10_000;

  private final Broker broker;
  private final String name = Names.unique("requests");
  private final AtomicInteger asked = new AtomicInteger();

  RequestsTest(Broker broker) {
    this.broker = broker;
  }

  @Test
  void shouldPing() throws Exception {
    assertThat(channel(RequestType.Command, TIMEOUT_MILLIS, "", 0).Ping().getHost()).isNotEmpty();
    assertThat(new Responder(broker.address()).Ping().getHost()).isNotEmpty();
    assertThat(new Initiator(broker.address()).Ping().getHost()).isNotEmpty();
  }

  @Test
  void shouldCarryOutCommands() throws Exception {
    // given
    respond(SubscribeType.Commands);
    Request request = new Request("the-id", "the-metadata", "the-body".getBytes(UTF_8));
    request.setTag("a", "1");

    // when
    Response response = channel(RequestType.Command, TIMEOUT_MILLIS, "", 0).SendRequest(request);

    // then a command has no content in its answer
    assertThat(response.isExecuted()).as(response.getError()).isTrue();
    assertThat(response.getError()).isEmpty();
    assertThat(response.getRequestID()).isEqualTo("the-id");
    assertThat(response.getClientID()).isEqualTo("java-responder");
    assertThat(response.getMetadata()).isEmpty();
    assertThat(response.getBody()).isEmpty();
  }

  @Test
  void shouldAnswerQueries() throws Exception {
    // given
    respond(SubscribeType.Queries);

    // when
    Response response =
        channel(RequestType.Query, TIMEOUT_MILLIS, "", 0)
            .SendRequest(new Request("the-id", "the-metadata", "the-body".getBytes(UTF_8)));

    // then
    assertThat(response.isExecuted()).as(response.getError()).isTrue();
    assertThat(response.getRequestID()).isEqualTo("the-id");
    assertThat(response.getMetadata()).isEqualTo("metadata of the-metadata");
    assertThat(new String(response.getBody(), UTF_8)).isEqualTo("answer to the-body");
    assertThat(response.isCacheHit()).isFalse();
    assertThat(response.getTimestamp()).isNotNull();
  }

  @Test
  void shouldAnswerQueriesAsynchronously() throws Exception {
    // given
    respond(SubscribeType.Queries);
    Inbox<Response> responses = new Inbox<>();

    // when
    channel(RequestType.Query, TIMEOUT_MILLIS, "", 0)
        .SendRequestAsync(new Request("the-id", "m", "b".getBytes(UTF_8)), responses);

    // then
    assertThat(responses.next().getRequestID()).isEqualTo("the-id");
  }

  @Test
  void shouldServeRequestsAsynchronously() throws Exception {
    // given
    new Responder(broker.address())
        .SubscribeToRequestsAsync(
            subscription(SubscribeType.Queries),
            new Responder.RequestResponseAsyncObserver() {
              @Override
              public Response onNext(RequestReceive request) {
                return answer(request);
              }

              @Override
              public void onError(Throwable cause) {
                throw new AssertionError(cause);
              }

              @Override
              public void onCompleted() {}
            });
    awaitResponder(RequestType.Query);

    // when
    Response response =
        channel(RequestType.Query, TIMEOUT_MILLIS, "", 0)
            .SendRequest(new Request("the-id", "m", "b".getBytes(UTF_8)));

    // then
    assertThat(response.isExecuted()).isTrue();
  }

  @Test
  void shouldAnswerFromTheCache() throws Exception {
    // given
    respond(SubscribeType.Queries);
    int before = asked.get();
    Channel channel = channel(RequestType.Query, TIMEOUT_MILLIS, Names.unique("key"), 60_000);

    // when
    Response first = channel.SendRequest(new Request("first", "m", "b".getBytes(UTF_8)));
    Response second = channel.SendRequest(new Request("second", "m", "b".getBytes(UTF_8)));

    // then
    assertThat(first.isCacheHit()).isFalse();
    assertThat(second.isCacheHit()).isTrue();
    assertThat(second.getRequestID()).isEqualTo("second");
    assertThat(second.getBody()).isEqualTo(first.getBody());
    assertThat(asked.get() - before).isEqualTo(1);
  }

  @Test
  void shouldTellThatNobodyAnswered() {
    assertThatThrownBy(
            () ->
                channel(RequestType.Command, 500, "", 0)
                    .SendRequest(new Request("the-id", "m", "b".getBytes(UTF_8))))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("Error 301: timeout for request message");
  }

  private void respond(SubscribeType type) throws Exception {
    // This call of the SDK lasts as long as the subscription.
    Thread responder = new Thread(() -> serve(type), "responder");
    responder.setDaemon(true);
    responder.start();
    awaitResponder(type == SubscribeType.Commands ? RequestType.Command : RequestType.Query);
  }

  private void serve(SubscribeType type) {
    try {
      new Responder(broker.address()).SubscribeToRequests(subscription(type), this::answer);
    } catch (SSLException | ServerAddressNotSuppliedException e) {
      throw new AssertionError(e);
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).as("the broker stops").isEqualTo(Status.Code.UNAVAILABLE);
    }
  }

  private SubscribeRequest subscription(SubscribeType type) {
    return new SubscribeRequest(type, "java-responder", name, "", EventsStoreType.Undefined, 0);
  }

  private void awaitResponder(RequestType type) {
    await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
        .until(
            () ->
                channel(type, 500, "", 0)
                    .SendRequest(new Request("probe", "probe", "probe".getBytes(UTF_8)))
                    .isExecuted());
  }

  private Response answer(RequestReceive request) {
    asked.incrementAndGet();
    Response response = new Response(request);
    response.setClientID("java-responder");
    response.setExecuted(true);
    response.setMetadata("metadata of " + request.getMetadata());
    response.setBody(("answer to " + new String(request.getBody(), UTF_8)).getBytes(UTF_8));
    response.setTimestamp(LocalDateTime.now(ZoneId.systemDefault()));
    return response;
  }

  private Channel channel(RequestType type, int timeout, String cacheKey, int cacheTtl) {
    return new Channel(type, name, "java-client", timeout, cacheKey, cacheTtl, broker.address());
  }
}
