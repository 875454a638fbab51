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

  private final Map<String, PollTransaction> open = new HashMap<>();
  private final Set<String> closed = new LinkedHashSet<>();

  /** Messages that are not settled yet. */
  private long unsettled;

  void opened(PollTransaction transaction) {
    open.put(transaction.id(), transaction);
    unsettled += transaction.size();
  }

  void settled(PollTransaction transaction, Part part) {
    transaction.settled(part);
    unsettled -= part.size();
  }

  void closed(String id) {
    open.remove(id);
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

  long unsettled() {
    return unsettled;
  }

  /** Takes everything out that can be settled, when the stream ends. */
  List<Receipt> takeAll() {
    List<Receipt> receipts = new ArrayList<>();
    for (PollTransaction transaction : open.values()) {
      receipts.addAll(transaction.beginAll().receipts());
    }
    open.clear();
    return receipts;
  }
}
