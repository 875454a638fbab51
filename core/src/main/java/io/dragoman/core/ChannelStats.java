// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What passed through each channel since the node started. Bounded: channels beyond the bound share
 * one entry per kind, called {@link #OTHER}, so that no client can fill memory by making up names.
 *
 * <p>All methods from any thread. Recording never blocks; finding an entry does not allocate once
 * it is there.
 */
public final class ChannelStats {

  /** The name under which channels beyond the bound are added up. */
  public static final String OTHER = "other";

  private final int channelsMax;
  private final Map<Kind, ConcurrentHashMap<String, Entry>> entries = new EnumMap<>(Kind.class);
  private final Map<Kind, Entry> others = new EnumMap<>(Kind.class);

  /**
   * Makes an empty set.
   *
   * @param channelsMax channels of each kind with an entry of their own
   */
  public ChannelStats(int channelsMax) {
    this.channelsMax = channelsMax;
    for (Kind kind : Kind.values()) {
      entries.put(kind, new ConcurrentHashMap<>());
      others.put(kind, new Entry());
    }
  }

  /** The entry of a channel, made at its first use; the shared one when there are too many. */
  public Entry of(Kind kind, String channel) {
    ConcurrentHashMap<String, Entry> ofKind = ofKind(kind);
    Entry entry = ofKind.get(channel);
    if (entry != null) {
      return entry;
    }
    return isRoom(kind) ? ofKind.computeIfAbsent(channel, name -> new Entry()) : shared(kind);
  }

  /**
   * Counts a receiver that came.
   *
   * @return the entry it is counted in, which {@link #receiverLeft} needs
   */
  public Entry receiverCame(Kind kind, String channel) {
    Entry counted =
        ofKind(kind)
            .compute(
                channel,
                (name, entry) -> {
                  Entry own = entry == null && isRoom(kind) ? new Entry() : entry;
                  if (own != null) {
                    own.receivers.increment();
                  }
                  return own;
                });
    if (counted != null) {
      return counted;
    }
    Entry shared = shared(kind);
    shared.receivers.increment();
    return shared;
  }

  /**
   * Counts out a receiver. When it was the last, and nothing was ever sent on its channel, the
   * channel is forgotten: those who subscribe to many names and go leave nothing behind.
   */
  public void receiverLeft(Kind kind, String channel, Entry countedIn) {
    countedIn.receivers.decrement();
    // A first message that passes in this very moment may go uncounted.
    ofKind(kind)
        .computeIfPresent(
            channel, (name, entry) -> entry == countedIn && entry.isUnused() ? null : entry);
  }

  /** The entry of a channel, if it has one of its own. */
  public @Nullable Entry find(Kind kind, String channel) {
    return ofKind(kind).get(channel);
  }

  /** The channels of a kind that have an entry of their own, in no order. */
  public Set<String> channels(Kind kind) {
    return Collections.unmodifiableSet(ofKind(kind).keySet());
  }

  /**
   * Forgets a channel, because it was deleted. Receivers that are still there stay counted.
   *
   * @return whether anything had passed, or anybody received
   */
  public boolean forget(Kind kind, String channel) {
    boolean[] used = new boolean[1];
    ofKind(kind)
        .computeIfPresent(
            channel,
            (name, entry) -> {
              used[0] = !entry.isUnused();
              entry.reset();
              return entry.isUnused() ? null : entry;
            });
    return used[0];
  }

  /** Called for each entry by {@link #forEach}. */
  @FunctionalInterface
  public interface Visitor {
    void visit(Kind kind, String channel, Entry entry);
  }

  /** Shows all entries, those of {@link #OTHER} only if something was recorded in them. */
  public void forEach(Visitor visitor) {
    entries.forEach((kind, map) -> map.forEach((name, entry) -> visitor.visit(kind, name, entry)));
    others.forEach(
        (kind, entry) -> {
          if (entry.lastSeenMillis() != 0) {
            visitor.visit(kind, OTHER, entry);
          }
        });
  }

  // Racing callers may exceed the bound by as many as they are: it is a bound on memory, not a law.
  private boolean isRoom(Kind kind) {
    return ofKind(kind).size() < channelsMax;
  }

  private Entry shared(Kind kind) {
    return others.getOrDefault(kind, new Entry());
  }

  private ConcurrentHashMap<String, Entry> ofKind(Kind kind) {
    return entries.getOrDefault(kind, new ConcurrentHashMap<>());
  }

  /**
   * The counts of one channel. Numbers only grow, except those of receivers, until the channel is
   * deleted.
   */
  public static final class Entry {
    private final LongAdder messagesIn = new LongAdder();
    private final LongAdder bytesIn = new LongAdder();
    private final LongAdder messagesOut = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();
    private final LongAdder responses = new LongAdder();
    private final LongAdder responseBytes = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder expired = new LongAdder();
    private final LongAdder receivers = new LongAdder();
    private volatile long lastInMillis;
    private volatile long lastOutMillis;

    private Entry() {}

    /** Clients sent messages which were taken. */
    public void in(long messages, long bytes) {
      messagesIn.add(messages);
      bytesIn.add(bytes);
      lastInMillis = System.currentTimeMillis();
    }

    /** Messages were handed to clients. */
    public void out(long messages, long bytes) {
      messagesOut.add(messages);
      bytesOut.add(bytes);
      lastOutMillis = System.currentTimeMillis();
    }

    /** A request was answered. */
    public void response(long bytes) {
      responses.increment();
      responseBytes.add(bytes);
      lastInMillis = System.currentTimeMillis();
    }

    /** A message was refused, or a request was answered with a failure. */
    public void error() {
      errors.increment();
      lastInMillis = System.currentTimeMillis();
    }

    /** Messages expired before anybody took them. */
    public void expired(long messages) {
      expired.add(messages);
    }

    private void reset() {
      List.of(messagesIn, bytesIn, messagesOut, bytesOut, responses, responseBytes, errors, expired)
          .forEach(LongAdder::reset);
      lastInMillis = 0;
      lastOutMillis = 0;
    }

    private boolean isUnused() {
      return receivers.sum() == 0 && lastSeenMillis() == 0 && expired.sum() == 0;
    }

    public long messagesIn() {
      return messagesIn.sum();
    }

    public long bytesIn() {
      return bytesIn.sum();
    }

    public long messagesOut() {
      return messagesOut.sum();
    }

    public long bytesOut() {
      return bytesOut.sum();
    }

    public long responses() {
      return responses.sum();
    }

    public long responseBytes() {
      return responseBytes.sum();
    }

    public long errors() {
      return errors.sum();
    }

    public long expired() {
      return expired.sum();
    }

    /** Receivers that are there now. */
    public long receivers() {
      return receivers.sum();
    }

    /** When a client last sent, unix milliseconds; 0 never. */
    public long lastInMillis() {
      return lastInMillis;
    }

    /** When a client was last given something, unix milliseconds; 0 never. */
    public long lastOutMillis() {
      return lastOutMillis;
    }

    /** When anything last happened, unix milliseconds; 0 never. */
    public long lastSeenMillis() {
      return Math.max(lastInMillis, lastOutMillis);
    }
  }
}
