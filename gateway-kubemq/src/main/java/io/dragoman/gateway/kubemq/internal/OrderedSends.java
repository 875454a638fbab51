// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Lane;
import io.dragoman.core.LaneStep;
import io.dragoman.core.Metrics;
import io.dragoman.core.Result;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of one sender's stream. They are sent on as they arrive; what became of them is told
 * in the order of the events. When too many are on their way, the sender should not be read. For
 * one lane, except {@link Pending#accept}.
 */
final class OrderedSends {
  private static final Logger LOG = LoggerFactory.getLogger(OrderedSends.class);
  private static final int PENDING_MAX = 1024;
  private static final long PENDING_BYTES_MAX = 4 << 20;
  private static final Result<?> FAULT = Result.refused(LaneStep.FAULT);

  /** Hears what became of the events. */
  interface Peer {

    /** The latest event is on its way: gives what is to be handed back with it. */
    long hold();

    /**
     * The oldest event is no longer on its way.
     *
     * @param error empty if it was sent
     * @param held what came with it
     */
    void told(Inputs.Event event, String error, long held);

    /** All that could be told for now has been. */
    void toldAll();

    /** Telling has failed, which is our fault; more of it may be missing. */
    void failed(RuntimeException cause);
  }

  private final GatewayContext context;
  private final Caller caller;
  private final InterfaceStats stats;
  private final Lane lane;
  private final Peer peer;
  private final Queue<Pending> pending = new ArrayDeque<>();
  private final AtomicBoolean telling = new AtomicBoolean();
  private long pendingBytes;

  OrderedSends(GatewayContext context, Caller caller, InterfaceStats stats, Lane lane, Peer peer) {
    this.context = context;
    this.caller = caller;
    this.stats = stats;
    this.lane = lane;
    this.peer = peer;
  }

  /** The counter of the times when a stream was not read. */
  static Metrics.Counter pauses(Metrics metrics) {
    return metrics.counter(
        "dragoman_senders_paused_total",
        "Streams of senders not read for a while: too much under way, or answers not taken",
        "dialect",
        "kubemq");
  }

  /** Sends the next event, or finds out why it cannot be. */
  void send(Inputs.Event event) {
    RoutedSend routed = context.routing().event(caller, event);
    Pending each = new Pending(event, routed, peer.hold());
    pending.add(each);
    pendingBytes += each.bytes;
    try {
      send(event, routed, each);
    } catch (RuntimeException e) {
      each.accept(null, e); // Nothing else would, and what it holds must be given back.
      throw e;
    }
  }

  private void send(Inputs.Event event, @Nullable RoutedSend routed, Pending each) {
    if (routed != null) {
      send(routed, each);
      return;
    }
    KubemqError error = caller.event(event);
    if (error == null) {
      EventRules.send(context.broker(), caller, event).whenComplete(each);
    } else {
      each.complete(error.text());
    }
  }

  private static void send(RoutedSend routed, Pending each) {
    if (routed.error().isEmpty()) {
      routed.start().whenComplete(each);
    } else {
      each.complete(routed.error());
    }
  }

  boolean isEmpty() {
    return pending.isEmpty();
  }

  /** Whether the sender should wait. */
  boolean isFull() {
    return pending.size() >= PENDING_MAX || pendingBytes >= PENDING_BYTES_MAX;
  }

  /** Whether a sender that waits may go on. */
  boolean hasRoom() {
    return pending.size() <= PENDING_MAX / 2 && pendingBytes <= PENDING_BYTES_MAX / 2;
  }

  private void tell() {
    telling.set(false);
    try {
      tellFinished();
    } catch (RuntimeException e) {
      LOG.error("A sender of events could not be told what became of them", e);
      peer.failed(e);
    }
  }

  /** Tells of everything up to the first event that is still on its way. */
  private void tellFinished() {
    boolean any = false;
    for (Pending head = pending.peek(); head != null; head = pending.peek()) {
      String error = head.error;
      if (error == null) {
        break;
      }
      pending.remove();
      pendingBytes -= head.bytes;
      any = true;
      count(head, error.isEmpty());
      peer.told(head.event, error, head.held);
    }
    if (any) {
      peer.toldAll();
    }
  }

  private void count(Pending each, boolean sent) {
    if (each.routed != null) {
      each.routed.count(stats, sent);
    } else {
      stats.settled(EventRules.kind(each.event), each.event.message(), sent);
    }
  }

  /** An event on its way. Completed by any thread. */
  private final class Pending implements BiConsumer<Result<?>, Throwable> {
    private final Inputs.Event event;
    private final @Nullable RoutedSend routed;
    private final long held;
    private final long bytes;

    /** Null while it is on its way; empty when it was sent. */
    private volatile @Nullable String error;

    Pending(Inputs.Event event, @Nullable RoutedSend routed, long held) {
      this.event = event;
      this.routed = routed;
      this.held = held;
      this.bytes = routed == null ? event.message().weight() : routed.weight();
    }

    @Override
    public void accept(@Nullable Result<?> outcome, @Nullable Throwable fault) {
      complete(KubemqErrorMapper.text(outcome == null ? FAULT : outcome));
    }

    /** Many that complete together are told together. */
    void complete(String text) {
      error = text;
      if (telling.compareAndSet(false, true)) {
        lane.execute(OrderedSends.this::tell);
      }
    }
  }
}
