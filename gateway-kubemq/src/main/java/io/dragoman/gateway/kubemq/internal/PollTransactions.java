// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Receipt;
import io.dragoman.gateway.kubemq.internal.PollTransaction.Part;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of one stream: those with something to settle, and the ids of as many closed
 * ones as are worth remembering, for clients that ask about them once more. For one lane.
 */
final class PollTransactions {
  private static final int CLOSED_MAX = 1000;

  private final OpenTransactions everywhere;
  private final OpenTransactions.Owner owner;
  private final Map<String, PollTransaction> open = new HashMap<>();
  private final Set<String> closed = new LinkedHashSet<>();

  /** Messages that are not settled yet. */
  private long unsettled;

  /**
   * @param everywhere learns of those that are open
   * @param owner the stream
   */
  PollTransactions(OpenTransactions everywhere, OpenTransactions.Owner owner) {
    this.everywhere = everywhere;
    this.owner = owner;
  }

  void opened(PollTransaction transaction) {
    open.put(transaction.id(), transaction);
    everywhere.opened(transaction.id(), owner);
    unsettled += transaction.size();
  }

  void settled(PollTransaction transaction, Part part) {
    transaction.settled(part);
    unsettled -= part.size();
  }

  void closed(String id) {
    if (open.remove(id) != null) {
      everywhere.closed(id);
    }
    closed.add(id);
    if (closed.size() > CLOSED_MAX) {
      Iterator<String> oldest = closed.iterator();
      oldest.next();
      oldest.remove();
    }
  }

  /** The transaction if it has, or may have again, something to settle. */
  @Nullable PollTransaction open(String id) {
    return open.get(id);
  }

  boolean isClosed(String id) {
    return closed.contains(id);
  }

  /** Another stream whose transaction it is; null if it is one of this stream, or unknown. */
  OpenTransactions.@Nullable Owner elsewhere(String id) {
    return open.containsKey(id) || isClosed(id) ? null : everywhere.owner(id);
  }

  long unsettled() {
    return unsettled;
  }

  /** Takes everything out that can be settled, when the stream ends. */
  List<Receipt> takeAll() {
    List<Receipt> receipts = new ArrayList<>();
    for (PollTransaction transaction : open.values()) {
      receipts.addAll(transaction.beginAll().receipts());
      everywhere.closed(transaction.id());
    }
    open.clear();
    return receipts;
  }
}
