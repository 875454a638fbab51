// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.dragoman.core.Turn;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What belongs to one event loop: its lane, its connections, their deadlines and their pending
 * flushes. Only used on the loop, but for the lane.
 *
 * <p>Deadlines are kept by looking at all connections every few hundred milliseconds. A timer per
 * connection would have to be set and cancelled with every request; looking at a hundred thousand
 * connections takes about a millisecond.
 */
final class Loop implements Turn {

  private final EventLoop eventLoop;
  private final EventLoopLane lane;
  private final long tickNanos;
  private final List<Connection> connections = new ArrayList<>();
  private List<SocketConnection> unflushed = new ArrayList<>();
  private List<SocketConnection> flushing = new ArrayList<>();
  private final Runnable flushTask = this::flushAll;
  private final List<Runnable> ending = new ArrayList<>();
  private final Runnable endTask = this::endTurn;
  private long now = System.nanoTime();
  private volatile long delayNanos;

  Loop(EventLoop eventLoop, long tickMillis) {
    this.eventLoop = eventLoop;
    lane = new EventLoopLane(eventLoop);
    tickNanos = TimeUnit.MILLISECONDS.toNanos(tickMillis);
  }

  void start() {
    eventLoop.execute(() -> Turn.begin(this));
    var unused =
        eventLoop.scheduleAtFixedRate(this::tick, tickNanos, tickNanos, TimeUnit.NANOSECONDS);
  }

  EventLoop eventLoop() {
    return eventLoop;
  }

  EventLoopLane lane() {
    return lane;
  }

  /** The connections, for reading only; it changes when one closes. */
  List<Connection> connections() {
    return connections;
  }

  void add(Connection connection) {
    connection.slot = connections.size();
    connections.add(connection);
  }

  void remove(Connection connection) {
    Connection last = connections.remove(connections.size() - 1);
    if (last != connection) {
      connections.set(connection.slot, last);
      last.slot = connection.slot;
    }
  }

  /** The time, up to one tick old, as {@link System#nanoTime}. */
  long now() {
    return now;
  }

  /** The time after so many milliseconds, rounded up to the next tick. */
  long after(long millis) {
    return now + tickNanos + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** How late the last look at the connections was. From any thread. */
  long delayNanos() {
    return delayNanos;
  }

  void closeAll() {
    List.copyOf(connections).forEach(Connection::abandon);
  }

  private void tick() {
    long time = System.nanoTime();
    delayNanos = Math.max(0, time - now - tickNanos);
    now = time;
    // Backwards: a connection that closes is replaced by the last one, which was looked at already.
    for (int i = connections.size() - 1; i >= 0; i--) {
      if (i < connections.size()) {
        connections.get(i).safeTick(now);
      }
    }
  }

  /** After the reads of this turn, and the tasks that are queued now. */
  @Override
  public void atEnd(Runnable task) {
    if (ending.isEmpty()) {
      lane.execute(endTask);
    }
    if (!ending.contains(task)) {
      ending.add(task);
    }
  }

  private void endTurn() {
    for (int i = 0; i < ending.size(); i++) {
      ending.get(i).run();
    }
    ending.clear();
  }

  /**
   * Flushes the socket after the tasks that are queued now: once for all that is sent until then.
   */
  void flushSoon(SocketConnection socket) {
    if (unflushed.isEmpty()) {
      lane.execute(flushTask);
    }
    unflushed.add(socket);
  }

  /**
   * What is sent while flushing goes out in the next turn, so that no socket holds up the others.
   */
  private void flushAll() {
    List<SocketConnection> batch = unflushed;
    unflushed = flushing;
    flushing = batch;
    for (int i = 0; i < batch.size(); i++) {
      batch.get(i).flush();
    }
    batch.clear();
  }
}
