// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.core.Broker;
import io.dragoman.core.ChannelInfo;
import io.dragoman.core.ChannelOverview;
import io.dragoman.core.Channels;
import io.dragoman.core.Clock;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Health;
import io.dragoman.core.Kind;
import io.dragoman.core.LogInfo;
import io.dragoman.core.Logs;
import io.dragoman.core.Metrics;
import io.dragoman.core.QueueInfo;
import io.dragoman.core.Queues;
import io.dragoman.core.Result;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The lists of the management API: where they are made, and what they leave out. */
@Timeout(60)
class ListsTest {
  private final Map<String, ErrorCode> refused = new ConcurrentHashMap<>();
  private final CompletableFuture<Void> mayList = new CompletableFuture<>();
  private final AtomicBoolean listing = new AtomicBoolean();
  private final HttpClient http = HttpClient.newHttpClient();
  private final ServedAdmin admin = new ServedAdmin(broker());
  private URI uri = URI.create("http://localhost");

  @BeforeEach
  void listen() throws IOException {
    uri = admin.listen();
  }

  @AfterEach
  void close() {
    mayList.complete(null);
    admin.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/channels", "/v1/queues", "/v1/logs"})
  void shouldMakeListsBesideTheEventLoops(String list) throws Exception {
    // given a list that takes long to make
    CompletableFuture<HttpResponse<String>> listed =
        http.sendAsync(request(list), BodyHandlers.ofString());
    await().untilTrue(listing);

    // when, then the only event loop serves others meanwhile
    assertThat(http.send(request("/livez"), BodyHandlers.ofString()).statusCode()).isEqualTo(200);

    // and the list is there in the end
    assertThat(listed).isNotDone();
    mayList.complete(null);
    assertThat(listed.get().statusCode()).isEqualTo(200);
    assertThat(listed.get().body()).contains("\"first\"", "\"second\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/queues", "/v1/logs"})
  void shouldLeaveOutOnlyWhatWasDeletedMeanwhile(String list) throws Exception {
    // given
    mayList.complete(null);
    refused.put("second", ErrorCode.NOT_FOUND);

    // when, then
    HttpResponse<String> left = http.send(request(list), BodyHandlers.ofString());
    assertThat(left.statusCode()).isEqualTo(200);
    assertThat(left.body()).contains("\"first\"").doesNotContain("\"second\"");

    // and what cannot be told is not left out, but said
    refused.put("second", ErrorCode.STORAGE_FAILED);
    HttpResponse<String> failed = http.send(request(list), BodyHandlers.ofString());
    assertThat(failed.statusCode()).isEqualTo(503);
    assertThat(failed.body()).contains("\"storage_failed\"");
  }

  @Test
  void shouldTellThatTheOneNamedIsNotThere() throws Exception {
    // given
    refused.put("first", ErrorCode.NOT_FOUND);

    // when, then
    assertThat(http.send(request("/v1/queues?name=first"), BodyHandlers.ofString()).statusCode())
        .isEqualTo(404);
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(uri.resolve(path)).timeout(Duration.ofSeconds(20)).build();
  }

  // --- a broker with two channels of every kind

  private Broker broker() {
    Channels channels =
        stub(
            Channels.class,
            (proxy, method, of) -> {
              Kind kind = (Kind) of[0];
              listing.set(true);
              mayList.join();
              return method.getName().equals("list")
                  ? completed(List.of(info(kind, "first"), info(kind, "second")))
                  : completed(List.of(overview(kind, "first"), overview(kind, "second")));
            });
    Queues queues =
        stub(
            Queues.class,
            (proxy, method, of) ->
                info((String) of[0], new QueueInfo((String) of[0], 1, 1, 1, 0, 0, 0, 0, 0, 0, 0)));
    Logs logs =
        stub(
            Logs.class,
            (proxy, method, of) ->
                info((String) of[0], new LogInfo((String) of[0], 1, 1, 1, 0, 0, 0)));
    Health health = stub(Health.class, (proxy, method, of) -> true);
    return stub(
        Broker.class,
        (proxy, method, of) ->
            switch (method.getName()) {
              case "channels" -> channels;
              case "queues" -> queues;
              case "logs" -> logs;
              case "health" -> health;
              case "metrics" -> new Metrics();
              case "clock" -> stub(Clock.class, (clock, asked, nothing) -> 1_000_000L);
              default -> throw new UnsupportedOperationException(method.getName());
            });
  }

  private <T> CompletionStage<Result<T>> info(String name, T info) {
    ErrorCode error = refused.get(name);
    return error == null
        ? completed(info)
        : CompletableFuture.completedFuture(Result.refused(error, "refused on purpose"));
  }

  private static ChannelInfo info(Kind kind, String name) {
    return new ChannelInfo(kind, name, 1, 1);
  }

  private static ChannelOverview overview(Kind kind, String name) {
    return new ChannelOverview(kind, name, info(kind, name), null);
  }

  private static <T> CompletionStage<Result<T>> completed(T value) {
    return CompletableFuture.completedFuture(Result.ok(value));
  }

  private static <T> T stub(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
