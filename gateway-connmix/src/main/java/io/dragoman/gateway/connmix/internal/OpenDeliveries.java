// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import io.dragoman.core.Queues;
import io.dragoman.core.Receipt;
import io.dragoman.core.Settlement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one backend was handed and has not acknowledged, in the mode in which it does. When it goes
 * away everything returns to its place. For the socket's lane.
 */
final class OpenDeliveries {
  /**
   * More are not handed out until some are acknowledged, but for one of each topic: those that wait
   * for a message wait on.
   */
  private static final int MAX = 1024;

  private final Queues queues;
  private final Runnable onRoom;
  private final Map<String, Receipt> receipts = new LinkedHashMap<>();
  private long handed;
  private int asked;
  private boolean closed;

  /**
   * @param onRoom hears that there is room again because less has come than was asked for
   */
  OpenDeliveries(Queues queues, Runnable onRoom) {
    this.queues = queues;
    this.onRoom = onRoom;
  }

  /** How many more may be asked for. */
  int room() {
    return Math.max(0, MAX - receipts.size() - asked);
  }

  /** Keeps room for as many that are asked for. */
  void ask(int deliveries) {
    asked += deliveries;
  }

  /** They have been added, or will not come. */
  void asked(int deliveries) {
    boolean full = room() == 0;
    asked -= deliveries;
    if (full && room() > 0) {
      onRoom.run();
    }
  }

  /** Keeps a delivery; gives the handle that the backend acknowledges it with. */
  String add(Receipt receipt) {
    String handle = Long.toString(++handed);
    receipts.put(handle, receipt);
    return handle;
  }

  /** The receipts of these handles, taken out; null, and nothing taken out, if one is unknown. */
  @Nullable Map<String, Receipt> take(List<String> handles) {
    Map<String, Receipt> taken = new LinkedHashMap<>();
    for (String each : handles) {
      Receipt receipt = receipts.get(each);
      if (receipt == null) {
        return null;
      }
      taken.put(each, receipt);
    }
    receipts.keySet().removeAll(handles);
    return taken;
  }

  /** What was taken out could not be acknowledged, and is open again. */
  void restore(Map<String, Receipt> taken) {
    receipts.putAll(taken);
    if (closed) {
      giveBack();
    }
  }

  /** Gives everything back. */
  void close() {
    closed = true;
    giveBack();
  }

  private void giveBack() {
    if (!receipts.isEmpty()) {
      queues.settle(List.copyOf(receipts.values()), Settlement.RELEASE);
      receipts.clear();
    }
  }
}
