// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;

/**
 * Writes a subscriber's place into the ids of events that nobody keeps. What is large is shared,
 * and only the ids are made for each place.
 */
final class Places {
  /** Events of fewer bytes are copied: that costs less than the parts of a buffer. */
  private static final int SHARED_BYTES_MIN = 4 << 10;

  private Places() {}

  /** Whether the events are so large that they are shared. */
  static boolean areShared(ByteBuf events, int count) {
    return events.readableBytes() / SHARED_BYTES_MIN >= count;
  }

  /** What {@link #with} takes in memory for each place. */
  static long bytes(ByteBuf events, int[] idEnds) {
    return areShared(events, idEnds.length)
        ? (long) idEnds.length * EventIds.PLACE_DIGITS
        : events.readableBytes();
  }

  /** The events with this place in their ids, in a buffer of its own. */
  static ByteBuf with(ByteBuf events, int[] idEnds, long placeNanos) {
    if (!areShared(events, idEnds.length)) {
      ByteBuf copy = events.copy();
      for (int idEnd : idEnds) {
        EventIds.setPlace(copy, idEnd, placeNanos);
      }
      return copy;
    }
    ByteBuf digits = events.alloc().buffer(EventIds.PLACE_DIGITS).writeZero(EventIds.PLACE_DIGITS);
    EventIds.setPlace(digits, EventIds.PLACE_DIGITS, placeNanos);
    CompositeByteBuf all = events.alloc().compositeBuffer(2 * idEnds.length + 1);
    int start = 0;
    for (int idEnd : idEnds) {
      int end = idEnd - EventIds.PLACE_DIGITS;
      all.addComponent(true, events.retainedSlice(start, end - start));
      all.addComponent(true, digits.retainedDuplicate());
      start = idEnd;
    }
    digits.release();
    return all.addComponent(true, events.retainedSlice(start, events.writerIndex() - start));
  }
}
