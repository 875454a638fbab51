// SPDX-License-Identifier: Apache-2.0
package io.dragoman.benchmarks.load;

import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A client that asks for history again and again, one request at a time. */
public final class HistoryLoad implements Load {

  private static final int REQUESTS_MIN = 2_000;
  private static final String EVENT = "\"message\":";

  private final ServerProcess server;
  private final RpcSocket client;
  private final int events;
  private final Supplier<String> requests;
  private final @Nullable String undo;

  /**
   * @param events each request must bring, in one frame or several
   * @param requests gives the next one
   * @param undo sent after each, and not measured; null if there is nothing to undo
   */
  public HistoryLoad(
      ServerProcess server, int events, Supplier<String> requests, @Nullable String undo) {
    this.server = server;
    this.client = RpcSocket.eventhub(server);
    this.events = events;
    this.requests = requests;
    this.undo = undo;
  }

  /** Takes as long as it must for {@value #REQUESTS_MIN} requests. */
  @Override
  public Run run(int seconds) {
    double cpu = server.cpuSeconds();
    long began = System.nanoTime();
    double[] latencies = new double[REQUESTS_MIN];
    int done = 0;
    while (done < REQUESTS_MIN || System.nanoTime() - began < seconds * 1_000_000_000L) {
      if (done == latencies.length) {
        latencies = Arrays.copyOf(latencies, done * 2);
      }
      latencies[done++] = ask();
    }
    double wall = (System.nanoTime() - began) / 1e9;
    double[] sorted = Arrays.copyOf(latencies, done);
    Arrays.sort(sorted);
    return new Run(
        done,
        wall,
        server.cpuSeconds() - cpu,
        sorted[(int) (0.5 * (done - 1))],
        sorted[(int) (0.99 * (done - 1))]);
  }

  /** From the request to the last of its events, in milliseconds. */
  private double ask() {
    long asked = System.nanoTime();
    String answer = client.call(requests.get());
    int got = count(answer);
    while (got < events && undo != null) {
      got += count(client.next());
    }
    double millis = (System.nanoTime() - asked) / 1e6;
    if (got != events) {
      throw new IllegalStateException(got + " events, and not " + events + ": " + answer);
    }
    if (undo != null) {
      client.call(undo);
    }
    return millis;
  }

  private static int count(String text) {
    int count = 0;
    for (int at = text.indexOf(EVENT); at >= 0; at = text.indexOf(EVENT, at + EVENT.length())) {
      count++;
    }
    return count;
  }

  @Override
  public void close() {
    client.close();
  }
}
