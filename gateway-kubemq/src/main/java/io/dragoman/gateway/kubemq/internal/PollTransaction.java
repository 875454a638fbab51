// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Delivery;
import io.dragoman.core.Receipt;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The messages that one poll gave to a client, until the client has settled them. Keeps their
 * receipts, not their contents. For one lane.
 */
final class PollTransaction {
  private final String id;
  private final String channel;

  /** What the client has and has not settled. */
  private final SortedMap<Long, Receipt> active = new TreeMap<>();

  /** How many are being settled, which come back when that fails. */
  private int settling;

  PollTransaction(String id, List<Delivery> deliveries) {
    this.id = id;
    this.channel = deliveries.get(0).message().message().channel();
    for (Delivery delivery : deliveries) {
      active.put(delivery.message().sequence(), delivery.receipt());
    }
  }

  /**
   * What is settled together.
   *
   * @param sequences of the messages, in the order of the receipts
   */
  record Part(List<Long> sequences, List<Receipt> receipts) {
    int size() {
      return receipts.size();
    }
  }

  /** The queue that was polled. */
  String channel() {
    return channel;
  }

  String id() {
    return id;
  }

  /** Nothing is left to settle, unless what is being settled comes back. */
  boolean isClosed() {
    return active.isEmpty();
  }

  /** Nothing is left, and nothing comes back. */
  boolean isOver() {
    return active.isEmpty() && settling == 0;
  }

  int size() {
    return active.size() + settling;
  }

  List<Long> offsets() {
    return List.copyOf(active.keySet());
  }

  /** The first of these that cannot be settled; null if all can. */
  @Nullable Long firstUnknown(List<Long> sequences) {
    for (Long sequence : sequences) {
      if (!active.containsKey(sequence)) {
        return sequence;
      }
    }
    return null;
  }

  /** Takes these out to settle them; all must be there, and may be named twice. */
  Part begin(List<Long> sequences) {
    List<Long> once = List.copyOf(new LinkedHashSet<>(sequences));
    List<Receipt> receipts = new ArrayList<>(once.size());
    for (Long sequence : once) {
      receipts.add(Objects.requireNonNull(active.remove(sequence)));
    }
    settling += receipts.size();
    return new Part(once, receipts);
  }

  /** Takes all out that is there. */
  Part beginAll() {
    Part all = new Part(List.copyOf(active.keySet()), List.copyOf(active.values()));
    active.clear();
    settling += all.size();
    return all;
  }

  void settled(Part part) {
    settling -= part.size();
  }

  /** It could not be settled: the client still has it. */
  void failed(Part part) {
    settling -= part.size();
    for (int i = 0; i < part.size(); i++) {
      active.put(part.sequences().get(i), part.receipts().get(i));
    }
  }
}
