// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.Delivery;
import io.dragoman.core.Kind;
import io.dragoman.core.LogAppend;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Message;
import io.dragoman.core.Metrics;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.core.ReceiveOptions;
import io.dragoman.core.Result;
import io.dragoman.core.Settlement;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.EngineContext;
import io.dragoman.core.spi.EngineException;
import io.dragoman.core.spi.LogStore;
import io.dragoman.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A small store with a bit of everything, and the account of what was acknowledged in it. Made
 * once; what is done to it is done to copies.
 */
final class StoreFixture {
  static final String[] QUEUES = {"orders", "mail", "dead", "poison", "short", "late", "gone"};
  static final String[] LOGS = {"audit", "metrics", "timed", "later"};
  private static final long SECONDS = 1_000_000_000L;

  private final ManualClock clock = new ManualClock();
  private final Random random;
  private final Path data;
  private EmbeddedEngine engine;

  /** Bodies by channel ("queue orders"), as acknowledged and not consumed. */
  final Map<String, Set<String>> expected = new TreeMap<>();

  /** All bodies ever sent. */
  final Set<String> sent = new HashSet<>();

  /** How many messages each channel has ever held. */
  final Map<String, Integer> held = new TreeMap<>();

  /** Channels from which something was consumed. */
  final Set<String> consumed = new TreeSet<>();

  /** All keys ever set. */
  private final Set<String> keys = new TreeSet<>();

  /** How often each kind of thing was made, for names. */
  private int number;

  StoreFixture(Path data, long seed) {
    this.data = data;
    this.random = new Random(seed);
  }

  static EmbeddedOptions options(Path data) {
    return EmbeddedOptions.in(data)
        .withMemory(1 << 20, 1 << 20, 256 << 10)
        .withLimits(0, 100, 1 << 24)
        .withClockPollMillis(5);
  }

  void open() throws EngineException {
    engine = new EmbeddedEngine(options(data));
    engine.start(context());
  }

  /** Whether the last flush is taken down, which happens by the clock. */
  boolean manifestTakenDown() throws IOException {
    clock.advance(Duration.ofMillis(100));
    Path manifest = java.util.Objects.requireNonNull(StoreCheck.manifest(data.resolve("store")));
    return StoreCheck.measure(manifest)
        .equals(Tallies.read(data.resolve("tally")).head().manifest());
  }

  void close() {
    engine.close(Duration.ofSeconds(5));
  }

  EngineContext context() {
    return new EngineContext("node", clock, new Metrics(), (kind, name) -> ChannelSettings.DEFAULT);
  }

  /** Some of everything. */
  void work(int scale) {
    for (int i = 0; i < scale; i++) {
      for (int j = 0; j < 6; j++) {
        send("orders", QueuePolicy.NONE);
        append("audit");
      }
      send("mail", QueuePolicy.NONE);
      send("short", new QueuePolicy(3600, 0, 0, ""));
      send("poison", new QueuePolicy(0, 0, 1, "dead"));
      send("mail", new QueuePolicy(0, 3600, 0, ""));
      append("metrics");
      append("timed", 1_000_000 - i, 0);
      append("timed", 0, 3600);
      changeKeys(i);
      clock.advance(Duration.ofMillis(10));
    }
    consume("orders", scale * 2, Settlement.ACK);
    consume("poison", Math.max(1, scale / 2), Settlement.NACK);
    await(engine.logs().storePosition("audit", "reader", scale * 3L));
    await(engine.logs().storePosition("metrics", "other", scale / 2));
  }

  void deleteQueue(String queue) {
    await(engine.channels().delete(Kind.QUEUE, queue));
    expected.remove("queue " + queue);
  }

  private void consume(String queue, int count, Settlement settlement) {
    List<Delivery> got =
        await(engine.queues().receive(queue, new ReceiveOptions(count, 0, 60 * SECONDS)).result())
            .deliveries();
    for (int i = 0; i < got.size(); i++) {
      Delivery delivery = got.get(i);
      if (i % 5 == 4 && settlement == Settlement.ACK) {
        // Left behind, so that what is consumed has gaps.
        await(engine.queues().settle(List.of(delivery.receipt()), Settlement.RELEASE));
        continue;
      }
      await(engine.queues().settle(List.of(delivery.receipt()), settlement));
      String body = body(delivery.message().message());
      of("queue " + queue).remove(body);
      consumed.add("queue " + queue);
      if (settlement == Settlement.NACK) {
        put("queue dead", body);
      }
    }
  }

  void send(String queue, QueuePolicy policy) {
    Message message = message(queue);
    for (Result<?> result :
        awaitStage(engine.queues().send(List.of(new QueueSend(message, policy))))) {
      result.orThrow();
    }
    put("queue " + queue, body(message));
  }

  // Some keys are set once, some again and again, some removed.
  private void changeKeys(int i) {
    setKey("own/" + ++number);
    setKey("shared/" + i % 5);
    if (i % 4 == 3) {
      String live = of("keys").iterator().next();
      deleteKey(live.substring(0, live.indexOf(' ')));
    }
  }

  /** Sets a key to something new. */
  void setKey(String key) {
    String value = noise();
    sent.add(key + " " + value);
    byte[] bytes = value.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    await(engine.keyValues().set(key, bytes, key.startsWith("own") ? 360_000 : 0));
    forget(key);
    keys.add(key);
    put("keys", key + " " + value);
  }

