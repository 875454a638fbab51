// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.core.Connection;
import io.dragoman.core.ConnectionListener;
import io.dragoman.core.Connections;
import io.dragoman.core.Lane;
import io.dragoman.core.Push;
import io.dragoman.core.PushBatch;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A client's connection without a socket: what is pushed to it is in its socket's buffer at once.
 */
final class PushedClient implements AutoCloseable, ConnectionListener {
  private static final long DEADLINE_SECONDS = 20;

  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final BlockingQueue<String> frames = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> closes = new LinkedBlockingQueue<>();
  private volatile Connection connection;
  private volatile boolean stuck;

  private PushedClient() {}

  static PushedClient open(Connections connections) {
    PushedClient client = new PushedClient();
    client.connection = connections.open(client.lane(), client).orThrow();
    return client;
  }

  private Lane lane() {
    ThreadLocal<Boolean> mine = ThreadLocal.withInitial(() -> false);
    return new Lane() {
      @Override
      public void execute(Runnable task) {
        thread.execute(
            () -> {
              mine.set(true);
              task.run();
            });
      }

      @Override
      public boolean inLane() {
        return mine.get();
      }
    };
  }

  /** Its id, as events tell it. */
  String id() {
    return Long.toString(connection.id());
  }

  Connection connection() {
    return connection;
  }

  /** Takes nothing more, like a socket whose buffer is full. */
  PushedClient stuck() {
    stuck = true;
    return this;
  }

  /** The next frame: {@code text:} and the text, or {@code binary:} and base64. */
  String next() {
    return poll(frames);
  }

  /** The next so many frames. */
  List<String> next(int count) {
    List<String> taken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      taken.add(next());
    }
    return taken;
  }

  /** The code and reason with which it was asked to close. */
  String closeAsked() {
    return poll(closes);
  }

  private static String poll(BlockingQueue<String> queue) {
    try {
      String taken = queue.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
      assertThat(taken).as("what was to come within %s s", DEADLINE_SECONDS).isNotNull();
      return taken;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public int onPushes(PushBatch batch) {
    if (stuck) {
      return 0;
    }
    for (Push each : batch.pushes()) {
      byte[] body = each.message().body();
      frames.add(
          each.binary()
              ? "binary:" + Base64.getEncoder().encodeToString(body)
              : "text:" + new String(body, StandardCharsets.UTF_8));
    }
    return batch.pushes().size();
  }

  @Override
  public void onContext(Set<String> keys) {}

  @Override
  public void onCloseAsked(int code, String reason) {
    closes.add(code + " " + reason);
    connection.close();
  }

  @Override
  public void close() {
    connection.close();
    thread.shutdown();
  }
}
