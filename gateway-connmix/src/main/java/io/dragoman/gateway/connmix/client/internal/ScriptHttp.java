// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.gateway.connmix.client.HeaderNames;
import io.dragoman.gateway.connmix.client.internal.ScriptCalls.Outcome;
import io.dragoman.lua.HttpAnswer;
import io.dragoman.lua.HttpCall;
import io.dragoman.security.BoundedBody;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Does the HTTP requests of scripts, beside the lanes. Safe from any thread; never blocks. */
final class ScriptHttp implements AutoCloseable {
  private static final int CALLS_MAX = 256;
  private static final int ANSWER_BYTES_MAX = 4 << 20;
  private static final int THREADS = 2;

  /** Headers that the client makes itself, as scripts expect it. */
  private static final Set<String> OWN = Set.of("content-length", "connection", "host");

  private final ExecutorService threads;
  private final HttpClient client;
  private final ScriptCalls calls;
  private final AtomicInteger underWay = new AtomicInteger();

  ScriptHttp(ScriptCalls calls) {
    this.calls = calls;
    this.threads =
        Executors.newFixedThreadPool(
            THREADS,
            task -> {
              Thread made = new Thread(task, "dragoman-connmix-http");
              made.setDaemon(true);
              return made;
            });
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .executor(threads)
            .build();
  }

  /**
   * Does a request.
   *
   * @throws IllegalArgumentException if it is none; the message says why
   */
  CompletionStage<HttpAnswer> call(HttpCall call) {
    HttpRequest request = request(call);
    if (underWay.incrementAndGet() > CALLS_MAX) {
      underWay.decrementAndGet();
      calls.count(Outcome.REFUSED);
      return CompletableFuture.failedFuture(new IOException("too many requests are under way"));
    }
    CompletableFuture<HttpResponse<byte[]>> sent;
    try {
      sent = client.sendAsync(request, head -> new BoundedBody(ANSWER_BYTES_MAX));
    } catch (RuntimeException e) {
      underWay.decrementAndGet();
      throw e;
    }
    return BoundedCall.of(sent, call.timeoutMillis())
        .handle(
            (answer, fault) -> {
              underWay.decrementAndGet();
              calls.count(answer == null ? Outcome.FAILED : Outcome.ANSWERED);
              if (answer == null) {
                throw new CompletionException(new IOException(words(fault)));
              }
              return answer(answer);
            });
  }

  private static HttpRequest request(HttpCall call) {
    BodyPublisher body =
        call.body().length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(call.body());
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(call.url()))
            .timeout(Duration.ofMillis(call.timeoutMillis()))
            .method(call.method(), body);
    for (Map.Entry<String, String> each : call.headers()) {
      if (!OWN.contains(each.getKey().toLowerCase(Locale.ROOT))) {
        request.header(each.getKey(), each.getValue());
      }
    }
    return request.build();
  }

  private static HttpAnswer answer(HttpResponse<byte[]> answer) {
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    answer
        .headers()
        .map()
        .forEach(
            (name, values) ->
                values.forEach(
                    value -> headers.add(Map.entry(HeaderNames.canonical(name), value))));
    return new HttpAnswer(
        answer.statusCode(), answer.uri().toString(), List.copyOf(headers), answer.body());
  }

  private static String words(@Nullable Throwable fault) {
    Throwable cause = fault;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof TimeoutException || cause instanceof HttpTimeoutException) {
      return "the request took too long";
    }
    String message = cause == null ? null : cause.getMessage();
    return message == null ? String.valueOf(cause) : message;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
