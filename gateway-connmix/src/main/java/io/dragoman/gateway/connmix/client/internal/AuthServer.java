// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.gateway.connmix.client.Client;
import io.dragoman.gateway.connmix.client.ClientRules.Auth;
import io.dragoman.gateway.connmix.client.Introduction;
import io.dragoman.gateway.connmix.client.internal.Admissions.Decision;
import io.dragoman.json.JsonText;
import io.dragoman.security.BoundedBody;
import io.dragoman.security.Principal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP server that is asked whether clients are let in: a POST says who comes, a status of the
 * 200s lets it in, another one does not. Safe from any thread; never blocks.
 */
final class AuthServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AuthServer.class);
  private static final int ANSWER_BYTES_MAX = 256 << 10;
  private static final int THREADS = 2;
  private static final long WARNING_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Auth.Http how;
  private final ExecutorService threads;
  private final HttpClient client;
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicLong warnedAt = new AtomicLong();

  AuthServer(Auth.Http how) {
    this.how = how;
    this.threads =
        Executors.newFixedThreadPool(
            THREADS,
            task -> {
              Thread made = new Thread(task, "dragoman-connmix-auth");
              made.setDaemon(true);
              return made;
            });
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofMillis(how.timeoutMillis()))
            .executor(threads)
            .build();
  }

  /** Whoever does not need the answer any more completes it, which ends the question. */
  CompletableFuture<Decision> ask(Client asking) {
    if (underWay.incrementAndGet() > how.callsMax()) {
      underWay.decrementAndGet();
      return CompletableFuture.completedFuture(
          new Decision.Refused(503, "too many clients ask to be let in"));
    }
    HttpRequest request =
        HttpRequest.newBuilder(how.url())
            .timeout(Duration.ofMillis(how.timeoutMillis()))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(question(asking)))
            .build();
    CompletableFuture<HttpResponse<byte[]>> answered =
        BoundedCall.of(
            client.sendAsync(request, head -> new BoundedBody(ANSWER_BYTES_MAX)),
            how.timeoutMillis());
    CompletableFuture<Decision> decided =
        answered.whenComplete((answer, fault) -> underWay.decrementAndGet()).handle(this::decided);
    // Nothing happens if it is done already.
    var unused = decided.whenComplete((decision, fault) -> answered.cancel(true));
    return decided;
  }

  private Decision decided(@Nullable HttpResponse<byte[]> answer, @Nullable Throwable fault) {
    if (answer == null) {
      warn(String.valueOf(fault));
      return new Decision.Refused(503, "nobody could be asked");
    }
    return decision(answer);
  }

  /** Now and then: it is the same for all clients that come meanwhile. */
  private void warn(String reason) {
    long now = System.nanoTime();
    long last = warnedAt.get();
    if ((last == 0 || now - last > WARNING_NANOS) && warnedAt.compareAndSet(last, now)) {
      LOG.warn("{} cannot be asked about clients: {}", how.url().getHost(), reason);
    }
  }

  private static byte[] question(Client asking) {
    Introduction introduction = asking.introduction();
    ByteBuf out = Unpooled.buffer(1024);
    out.writeBytes(JsonText.ascii("{\"client_id\":"));
    JsonText.string(out, Long.toString(asking.connection().id()));
    out.writeBytes(JsonText.ascii(",\"headers\":"));
    EventBodies.texts(out, introduction.headers());
    Map<String, String> server = new LinkedHashMap<>();
    server.put("Method", introduction.method());
    server.put("RequestUri", introduction.target());
    server.put("ServerProtocol", introduction.protocol());
    server.put("Host", introduction.host());
    server.put("RemoteAddr", introduction.remoteAddress());
    out.writeBytes(JsonText.ascii(",\"server\":"));
    EventBodies.texts(out, server);
    out.writeBytes(JsonText.ascii(",\"query\":"));
    EventBodies.texts(out, introduction.query());
    out.writeByte('}');
    return ByteBufUtil.getBytes(out);
  }

  private Decision decision(HttpResponse<byte[]> answer) {
    if (answer.statusCode() / 100 != 2) {
      return new Decision.Refused(403, "not let in");
    }
    if (answer.body().length == 0) {
      return Decision.Granted.to(Principal.ANYONE);
    }
    JsonTree body = JsonTree.read(Unpooled.wrappedBuffer(answer.body()));
    if (!body.isObject()) {
      warn("it answers with something else than a JSON object");
      return new Decision.Refused(503, "nobody could be asked");
    }
    Map<String, String> context = new LinkedHashMap<>();
    JsonTree values = body.at("context");
    if (values != null && values.isObject()) {
      values.members().forEach((key, value) -> context.put(key, value.json()));
    }
    List<String> channels = new ArrayList<>();
    JsonTree names = body.at("subscribe");
    if (names != null) {
      for (JsonTree each : names.members().values()) {
        String name = each.text();
        if (name != null) {
          channels.add(name);
        }
      }
    }
    return new Decision.Granted(
        Principal.ANYONE, context, Map.of(), channels, reply(body.at("reply")));
  }

  private static @Nullable String reply(@Nullable JsonTree reply) {
    if (reply == null || reply == JsonTree.NONE) {
      return null;
    }
    return reply.isObject() || reply.isList() ? reply.json() : reply.text();
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
