// SPDX-License-Identifier: Apache-2.0
package io.dragoman.benchmarks.load;

import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * One client that sends at a fixed rate, and one that gets each message by way of the server.
 * Latency is from when a message was due to be sent until it has come, so that a server which holds
 * the sender up does not look fast.
 */
public final class RelayLoad implements Load {

  private static final String NUMBER = "#";
  private static final long TICK_NANOS = 1_000_000;

  private final ServerProcess server;
  private final RpcSocket sender;
  private final RpcSocket receiver;
  private final int perSecond;

  /**
   * @param receiver gets every message that the sender sends, in order, each in a frame of its own
   *     that contains the message
   */
  public RelayLoad(ServerProcess server, RpcSocket sender, RpcSocket receiver, int perSecond) {
    this.server = server;
    this.sender = sender;
    this.receiver = receiver;
    this.perSecond = perSecond;
  }

  @Override
  public Run run(int seconds) {
    int count = perSecond * seconds;
    double[] latencies = new double[count];
    double cpu = server.cpuSeconds();
    long began = System.nanoTime() + TICK_NANOS;
    Thread sending = new Thread(() -> send(count, began), "sender");
    sending.setDaemon(true);
    sending.start();
    for (int i = 0; i < count; i++) {
      String frame = receiver.next();
      long now = System.nanoTime();
      if (!frame.contains(NUMBER + i + NUMBER)) {
        throw new IllegalStateException(server.name() + " gave " + frame + " and not " + i);
      }
      latencies[i] = (now - due(began, i)) / 1e6;
    }
    double wall = (System.nanoTime() - began) / 1e9;
    Arrays.sort(latencies);
    return new Run(
        count,
        wall,
        server.cpuSeconds() - cpu,
        latencies[(int) (0.5 * (count - 1))],
        latencies[(int) (0.99 * (count - 1))]);
  }

  private long due(long began, int number) {
    return began + number * 1_000_000_000L / perSecond;
  }

  private void send(int count, long began) {
    for (int i = 0; i < count; i++) {
      long wait = due(began, i) - System.nanoTime();
      while (wait > 0) {
        LockSupport.parkNanos(wait);
        wait = due(began, i) - System.nanoTime();
      }
      sender.send(NUMBER + i + NUMBER);
    }
  }

  @Override
  public void close() {
    sender.close();
    receiver.close();
  }
}
