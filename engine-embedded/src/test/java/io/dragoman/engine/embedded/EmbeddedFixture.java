// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.Clock;
import io.dragoman.core.Kind;
import io.dragoman.core.Metrics;
import io.dragoman.core.spi.ChannelSettings;
import io.dragoman.core.spi.Engine;
import io.dragoman.core.spi.EngineContext;
import io.dragoman.core.spi.EngineException;
import io.dragoman.core.spi.Recovery;
import io.dragoman.testkit.EngineFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Embedded engines in one directory after the other. */
final class EmbeddedFixture implements EngineFixture {
  private static final long MIB = 1 << 20;

  /** So little that a handful of messages fills it. */
  static final long SMALL = 4_000;

  private static final int KEYS_MAX = 1_000_000;

  /** It comes to rest within milliseconds; a copy takes about one. */
  private static final int COPIES_MAX = 200;

  private final long readAheadBytes;
  private Path root;
  private Path data;
  private EngineContext context;
  private EmbeddedEngine engine;
  private int crashes;

  EmbeddedFixture() {
    this(8 * MIB);
  }

  EmbeddedFixture(long readAheadBytes) {
    this.readAheadBytes = readAheadBytes;
  }

  @Override
  public Engine start(Path directory, Clock clock, ChannelSettings.Source settings)
      throws EngineException {
    root = directory;
    data = directory.resolve("data");
    context = new EngineContext("node", clock, new Metrics(), settings);
    open();
    return engine;
  }

  @Override
  public Engine engine() {
    return engine;
  }

  @Override
  public Recovery restart() throws EngineException {
    engine.close(Duration.ofSeconds(10));
    return open();
  }

  /**
   * Opens a copy of the files as they are now: what the operating system would still have after the
   * process was killed. The first engine is closed only after that and on the old files.
   */
  @Override
  public Recovery crash() throws EngineException {
    Path copy = root.resolve("crashed-" + ++crashes);
    copy(data, copy);
    engine.close(Duration.ofSeconds(10));
    data = copy;
    return open();
  }

  @Override
  public void close() {
    if (engine != null) {
      engine.close(Duration.ofSeconds(10));
    }
  }

  private Recovery open() throws EngineException {
    EmbeddedOptions options =
        EmbeddedOptions.in(data)
            .withMemory(readAheadBytes, 8 * MIB, 8 * MIB)
            .withClockPollMillis(5)
            .withKeys(KEYS_MAX, context.channelSettings().settings(Kind.LOG, "").durability());
    engine = new EmbeddedEngine(options);
    return engine.start(context);
  }

  /**
   * Copies a directory that the engine may still be changing: removing obsolete files, syncing, and
   * flushing. Only a copy during which nothing changed shows the files of one moment.
   */
  private static void copy(Path from, Path to) {
    for (int attempt = 1; ; attempt++) {
      try {
        copyOnce(from, to);
        if (isSame(from, to)) {
          return;
        }
        if (attempt == COPIES_MAX) {
          throw new AssertionError(from + " does not come to rest");
        }
      } catch (IOException | UncheckedIOException e) {
        if (attempt == COPIES_MAX) {
          throw new AssertionError("cannot copy " + from, e);
        }
      }
    }
  }

  private static boolean isSame(Path from, Path to) throws IOException {
    List<Path> files = tree(from);
    if (!relative(from, files).equals(relative(to, tree(to)))) {
      return false;
    }
    for (Path file : files) {
      Path copy = to.resolve(from.relativize(file).toString());
      if (Files.isRegularFile(file) && Files.mismatch(file, copy) != -1) {
        return false;
      }
    }
    return true;
  }

  private static Set<String> relative(Path root, List<Path> files) {
    return files.stream().map(file -> root.relativize(file).toString()).collect(Collectors.toSet());
  }

  private static void copyOnce(Path from, Path to) throws IOException {
    delete(to);
    for (Path file : tree(from)) {
      Path target = to.resolve(from.relativize(file).toString());
      if (Files.isDirectory(file)) {
        Files.createDirectories(target);
      } else {
        Files.copy(file, target);
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      List<Path> files = tree(directory);
      for (int i = files.size() - 1; i >= 0; i--) {
        Files.delete(files.get(i));
      }
    }
  }

  private static List<Path> tree(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.toList();
    }
  }
}
