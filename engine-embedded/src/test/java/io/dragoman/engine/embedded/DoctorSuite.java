// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Delivery;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Message;
import io.dragoman.core.Metrics;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.core.ReceiveOptions;
import io.dragoman.core.Result;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.EngineContext;
import io.dragoman.core.spi.EngineException;
import io.dragoman.testkit.ManualClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * An engine, and what is done to a copy of its files at a chosen place. A copy of the files of an
 * engine that runs is what a killed process leaves.
 */
abstract class DoctorSuite {
  private static final long LEASE = 600_000_000_000L;

  private final ManualClock clock = new ManualClock();
  final Random random = new Random(1);
  @TempDir Path root;

  /** Where the engine runs. */
  Path data;

  /** What {@link #kill} has left. */
  Path copy;

  EmbeddedEngine engine;

  @BeforeEach
  void start() throws EngineException {
    data = root.resolve("data");
    copy = root.resolve("copy");
    engine = open(data);
  }

  @AfterEach
  void close() {
    engine.close(Duration.ofSeconds(5));
  }

  /** Changes the copy as no broker does. */
  void change(BiConsumer<Store, Batch> change) throws Exception {
    Store store = Store.open(copy.resolve("store"), options(copy));
    Batch batch = new Batch();
    change.accept(store, batch);
    store.write(batch);
    store.close();
  }

  static EmbeddedOptions options(Path directory) {
    return StoreFixture.options(directory).withLimits(0, 1000, 1 << 24);
  }

  EmbeddedEngine open(Path directory) throws EngineException {
    EmbeddedEngine opened = new EmbeddedEngine(options(directory));
    opened.start(
        new EngineContext("node", clock, new Metrics(), (kind, name) -> ChannelSettings.DEFAULT));
    return opened;
  }

  void restart() throws EngineException {
    engine.close(Duration.ofSeconds(5));
    engine = open(data);
  }

  /** Takes the copy, in place of one taken before; the engine goes on. */
  void kill() throws IOException {
    StoreFixture.delete(copy);
    StoreFixture.copy(data, copy);
  }

  /** Goes on with the copy. */
  void reopen() throws EngineException {
    engine.close(Duration.ofSeconds(5));
    engine = open(copy);
  }

  /** Why no engine starts on the copy; empty when one does. */
  String refusal() {
    try {
      open(copy).close(Duration.ofSeconds(5));
    } catch (EngineException e) {
      return String.valueOf(e.getMessage());
    }
    return "";
  }

  StoreDoctor.Report repair() throws EngineException {
    return StoreDoctor.examine(options(copy), true);
  }

  /** The copy's only write-ahead log. */
  Path log() throws IOException {
    List<Path> logs = StoreCheck.logs(copy.resolve("store"));
    assertThat(logs).hasSize(1);
    return logs.get(0);
  }

  /** Damages one byte. */
  static void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 1;
    Files.write(file, bytes);
  }

  void send(String queue, int count) {
    send(queue, count, QueuePolicy.NONE);
  }

  void send(String queue, int count, QueuePolicy policy) {
    for (int i = 1; i <= count; i++) {
      StoreFixture.awaitStage(
              engine.queues().send(List.of(new QueueSend(message(queue, i), policy))))
          .forEach(Result::orThrow);
    }
  }

  void append(String log, int count) {
    for (int i = 1; i <= count; i++) {
      StoreFixture.await(engine.logs().append(message(log, i)));
    }
  }

  private static Message message(String channel, int number) {
    byte[] body = (channel + " " + number).getBytes(StandardCharsets.UTF_8);
    return Message.builder().channel(channel).id("id").clientId("c").body(body).build();
  }

  List<Delivery> receive(String queue) {
    return StoreFixture.await(
            engine.queues().receive(queue, new ReceiveOptions(1000, 0, LEASE)).result())
        .deliveries();
  }

  List<String> received(String queue) {
    return receive(queue).stream()
        .map(delivery -> StoreFixture.body(delivery.message().message()))
        .toList();
  }

  List<String> read(String log) {
    return StoreFixture.await(engine.logs().read(log, 1, 1000, 1 << 20)).records().stream()
        .map(LogRecord::message)
        .map(StoreFixture::body)
        .toList();
  }
}
