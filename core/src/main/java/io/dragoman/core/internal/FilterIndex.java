// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.ChannelFilter.Syntax;
import io.dragoman.core.Lane;
import io.dragoman.core.LogListener;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Subscription;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.LogStore;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The subscribers of patterns over logs: finds whose a record is, and hands it to their lanes. For
 * a channel that was used before that is one map lookup until a subscription changes.
 *
 * <p>Safe from any thread. Lock order: this, then the engine's registration.
 */
final class FilterIndex implements LogStore.AppendSink {
  /** Routes kept at most; names that are used once must not fill the memory. */
  private static final int ROUTES_MAX = 4096;

  /** Subscribers of one lane that are told together; compared by identity. */
  private static final class Target {
    final LaneFeed feed;
    final List<FilterCursor> cursors;

    Target(LaneFeed feed, List<FilterCursor> cursors) {
      this.feed = feed;
      this.cursors = cursors;
    }
  }

  /** Subscribers of one pattern, and who they are per lane. */
  private static final class Bucket {
    final Set<FilterCursor> cursors = new LinkedHashSet<>();
    final Subscription registration;

    /** Made when it is first needed after a change. */
    private @Nullable List<Target> targets;

    Bucket(Subscription registration) {
      this.registration = registration;
    }

    synchronized void add(FilterCursor cursor) {
      cursors.add(cursor);
      targets = null;
    }

    /** Removes one; gives whether it was the last. */
    synchronized boolean remove(FilterCursor cursor) {
      cursors.remove(cursor);
      targets = null;
      return cursors.isEmpty();
    }

    synchronized List<FilterCursor> all() {
      return List.copyOf(cursors);
    }

    synchronized List<Target> targets() {
      List<Target> current = targets;
      if (current == null) {
        current = targetsOf(cursors);
        targets = current;
      }
      return current;
    }
  }

  /** What was found since a subscription changed last. */
  private static final class Found {
    final Map<String, List<Target>> byChannel = new ConcurrentHashMap<>();
    final Map<List<Bucket>, List<Target>> byBuckets = new ConcurrentHashMap<>();
  }

  /** Records of one append that go to the same subscribers. */
  private static final class Runs {
    final List<LaneFeed.Push> pushes = new ArrayList<>();
    private @Nullable Target target;
    private List<LogRecord> records = new ArrayList<>();
    private long bytes;

    void add(Target to, LogRecord each, int batchMax) {
      int weight = each.message().weight();
      boolean full = bytes + weight > LogContext.BATCH_BYTES_MAX || records.size() == batchMax;
      if (!to.equals(target) || full) {
        finish();
        target = to;
      }
      records.add(each);
      bytes += weight;
    }

    void finish() {
      Target to = target;
      if (to != null && !records.isEmpty()) {
        pushes.add(new LaneFeed.Push(to.cursors, List.copyOf(records), bytes));
      }
      records = new ArrayList<>();
      bytes = 0;
    }
  }

  private final LogContext context;
  private final PatternTrie<Bucket> dots = new PatternTrie<>(Syntax.DOTS);
  private final PatternTrie<Bucket> slashes = new PatternTrie<>(Syntax.SLASHES);
  private volatile Found found = new Found();

  // Guarded by this.
  private final Map<Lane, LaneFeed> feeds = new IdentityHashMap<>();
  private final Set<FilterCursor> open = new LinkedHashSet<>();

  FilterIndex(LogContext context) {
    this.context = context;
  }

  /** A subscriber of a pattern, which hears of what becomes safe from now on once it is started. */
  synchronized FilterCursor add(
      ChannelFilter filter, Lane lane, LogListener listener, Runnable whenLeft) {
    LaneFeed feed = feeds.computeIfAbsent(lane, one -> new LaneFeed(one, context.metrics()));
    FilterCursor cursor = new FilterCursor(context, this, filter, feed, listener, whenLeft);
    feed.add(cursor);
    open.add(cursor);
    trie(filter).at(filter.text(), () -> new Bucket(context.store().register(filter))).add(cursor);
    // After the change: who finds something old puts it where nobody looks any more.
    found = new Found();
    return cursor;
  }

  synchronized void remove(FilterCursor cursor) {
    if (!open.remove(cursor)) {
      return;
    }
    if (cursor.feed().remove(cursor)) {
      feeds.remove(cursor.feed().lane());
    }
    ChannelFilter filter = cursor.filter();
    Bucket bucket = trie(filter).get(filter.text());
    if (bucket != null && bucket.remove(cursor)) {
      trie(filter).remove(filter.text());
      bucket.registration.close();
    }
    found = new Found();
  }

  /** Ends all subscriptions and tells them why. */
  void end(BrokerError reason) {
    List<FilterCursor> all;
    synchronized (this) {
      all = List.copyOf(open);
    }
    all.forEach(cursor -> cursor.end(reason));
  }

  /** How many of the subscribers want this channel. */
  int subscribers(String channel) {
    return targets(channel).stream().mapToInt(target -> target.cursors.size()).sum();
  }

  @Override
  public void onAppended(Durability durability, List<LogRecord> records) {
    Map<LaneFeed, Runs> lanes = new IdentityHashMap<>(4);
    for (LogRecord each : records) {
      for (Target target : targets(each.message().channel())) {
        lanes
            .computeIfAbsent(target.feed, feed -> new Runs())
            .add(target, each, context.batchMax());
      }
    }
    if (!lanes.isEmpty()) {
      long last = records.get(records.size() - 1).timestampNanos();
      lanes.forEach(
          (feed, runs) -> {
            runs.finish();
            feed.offer(durability, runs.pushes, last);
          });
    }
  }

  private List<Target> targets(String channel) {
    Found known = found;
    List<Target> targets = known.byChannel.get(channel);
    if (targets == null) {
      List<Bucket> buckets = new ArrayList<>(2);
      dots.match(channel, buckets::add);
      slashes.match(channel, buckets::add);
      targets = buckets.size() == 1 ? buckets.get(0).targets() : joined(known, buckets);
      if (known.byChannel.size() >= ROUTES_MAX) {
        known.byChannel.clear();
        known.byBuckets.clear();
      }
      known.byChannel.put(channel, targets);
    }
    return targets;
  }

  // Channels that the same patterns match share their targets, so that their records go together.
  private static List<Target> joined(Found known, List<Bucket> buckets) {
    return known.byBuckets.computeIfAbsent(
        buckets,
        all -> {
          Set<FilterCursor> cursors = new LinkedHashSet<>();
          all.forEach(bucket -> cursors.addAll(bucket.all()));
          return targetsOf(cursors);
        });
  }

  private static List<Target> targetsOf(Set<FilterCursor> cursors) {
    Map<LaneFeed, List<FilterCursor>> byLane = new LinkedHashMap<>();
    for (FilterCursor each : cursors) {
      byLane.computeIfAbsent(each.feed(), feed -> new ArrayList<>()).add(each);
    }
    List<Target> targets = new ArrayList<>(byLane.size());
    byLane.forEach((feed, some) -> targets.add(new Target(feed, List.copyOf(some))));
    return List.copyOf(targets);
  }

  private PatternTrie<Bucket> trie(ChannelFilter filter) {
    return filter.syntax() == Syntax.DOTS ? dots : slashes;
  }
}
