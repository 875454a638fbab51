// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * A host whose lane is the test's thread: what is handed to the lane runs when the test says so.
 */
final class FakeHost implements ScriptHost, Executor {
  record Event(String topic, String json) {}

  final Map<String, FakeConnection> connections = new LinkedHashMap<>();
  final List<String> log = new ArrayList<>();
  final List<String> pushers = new ArrayList<>();
  final List<Event> events = new ArrayList<>();
  final List<HttpCall> httpCalls = new ArrayList<>();
  final Queue<Runnable> tasks = new ArrayDeque<>();
  final Queue<CompletableFuture<Long>> pushes = new ArrayDeque<>();
  final Queue<CompletableFuture<HttpAnswer>> answers = new ArrayDeque<>();
  final List<List<String>> commands = new ArrayList<>();
  boolean pushesWait;
  boolean frozen;
  long now = 1;

  /** The Redis called default; none when this is null. */
  Function<List<String>, RedisReply> redis;

  int linesLost;

  /** What subscribing is answered. */
  Optional<String> refusal = Optional.empty();

  Function<HttpCall, HttpAnswer> web =
      call -> {
        throw new IllegalStateException("no network");
      };

  void runLane() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public CompletionStage<Void> meshSend(String clientId, byte[] data, boolean binary) {
    FakeConnection to = connections.get(clientId);
    if (to == null) {
      return CompletableFuture.failedFuture(new IllegalStateException("no such client"));
    }
    to.push(data, binary);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<PublishTally> meshPublish(String channel, byte[] data, boolean binary) {
    long taken = 0;
    for (FakeConnection each : connections.values()) {
      if (each.channels.contains(channel)) {
        each.push(data, binary);
        taken++;
      }
    }
    return CompletableFuture.completedFuture(new PublishTally(taken, 0));
  }

  @Override
  public CompletionStage<Long> queuePush(String clientId, String topic, String json) {
    if (topic.equals("full")) {
      return CompletableFuture.failedFuture(new IllegalStateException("the queue is full"));
    }
    events.add(new Event(topic, json));
    pushers.add(clientId);
    CompletableFuture<Long> done = new CompletableFuture<>();
    if (pushesWait) {
      pushes.add(done);
    } else {
      done.complete(1L);
    }
    return done;
  }

  @Override
  public CompletionStage<HttpAnswer> http(HttpCall call) {
    httpCalls.add(call);
    CompletableFuture<HttpAnswer> answer = new CompletableFuture<>();
    answers.add(answer);
    return answer;
  }

  /** Answers the requests that were made, as the web would. */
  void answerAll() {
    for (int i = httpCalls.size() - answers.size(); !answers.isEmpty(); i++) {
      CompletableFuture<HttpAnswer> answer = answers.remove();
      try {
        answer.complete(web.apply(httpCalls.get(i)));
      } catch (RuntimeException e) {
        answer.completeExceptionally(e);
      }
    }
    runLane();
  }

  @Override
  public Optional<String> redisRefusal(String name) {
    return redis == null || !name.equals("default")
        ? Optional.of("redis is not available")
        : Optional.empty();
  }

  @Override
  public CompletionStage<RedisReply> redis(String name, List<byte[]> command) {
    List<String> words =
        command.stream().map(each -> new String(each, StandardCharsets.ISO_8859_1)).toList();
    commands.add(words);
    return redisRefusal(name)
        .map(why -> CompletableFuture.<RedisReply>failedFuture(new IllegalStateException(why)))
        .orElseGet(() -> CompletableFuture.completedFuture(redis.apply(words)));
  }

  @Override
  public CompletionStage<RedisReply> redisPush(
      String name, String clientId, String list, String json) {
    return redis(
        name,
        List.of(
            "PUSH".getBytes(StandardCharsets.UTF_8),
            list.getBytes(StandardCharsets.UTF_8),
            (clientId + " " + json).getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  public void log(LogLevel level, String line) {
    log.add(level + " " + line);
  }

  @Override
  public void lineLost() {
    linesLost++;
  }

  @Override
  public long nanoTime() {
    return frozen ? now : System.nanoTime();
  }

  /** A connection that keeps what it is told. */
  class FakeConnection implements ScriptConnection {
    private final String id;
    final Map<String, String> context = new HashMap<>();
    final Set<String> channels = new LinkedHashSet<>();
    final List<String> sent = new ArrayList<>();
    final List<byte[]> sentBytes = new ArrayList<>();
    final List<Boolean> binary = new ArrayList<>();
    final List<String> failures = new ArrayList<>();
    boolean closed;
    int resumptions;
    ScriptSession session;

    FakeConnection(String id) {
      this.id = id;
      connections.put(id, this);
    }

    private void push(byte[] data, boolean isBinary) {
      sent.add(new String(data, StandardCharsets.UTF_8));
      sentBytes.add(data);
      binary.add(isBinary);
    }

    /** Sets a value from outside, as a backend does. */
    void set(String key, String json) {
      context.put(key, json);
      session.onContext(key);
      runLane();
    }

    void says(String text) {
      session.onMessage(text.getBytes(StandardCharsets.UTF_8), false);
      runLane();
    }

    void gives(byte[] data) {
      session.onBytes(data);
      runLane();
    }

    void leaves(String error) {
      connections.remove(id);
      session.onClose(error);
      runLane();
    }

    @Override
    public String id() {
      return id;
    }

    @Override
    public String remoteAddress() {
      return "192.0.2.7:4711";
    }

    @Override
    public Map<String, String> context() {
      return Map.copyOf(context);
    }

    @Override
    public Optional<String> contextValue(String key) {
      return Optional.ofNullable(context.get(key));
    }

    @Override
    public Optional<String> setContext(Map<String, String> values) {
      context.putAll(values);
      return Optional.empty();
    }

    @Override
    public Optional<String> subscribe(List<String> names) {
      if (refusal.isEmpty()) {
        channels.addAll(names);
      }
      return refusal;
    }

    @Override
    public Optional<String> unsubscribe(List<String> names) {
      channels.removeAll(names);
      return Optional.empty();
    }

    @Override
    public Optional<String> send(byte[] data, boolean isBinary) {
      if (closed) {
        return Optional.of("closed");
      }
      push(data, isBinary);
      return Optional.empty();
    }

    @Override
    public Optional<String> close() {
      closed = true;
      return Optional.empty();
    }

    @Override
    public void fail(String reason) {
      failures.add(reason);
      closed = true;
    }

    @Override
    public void onResumed() {
      resumptions++;
    }
  }
}