  private void deleteKey(String key) {
    await(engine.keyValues().delete(key));
    forget(key);
    held.merge("keys", 1, Integer::sum);
  }

  private void forget(String key) {
    of("keys").removeIf(each -> each.startsWith(key + " "));
    consumed.add("keys");
  }

  private String noise() {
    byte[] noise = new byte[120];
    random.nextBytes(noise);
    return Base64.getEncoder().encodeToString(noise);
  }

  void append(String log) {
    append(log, 0, 0);
  }

  private void append(String log, long eventTimeMillis, long ttlSeconds) {
    Message message = message(log);
    await(engine.logs().append(new LogAppend(message, eventTimeMillis, ttlSeconds)));
    put("log " + log, body(message));
  }

  private Message message(String channel) {
    byte[] noise = new byte[120];
    random.nextBytes(noise);
    String body = ++number + " " + Base64.getEncoder().encodeToString(noise);
    sent.add(body);
    return Message.builder()
        .channel(channel)
        .id("id-" + number)
        .clientId("sender")
        .body(body.getBytes(java.nio.charset.StandardCharsets.UTF_8))
        .build();
  }

  static String body(Message message) {
    return new String(message.body(), java.nio.charset.StandardCharsets.UTF_8);
  }

  private void put(String channel, String body) {
    of(channel).add(body);
    held.merge(channel, 1, Integer::sum);
  }

  private Set<String> of(String channel) {
    return expected.computeIfAbsent(channel, key -> new TreeSet<>());
  }

  /** What is there of each channel: bodies, in the order they came; and which could not be read. */
  record Contents(
      Map<String, List<String>> bodies, Map<String, String> refused, boolean positions) {}

  /** Starts an engine on a directory, reads everything as a consumer would, and stops it. */
  Contents read(Path directory) throws EngineException {
    EmbeddedEngine reader = new EmbeddedEngine(options(directory));
    reader.start(context());
    try {
      Map<String, List<String>> bodies = new LinkedHashMap<>();
      Map<String, String> refused = new TreeMap<>();
      for (String queue : QUEUES) {
        List<String> found = new ArrayList<>();
        bodies.put("queue " + queue, found);
        readQueue(reader, queue, found, refused);
      }
      for (String log : LOGS) {
        List<String> found = new ArrayList<>();
        bodies.put("log " + log, found);
        readLog(reader, log, found, refused);
      }
      List<String> values = new ArrayList<>();
      bodies.put("keys", values);
      readKeys(reader, values, refused);
      boolean positions =
          awaitStage(reader.logs().loadPosition("audit", "reader")) instanceof Result.Ok<?>
              && await(reader.logs().loadPosition("audit", "reader")).isPresent();
      return new Contents(bodies, refused, positions);
    } finally {
      reader.close(Duration.ofSeconds(5));
    }
  }

  private void readKeys(EmbeddedEngine reader, List<String> found, Map<String, String> refused) {
    for (String key : keys) {
      Result<Optional<byte[]>> result = awaitStage(reader.keyValues().get(key));
      if (result instanceof Result.Refused<?> no) {
        refused.put("keys", no.error().detail());
      } else if (result.orThrow().isPresent()) {
        byte[] value = result.orThrow().get();
        found.add(key + " " + new String(value, java.nio.charset.StandardCharsets.UTF_8));
      }
    }
  }

  private static void readQueue(
      EmbeddedEngine reader, String queue, List<String> found, Map<String, String> refused) {
    while (true) {
      Result<io.dragoman.core.Received> result =
          awaitStage(
              reader.queues().receive(queue, new ReceiveOptions(500, 0, 600 * SECONDS)).result());
      if (result instanceof Result.Refused<?> no) {
        refused.put("queue " + queue, no.error().detail());
        break;
      }
      List<Delivery> got = result.orThrow().deliveries();
      if (got.isEmpty()) {
        break;
      }
      got.forEach(delivery -> found.add(body(delivery.message().message())));
    }
    Result<io.dragoman.core.DelayedPage> delayed =
        awaitStage(reader.queues().delayed(queue, null, 10_000, 1 << 30));
    if (delayed instanceof Result.Ok<?>) {
      delayed.orThrow().messages().forEach(held -> found.add(body(held.message().message())));
    } else {
      refused.put("queue " + queue, "delayed");
    }
  }

  private static void readLog(
      EmbeddedEngine reader, String log, List<String> found, Map<String, String> refused) {
    long next = 1;
    while (true) {
      Result<LogStore.Piece> result = awaitStage(reader.logs().read(log, next, 1000, 1 << 20));
      if (result instanceof Result.Refused<?> no) {
        refused.put("log " + log, no.error().detail());
        return;
      }
      LogStore.Piece piece = result.orThrow();
      if (piece.isEnd(next)) {
        return;
      }
      for (LogRecord record : piece.records()) {
        found.add(body(record.message()));
      }
      next = piece.nextSequence();
    }
  }

  static <T> T await(CompletionStage<Result<T>> stage) {
    return awaitStage(stage).orThrow();
  }

  static <T> T awaitStage(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  static String key(Loss loss) {
    return loss.kind() == null
        ? "keys"
        : (loss.kind() == Kind.QUEUE ? "queue " : "log ") + loss.channel();
  }
}
