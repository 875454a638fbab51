// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.ChannelFilter;
import java.util.List;

/**
 * The subscribers of one pattern on one lane. Records are routed to groups; who belongs to one is
 * looked up on its lane, so that coming and going costs nothing on the thread that routes.
 */
final class PatternGroup {
  private final ChannelFilter filter;
  private final LaneFeed feed;
  private final SnapshotSet<FilterCursor> cursors = new SnapshotSet<>();

  PatternGroup(ChannelFilter filter, LaneFeed feed) {
    this.filter = filter;
    this.feed = feed;
  }

  ChannelFilter filter() {
    return filter;
  }

  LaneFeed feed() {
    return feed;
  }

  void add(FilterCursor cursor) {
    cursors.add(cursor);
  }

  /** Removes a subscriber; gives whether it was the last one. */
  boolean remove(FilterCursor cursor) {
    return cursors.removeLast(cursor);
  }

  List<FilterCursor> cursors() {
    return cursors.snapshot();
  }
}
