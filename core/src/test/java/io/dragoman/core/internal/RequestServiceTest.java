// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import static io.dragoman.core.internal.Fixture.isDone;
import static io.dragoman.core.internal.Fixture.message;
import static io.dragoman.core.internal.Fixture.now;
import static io.dragoman.core.internal.Fixture.refusal;
import static io.dragoman.core.internal.Fixture.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.core.Call;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.CoreMetrics;
import io.dragoman.core.CoreOptions;
import io.dragoman.core.Kind;
import io.dragoman.core.Message;
import io.dragoman.core.Request;
import io.dragoman.core.RequestListener;
import io.dragoman.core.Response;
import io.dragoman.core.spi.RequestTransport.Interest;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RequestServiceTest {
  private static final byte[] NO_SPAN = {};

  private final ManualLane lane = new ManualLane();
  private Fixture fixture = new Fixture();

  /** Keeps what it was asked. */
  private static final class Responder implements RequestListener {
    final List<Request> requests = new ArrayList<>();
    final List<String> replyTos = new ArrayList<>();

    @Override
    public void onRequest(Request request, String replyTo) {
      requests.add(request);
      replyTos.add(replyTo);
    }
  }

  @Test
  void shouldGiveTheResponderAnswer() {
    // given
    Responder responder = serve(Kind.QUERY, "q", null);
    Call<Response> call = fixture.broker.requests().request(query("1", "", 0));
    lane.run();
    assertThat(isDone(call.result())).isFalse();

    // when
    respond(responder.replyTos.get(0), "answer", true);

    // then
    Response response = now(call.result()).orThrow();
    assertThat(text(response.message())).isEqualTo("answer");
    assertThat(response.cacheHit()).isFalse();
    assertThat(text(responder.requests.get(0).message())).isEqualTo("1");
    assertThat(fixture.timers.waiting()).isZero();
  }

  @Test
  void shouldAskEveryResponderAndTakeTheFirstAnswer() {
    // given
    Responder one = serve(Kind.COMMAND, "q", null);
    Responder two = serve(Kind.COMMAND, "q", null);
    Call<Response> call = fixture.broker.requests().request(request(Kind.COMMAND, "1", "", 0));
    int handed = lane.handed();
    lane.run();

    // when
    respond(two.replyTos.get(0), "second responder", true);
    respond(one.replyTos.get(0), "first responder", true);

    // then
    assertThat(handed).isEqualTo(1);
    assertThat(text(now(call.result()).orThrow().message())).isEqualTo("second responder");
  }

  @Test
  void shouldAskOneMemberOfEachGroup() {
    // given
    List<Responder> group = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      group.add(serve(Kind.QUERY, "q", "g"));
    }
    Responder other = serve(Kind.QUERY, "q", "h");
    Responder commands = serve(Kind.COMMAND, "q", null);

    // when
    for (int i = 0; i < 60; i++) {
      fixture.broker.requests().request(query("" + i, "", 0));
    }
    lane.run();

    // then
    assertThat(group.stream().mapToInt(each -> each.requests.size()).sum()).isEqualTo(60);
    assertThat(group).allMatch(each -> each.requests.size() > 5);
    assertThat(other.requests).hasSize(60);
    assertThat(commands.requests).isEmpty();
  }

  @Test
  void shouldNotHoldTheContentsOfARequestThatWaits() {
    // given nobody who answers
    Request request = query("1", "key", 1_000);
    WeakReference<Message> contents = new WeakReference<>(request.message());

    // when
    Call<Response> call = fixture.broker.requests().request(request);
    request = null;

    // then
    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(contents.refersTo(null)).isTrue();
            });
    assertThat(isDone(call.result())).isFalse();
  }

  @Test
  void shouldRefuseMoreRequestsThanMayWait() {
    // given keys that take nearly all there is
    String key = "k".repeat(1 << 20);
    List<Call<Response>> waiting = new ArrayList<>();
    for (int i = 0; i < 127; i++) {
      waiting.add(fixture.broker.requests().request(query("1", key, 1_000)));
    }
    assertThat(waiting).noneMatch(each -> isDone(each.result()));
    waiting.add(fixture.broker.requests().request(query("1", key, 1_000)));

    // when, then
    assertThat(refusal(now(waiting.get(127).result()))).isEqualTo("OVERLOADED");

    // and there is room again when they are gone
    waiting.forEach(Call::cancel);
    assertThat(isDone(fixture.broker.requests().request(query("1", key, 1_000)).result()))
        .isFalse();
    assertThat(fixture.timers.waiting()).isEqualTo(1);
  }

  @Test
  void shouldServePatterns() {
    // given
    Responder responder = new Responder();
    fixture
        .broker
        .requests()
        .serve(Kind.QUERY, ChannelFilter.dotted("*"), null, lane, responder)
        .orThrow();

    // when
    fixture.broker.requests().request(query("1", "", 0));
    lane.run();

    // then
    assertThat(responder.requests).hasSize(1);
    assertThat(fixture.engine.requests.interests)
        .containsExactly(new Interest(Kind.QUERY, ChannelFilter.dotted("*"), null));
  }

  @Test
  void shouldTimeOutWhenNobodyAnswers() {
    // given
    Call<Response> call = fixture.broker.requests().request(query("1", "", 0));
    fixture.timers.advanceMillis(999);
    assertThat(isDone(call.result())).isFalse();

    // when
    fixture.timers.advanceMillis(1);

    // then
    assertThat(refusal(now(call.result()))).isEqualTo("REQUEST_TIMEOUT");
    assertThat(fixture.counted(CoreMetrics.REQUEST_TIMEOUTS, "kind", "query")).isEqualTo(1);
  }

  @Test
  void shouldIgnoreAnswersThatComeTooLate() {
    // given
    Responder responder = serve(Kind.QUERY, "q", null);
    Call<Response> call = fixture.broker.requests().request(query("1", "key", 1000));
    lane.run();
    fixture.timers.advanceMillis(1000);

    // when
    respond(responder.replyTos.get(0), "late", true);
    respond("never heard of", "x", true);

    // then
    assertThat(refusal(now(call.result()))).isEqualTo("REQUEST_TIMEOUT");
    assertThat(isDone(fixture.broker.requests().request(query("2", "key", 1000)).result()))
        .isFalse();
  }

  @Test
  void shouldEndWhenCancelled() {
    // given
    Responder responder = serve(Kind.QUERY, "q", null);
    Call<Response> call = fixture.broker.requests().request(query("1", "", 0));
    lane.run();

    // when
    call.cancel();
    call.cancel();
    respond(responder.replyTos.get(0), "answer", true);

    // then
    assertThat(refusal(now(call.result()))).isEqualTo("CANCELLED");
    assertThat(fixture.timers.waiting()).isZero();
  }

  @Test
  void shouldAnswerFromTheCacheWhileItIsFresh() {
    // given
    Responder responder = serve(Kind.QUERY, "q", null);
    answered(responder, query("1", "key", 5000), "kept", true);
    fixture.timers.advanceMillis(4999);

    // when
    Call<Response> hit = fixture.broker.requests().request(query("2", "key", 5000));

    // then
    Response response = now(hit.result()).orThrow();
    assertThat(response.cacheHit()).isTrue();
    assertThat(response.message().id()).isEqualTo("id-2");
    assertThat(text(response.message())).isEqualTo("kept");
    assertThat(fixture.counted(CoreMetrics.QUERY_CACHE_HITS)).isEqualTo(1);
    fixture.timers.advanceMillis(1);
    assertThat(isDone(fixture.broker.requests().request(query("3", "key", 5000)).result()))
        .isFalse();
  }

  @Test
  void shouldKeepAnswersByChannelAndKey() {
    // given
    Responder responder = serve(Kind.QUERY, "q", null);
    answered(responder, query("1", "key", 5000), "kept", true);

    // when
    Call<Response> otherKey = fixture.broker.requests().request(query("2", "other", 5000));
    Call<Response> otherChannel =
        fixture
            .broker
            .requests()
            .request(new Request(Kind.QUERY, message("p", "3"), 1000, "key", 5000, NO_SPAN));
    Call<Response> withoutKey = fixture.broker.requests().request(query("4", "", 5000));

    // then
    assertThat(isDone(otherKey.result())).isFalse();
    assertThat(isDone(otherChannel.result())).isFalse();
    assertThat(isDone(withoutKey.result())).isFalse();
  }

  @Test
  void shouldNotKeepWhatWasNotExecutedNorCommands() {
    // given
    Responder queries = serve(Kind.QUERY, "q", null);
    Responder commands = serve(Kind.COMMAND, "q", null);

    // when
    answered(queries, query("1", "key", 5000), "failed", false);
    answered(commands, request(Kind.COMMAND, "2", "key", 5000), "done", true);

    // then
    assertThat(isDone(fixture.broker.requests().request(query("3", "key", 5000)).result()))
        .isFalse();
    Call<Response> command =
        fixture.broker.requests().request(request(Kind.COMMAND, "4", "key", 5000));
    assertThat(isDone(command.result())).isFalse();
  }

  @Test
  void shouldDropRequestsForFullLane() {
    // given
    fixture = new Fixture(CoreOptions.DEFAULT.toBuilder().laneQueueBytesMax(300).build());
    Responder responder = serve(Kind.QUERY, "q", null);

    // when
    for (int i = 0; i < 10; i++) {
      fixture.broker.requests().request(query("" + i, "", 0));
    }
    lane.run();

    // then
    assertThat(responder.requests).hasSize(2);
    assertThat(fixture.counted(CoreMetrics.REQUESTS_DROPPED)).isEqualTo(8);
  }

  @Test
  void shouldNotStopAtResponderThatThrows() {
    // given
    fixture
        .broker
        .requests()
        .serve(
            Kind.QUERY,
            ChannelFilter.exact("q"),
            null,
            lane,
            (request, replyTo) -> {
              throw new IllegalStateException("as the test wants it");
            })
        .orThrow();
    Responder responder = serve(Kind.QUERY, "q", null);

    // when
    fixture.broker.requests().request(query("1", "", 0));
    lane.run();

    // then
    assertThat(responder.requests).hasSize(1);
  }

  @Test
  void shouldRefuseWhatCannotBeAsked() {
    // given
    Request noTime = new Request(Kind.QUERY, message("q", "1"), 0, "", 0, NO_SPAN);
    Request noChannel = new Request(Kind.QUERY, message("", "1"), 1, "", 0, NO_SPAN);
    Request noKind = new Request(Kind.EVENTS, message("q", "1"), 1, "", 0, NO_SPAN);

    // when / then
    assertThat(refusal(now(fixture.broker.requests().request(noTime).result())))
        .isEqualTo("INVALID_ARGUMENT");
    assertThat(refusal(now(fixture.broker.requests().request(noChannel).result())))
        .isEqualTo("INVALID_NAME");
    assertThat(refusal(now(fixture.broker.requests().request(noKind).result())))
        .isEqualTo("INVALID_ARGUMENT");
    assertThat(
            refusal(
                fixture
                    .broker
                    .requests()
                    .serve(Kind.LOG, ChannelFilter.exact("q"), null, lane, (r, to) -> {})))
        .isEqualTo("INVALID_ARGUMENT");
  }

  @Test
  void shouldEndWaitingRequestsWhenClosed() {
    // given
    Call<Response> call = fixture.broker.requests().request(query("1", "", 0));

    // when
    fixture.broker.close();

    // then
    assertThat(refusal(now(call.result()))).isEqualTo("SHUTTING_DOWN");
    assertThat(refusal(now(fixture.broker.requests().request(query("2", "", 0)).result())))
        .isEqualTo("SHUTTING_DOWN");
  }

  private void answered(Responder responder, Request request, String answer, boolean executed) {
    Call<Response> call = fixture.broker.requests().request(request);
    lane.run();
    respond(responder.replyTos.get(responder.replyTos.size() - 1), answer, executed);
    assertThat(now(call.result()).isOk()).isTrue();
  }

  private Responder serve(Kind kind, String channel, String group) {
    Responder responder = new Responder();
    fixture
        .broker
        .requests()
        .serve(kind, ChannelFilter.exact(channel), group, lane, responder)
        .orThrow();
    return responder;
  }

  private void respond(String replyTo, String answer, boolean executed) {
    fixture
        .broker
        .requests()
        .respond(replyTo, new Response(message("", answer), 0, executed, "", false, NO_SPAN));
  }

  private static Request query(String body, String cacheKey, long cacheTtlMillis) {
    return request(Kind.QUERY, body, cacheKey, cacheTtlMillis);
  }

  private static Request request(Kind kind, String body, String cacheKey, long cacheTtlMillis) {
    return new Request(kind, message("q", body), 1000, cacheKey, cacheTtlMillis, NO_SPAN);
  }
}
