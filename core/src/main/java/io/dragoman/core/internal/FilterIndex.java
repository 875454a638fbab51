// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.ChannelFilter.Syntax;
import io.dragoman.core.Lane;
import io.dragoman.core.LogListener;
import io.dragoman.core.LogRecord;
import io.dragoman.core.Subscription;
import io.dragoman.core.spi.LogStore;
import java.util.ArrayList;
import java.util.Collection;
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
 * a channel that was used before that is one map lookup, however subscribers of a pattern that
 * others on their lane have subscribed too come and go.
 *
 * <p>Safe from any thread. Lock order: this, then the engine's registration.
 */
final class FilterIndex implements LogStore.AppendSink {
  /** Routes kept at most; names that are used once must not fill the memory. */
  private static final int ROUTES_MAX = 4096;

  /** Groups of one lane that are told together; compared by identity. */
  private static final class Target {
    final LaneFeed feed;
    final List<PatternGroup> groups;

    Target(LaneFeed feed, List<PatternGroup> groups) {
      this.feed = feed;
      this.groups = groups;
    }
  }

  /** Subscribers of one pattern, a group for each lane. Changes under the index's lock. */
  private static final class Bucket {
    final Subscription registration;
    private final Map<LaneFeed, PatternGroup> groups = new LinkedHashMap<>(4);

    /** Made anew when a lane comes or goes, and not for each subscriber. */
    private volatile List<Target> targets = List.of();

    Bucket(Subscription registration) {
      this.registration = registration;
    }

    @Nullable PatternGroup group(LaneFeed feed) {
      return groups.get(feed);
    }

    void add(PatternGroup group) {
      groups.put(group.feed(), group);
      targets = targetsOf(groups.values());
    }

    /** Removes a group; gives whether it was the last. */
    boolean remove(PatternGroup group) {
      groups.remove(group.feed());
      targets = targetsOf(groups.values());
      return groups.isEmpty();
    }

    List<Target> targets() {
      return targets;
    }
  }

  /** What was found since a pattern, or a lane with subscribers of it, came or went. */
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
        pushes.add(new LaneFeed.Push(to.groups, List.copyOf(records), bytes));
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
    Bucket bucket =
        trie(filter).at(filter.text(), () -> new Bucket(context.store().register(filter)));
    PatternGroup group = bucket.group(feed);
    boolean isNew = group == null;
    if (group == null) {
      group = new PatternGroup(context, filter, feed);
      bucket.add(group);
    }
    FilterCursor cursor = new FilterCursor(context, this, group, listener, whenLeft);
    feed.add(cursor);
    open.add(cursor);
    group.add(cursor);
    if (isNew) {
      forgetRoutes();
    }
    return cursor;
  }

  // After the change: who finds something old puts it where nobody looks any more.
  private void forgetRoutes() {
    found = new Found();
  }

  synchronized void remove(FilterCursor cursor) {
    if (!open.remove(cursor)) {
      return;
    }
    PatternGroup group = cursor.group();
    if (group.feed().remove(cursor)) {
      feeds.remove(group.feed().lane());
    }
    if (!group.remove(cursor)) {
      return;
    }
    ChannelFilter filter = group.filter();
    Bucket bucket = trie(filter).get(filter.text());
    if (bucket != null && bucket.remove(group)) {
      trie(filter).remove(filter.text());
      bucket.registration.close();
    }
    forgetRoutes();
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
    return targets(channel).stream()
        .flatMap(target -> target.groups.stream())
        .mapToInt(group -> group.cursors().size())
        .sum();
  }

  @Override
  public void onAppended(List<LogRecord> records) {
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
            feed.offer(runs.pushes, last);
          });
    }
  }

  @Override
  public void onMissed(long timestampNanos) {
    List<LaneFeed> all;
    synchronized (this) {
      all = List.copyOf(feeds.values());
    }
    all.forEach(feed -> feed.missed(timestampNanos));
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
          List<PatternGroup> groups = new ArrayList<>();
          all.forEach(bucket -> bucket.targets().forEach(target -> groups.addAll(target.groups)));
          return targetsOf(groups);
        });
  }

  private static List<Target> targetsOf(Collection<PatternGroup> groups) {
    Map<LaneFeed, List<PatternGroup>> byLane = new LinkedHashMap<>(4);
    for (PatternGroup each : groups) {
      byLane.computeIfAbsent(each.feed(), feed -> new ArrayList<>(2)).add(each);
    }
    List<Target> targets = new ArrayList<>(byLane.size());
    byLane.forEach((feed, some) -> targets.add(new Target(feed, List.copyOf(some))));
    return List.copyOf(targets);
  }

  private PatternTrie<Bucket> trie(ChannelFilter filter) {
    return filter.syntax() == Syntax.DOTS ? dots : slashes;
  }
}
