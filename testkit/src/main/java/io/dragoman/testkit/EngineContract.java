// SPDX-License-Identifier: Apache-2.0
package io.dragoman.testkit;

import io.dragoman.core.Kind;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.Engine;
import io.dragoman.core.spi.EngineException;
import io.dragoman.core.spi.Guarantees;
import io.dragoman.core.spi.Recovery;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every engine must do, whatever it stores in: the words of {@link io.dragoman.core.spi} and
 * the rulings as tests. The subclasses in this package each take one topic. An engine's own tests
 * extend all of them, once per durability option, giving each a fixture of its own:
 *
 * <pre>{@code
 * @Nested
 * @ParameterizedClass
 * @EnumSource(Durability.class)
 * class Queues extends QueueContract {
 *   Queues(Durability durability) {
 *     super(new MyFixture(), durability);
 *   }
 * }
 * }</pre>
 *
 * <p>Where engines may differ, a test reads {@link Engine#guarantees()} and asserts what is
 * promised. {@link EngineModelContract} is for engines with exact counts and atomic moves only.
 */
public abstract class EngineContract {
  final ManualClock clock = new ManualClock();
  final QueueClient queues = new QueueClient(this::engine);
  final LogClient logs = new LogClient(this::engine);

  private final EngineFixture fixture;
  private final Durability durability;
  private final Map<String, ChannelSettings> settings = new ConcurrentHashMap<>();

  @TempDir Path directory;

  protected EngineContract(EngineFixture fixture, Durability durability) {
    this.fixture = fixture;
    this.durability = durability;
  }

  @BeforeEach
  void startEngine() throws EngineException {
    fixture.start(directory, clock, this::settings);
  }

  @AfterEach
  void stopEngine() {
    fixture.close();
  }

  /** The engine that runs now: never to be kept over a restart. */
  final Engine engine() {
    return fixture.engine();
  }

  final Guarantees guarantees() {
    return engine().guarantees();
  }

  final Recovery restart() {
    try {
      return fixture.restart();
    } catch (EngineException e) {
      throw new AssertionError("the engine does not start again on its own data", e);
    }
  }

  final Recovery crash() {
    try {
      return fixture.crash();
    } catch (EngineException e) {
      throw new AssertionError("the engine does not start after a crash", e);
    }
  }

  /** Limits of a log; to be called before the log is used. */
  final void retainLog(String log, long ageNanos, long count, long bytes) {
    settings.put(
        key(Kind.LOG, log), new ChannelSettings(durability, ageNanos, count, bytes, 0, "", 0));
  }

  /** The server's own limit on deliveries; to be called before the queue is used. */
  final void limitDeliveries(String queue, int maxReceiveCount, String deadLetterQueue) {
    settings.put(
        key(Kind.QUEUE, queue),
        new ChannelSettings(durability, 0, 0, 0, maxReceiveCount, deadLetterQueue, 0));
  }

  /** The most that a queue may hold; to be called before the queue is used. */
  final void limitMessages(String queue, long maxMessages) {
    settings.put(
        key(Kind.QUEUE, queue), new ChannelSettings(durability, 0, 0, 0, 0, "", maxMessages));
  }

  /** Any settings of a channel; to be called before it is used. */
  final void treat(Kind kind, String name, ChannelSettings as) {
    settings.put(key(kind, name), as);
  }

  private ChannelSettings settings(Kind kind, String name) {
    ChannelSettings own = settings.get(key(kind, name));
    return own != null ? own : new ChannelSettings(durability, 0, 0, 0, 0, "", 0);
  }

  private static String key(Kind kind, String name) {
    return kind.label() + ' ' + name;
  }
}
