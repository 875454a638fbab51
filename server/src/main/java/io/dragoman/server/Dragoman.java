// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server;

import io.dragoman.core.Broker;
import io.dragoman.server.internal.ConfigException;
import io.dragoman.server.internal.ConfigLoader;
import io.dragoman.server.internal.ListenerName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A broker inside another program, such as a test:
 *
 * <pre>{@code
 * try (Dragoman broker = Dragoman.inTemporaryDirectory().start()) {
 *   URI rest = broker.uri("kubemq-rest");
 *   ...
 * }
 * }</pre>
 *
 * <p>It is the same broker as the one that {@code dragoman server} runs, with three differences: it
 * does not read the environment, its listeners are on free ports unless their ports are set, and
 * {@link #close} does not wait long for work in flight. Any number of them can run in one JVM, each
 * in a directory of its own. All methods are safe from any thread.
 */
public final class Dragoman implements AutoCloseable {
  private static final Duration CLOSE_GRACE = Duration.ofMillis(500);

  private final Node node;
  private final @Nullable Path temporaryDirectory;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Dragoman(Node node, @Nullable Path temporaryDirectory) {
    this.node = node;
    this.temporaryDirectory = temporaryDirectory;
  }

  /** A broker that keeps its messages in this directory, which is made if need be. */
  public static Builder in(Path dataDirectory) {
    return new Builder(dataDirectory);
  }

  /** A broker with a directory of its own, which goes when the broker is closed. */
  public static Builder inTemporaryDirectory() {
    return new Builder(null);
  }

  /**
   * The port that a listener is really on.
   *
   * @param listener {@code http}, {@code kubemq-rest}, …
   * @throws IllegalArgumentException if there is no such open listener
   */
  public int port(String listener) {
    return endpoint(listener).port();
  }

  /** Where a listener can be reached from this machine; as {@link #port}. */
  public URI uri(String listener) {
    return endpoint(listener).uri();
  }

  private Endpoint endpoint(String listener) {
    return node.listeners()
        .endpoint(listener)
        .orElseThrow(() -> new IllegalArgumentException("no open listener " + listener));
  }

  /** Where the messages are kept. */
  public Path dataDir() {
    return node.config().dataDir();
  }

  /** The broker's own ports, without any network between. */
  public Broker core() {
    return node.core();
  }

  /** The parts, for commands. */
  Node node() {
    return node;
  }

  /** Stops the broker; connections get half a second to finish. Does nothing the second time. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      node.stop(CLOSE_GRACE);
      if (temporaryDirectory != null) {
        delete(temporaryDirectory);
      }
    }
  }

  private static void delete(Path directory) {
    try {
      Files.walkFileTree(directory, new Deletion());
    } catch (IOException e) {
      Loggers.SERVER.warn("The temporary directory {} cannot be deleted.", directory, e);
    }
  }

  private static final class Deletion extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e)
        throws IOException {
      if (e != null) {
        throw e;
      }
      Files.delete(directory);
      return FileVisitResult.CONTINUE;
    }
  }

  /** Collects what is configured. For one thread; one builder can start many brokers. */
  public static final class Builder {
    private final @Nullable Path dataDirectory;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private @Nullable Path file;

    private Builder(@Nullable Path dataDirectory) {
      this.dataDirectory = dataDirectory;
      for (ListenerName name : ListenerName.values()) {
        settings.put(name.key(), "0");
      }
    }

    /**
     * Sets what {@code --set key=value} would.
     *
     * @param key as in {@code docs/configuration.md}
     */
    public Builder set(String key, String value) {
      settings.put(key, value);
      return this;
    }

    /** Reads a configuration file as well; what is {@link #set} wins over it. */
    public Builder config(Path yaml) {
      file = yaml;
      return this;
    }

    /**
     * Starts the broker; it is ready when this returns.
     *
     * @throws StartException if it cannot be started as it is configured
     */
    public Dragoman start() {
      Path directory = dataDirectory == null ? temporaryDirectory() : dataDirectory;
      boolean started = false;
      try {
        Dragoman broker = new Dragoman(startNode(directory), ownDirectory(directory));
        started = true;
        return broker;
      } finally {
        if (!started && dataDirectory == null) {
          delete(directory);
        }
      }
    }

    private @Nullable Path ownDirectory(Path directory) {
      return dataDirectory == null ? directory : null;
    }

    private Node startNode(Path directory) {
      ConfigLoader loader = new ConfigLoader();
      if (file != null) {
        loader.file(file);
      }
      loader.set("data.dir", directory.toString(), "data directory");
      settings.forEach((key, value) -> loader.set(key, value, "set(\"" + key + "\", …)"));
      try {
        return Node.start(loader.load().config());
      } catch (ConfigException e) {
        throw new StartException(StartException.USAGE, String.join("\n", e.problems()), e);
      }
    }

    private static Path temporaryDirectory() {
      try {
        return Files.createTempDirectory("dragoman-");
      } catch (IOException e) {
        throw new UncheckedIOException("no temporary directory", e);
      }
    }
  }
}
