// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.core.Broker;
import io.dragoman.core.DelayedPage;
import io.dragoman.core.LogInfo;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Logs;
import io.dragoman.core.Message;
import io.dragoman.core.QueueInfo;
import io.dragoman.core.QueuePage;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of messages: where they go on, and how many are in memory together. */
@Timeout(60)
class PagesTest {
  private static final int WAITING_MAX = 64;
  private static final LogInfo FROM_3_TO_5 = new LogInfo("log", 3, 5, 3, 30, 2, 0);
  private static final LogInfo ALL_TRIMMED = new LogInfo("log", 0, 5, 0, 0, 5, 0);

  private final HttpClient http = HttpClient.newHttpClient();
  private final ServedAdmin admin = new ServedAdmin(broker());
  private volatile LogInfo info = FROM_3_TO_5;
  private volatile List<LogRecord> read = List.of();

  /** Pages that were asked for, once they are not answered at once. */
  private final BlockingQueue<Runnable> asked = new LinkedBlockingQueue<>();

  private volatile boolean holdBack;
  private URI uri = URI.create("http://localhost");

  @BeforeEach
  void listen() throws IOException {
    uri = admin.listen();
  }

  @AfterEach
  void close() {
    admin.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5})
  void shouldGoOnBehindAPageThatWasTrimmedWhileItWasRead(int from) throws Exception {
    // given messages that are gone once they are read
    read = List.of();

    // when, then
    assertThat(page(from)).isEqualTo("{\"log\":\"log\",\"messages\":[],\"next\":6}");
  }

  @Test
  void shouldEndBehindTheLastMessage() throws Exception {
    assertThat(page(6)).isEqualTo("{\"log\":\"log\",\"messages\":[]}");
    read = List.of(logged(5));
    assertThat(page(5)).endsWith("]}");
  }

  @Test
  void shouldGoOnBehindTheMessagesOfAPage() throws Exception {
    read = List.of(logged(3), logged(4));
    assertThat(page(0)).endsWith("],\"next\":5}");
  }

  @Test
  void shouldEndAtOnceInALogThatKeepsNothing() throws Exception {
    info = ALL_TRIMMED;
    assertThat(page(0)).isEqualTo("{\"log\":\"log\",\"messages\":[]}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/logs/messages?log=log",
        "/v1/queues/messages?queue=queue",
        "/v1/queues/delayed?queue=queue"
      })
  void shouldHoldOnePageAtATimeAndRefuseWhatDoesNotFitTheQueue(String path) throws Exception {
    // given
    holdBack = true;

    // when
    List<CompletableFuture<Integer>> answers = new ArrayList<>();
    for (int i = 0; i < WAITING_MAX + 2; i++) {
      answers.add(
          http.sendAsync(request(path), BodyHandlers.ofString())
              .thenApply(HttpResponse::statusCode));
    }

    // then one is being read, the others wait without having been asked for
    await().until(() -> answers.stream().filter(CompletableFuture::isDone).count() == 1);
    assertThat(asked).hasSize(1);

    // and get theirs in turn
    for (int i = 0; i < WAITING_MAX + 1; i++) {
      Runnable page = Objects.requireNonNull(asked.poll(20, TimeUnit.SECONDS));
      assertThat(asked).isEmpty();
      page.run();
    }
    assertThat(answers.stream().map(CompletableFuture::join))
        .containsOnlyOnce(503)
        .containsOnly(200, 503);
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(uri.resolve(path)).timeout(Duration.ofSeconds(40)).build();
  }

  private String page(int from) throws IOException, InterruptedException {
    return http.send(request("/v1/logs/messages?log=log&from=" + from), BodyHandlers.ofString())
        .body();
  }

  private static LogRecord logged(long sequence) {
    return new LogRecord(Message.builder().id("id").channel("log").build(), sequence, 1);
  }

  private Broker broker() {
    Logs logs =
        stub(
            Logs.class,
            (proxy, method, of) -> method.getName().equals("info") ? now(info) : asked(read));
    Queues queues =
        stub(
            Queues.class,
            (proxy, method, of) ->
                switch (method.getName()) {
                  case "info" -> now(new QueueInfo("queue", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
                  case "browse" -> asked(new QueuePage(List.of(), 0));
                  default -> asked(new DelayedPage(List.of(), null));
                });
    return stub(
        Broker.class,
        (proxy, method, of) ->
            switch (method.getName()) {
              case "logs" -> logs;
              case "queues" -> queues;
              default -> null;
            });
  }

  private static <T> CompletionStage<Result<T>> now(T value) {
    return CompletableFuture.completedFuture(Result.ok(value));
  }

  private <T> CompletionStage<Result<T>> asked(T value) {
    if (!holdBack) {
      return now(value);
    }
    CompletableFuture<Result<T>> page = new CompletableFuture<>();
    asked.add(() -> page.complete(Result.ok(value)));
    return page;
  }

  private static <T> T stub(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
