// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.ChannelFilter.Syntax;
import io.dragoman.core.Lane;
import io.dragoman.core.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Finds who is subscribed to a channel. Finding takes no lock and, for a channel that was used
 * before, costs one map lookup: routes are kept per channel until any subscription changes. Making
 * a route again is cheap as long as one filter matches, since the filter keeps its own part.
 *
 * <p>Safe from any thread. A subscription is found by everything that is sent after {@link
 * #subscribe} has returned. Lock order: this index, then a {@link Bucket}; the engine's
 * registration is called under both.
 *
 * @param <E> what is delivered
 * @param <L> the receivers' listeners
 */
final class SubscriptionIndex<E, L> {
  /** Routes kept at most; names that are used once must not fill the memory. */
  private static final int ROUTES_MAX = 4096;

  private record Kept<E, L>(long version, Route<E, L> route) {}

  private final LaneQueues<E, L> queues;
  private final BiFunction<ChannelFilter, @Nullable String, Subscription> interests;
  private final Map<String, Bucket<E, L>> exact = new ConcurrentHashMap<>();
  private final PatternTrie<Bucket<E, L>> dots = new PatternTrie<>(Syntax.DOTS);
  private final PatternTrie<Bucket<E, L>> slashes = new PatternTrie<>(Syntax.SLASHES);
  private final ConcurrentHashMap<String, Kept<E, L>> routes = new ConcurrentHashMap<>();
  private final AtomicLong version = new AtomicLong();
  private final Route<E, L> nobody = Route.empty();
  private volatile int size;

  /**
   * @param interests registers a filter and group with the engine while they have members here
   */
  SubscriptionIndex(
      LaneQueues<E, L> queues,
      BiFunction<ChannelFilter, @Nullable String, Subscription> interests) {
    this.queues = queues;
    this.interests = interests;
  }

  /** Adds a subscription; {@code whenClosed} runs once, when it is closed. */
  Subscription subscribe(
      ChannelFilter filter, @Nullable String group, Lane lane, L listener, Runnable whenClosed) {
    String share = group == null ? Bucket.NO_GROUP : group;
    @Nullable String shown = share.equals(Bucket.NO_GROUP) ? null : share;
    Receiver<E, L> receiver;
    synchronized (this) {
      receiver = new Receiver<>(queues.acquire(lane), listener);
      bucketMade(filter).add(share, receiver, () -> interests.apply(filter, shown));
      size++;
      version.incrementAndGet();
    }
    AtomicBoolean open = new AtomicBoolean(true);
    return () -> {
      if (open.getAndSet(false)) {
        receiver.end();
        remove(filter, share, receiver);
        // Outside the lock, since it may let go of senders that wait for this lane.
        queues.release(lane);
        whenClosed.run();
      }
    };
  }

  /** Whether nobody is subscribed to anything; a moment's answer. */
  boolean isEmpty() {
    return size == 0;
  }

  /** Who gets what is sent to this channel. */
  Route<E, L> route(String channel) {
    if (size == 0) {
      return nobody;
    }
    long current = version.get();
    Kept<E, L> kept = routes.get(channel);
    if (kept != null && kept.version == current) {
      return kept.route;
    }
    // The version was read first: a change during the search makes what is kept here outdated.
    Route<E, L> route = find(channel);
    if (routes.mappingCount() >= ROUTES_MAX) {
      routes.clear();
    }
    routes.put(channel, new Kept<>(current, route));
    return route;
  }

  /** Who of one filter and group gets it, for engines that have chosen the group's node already. */
  Route<E, L> route(ChannelFilter filter, @Nullable String group) {
    Bucket<E, L> bucket = bucket(filter);
    return bucket == null ? nobody : bucket.routeOf(group == null ? Bucket.NO_GROUP : group);
  }

  private Route<E, L> find(String channel) {
    List<Route<E, L>> found = new ArrayList<>();
    Bucket<E, L> same = exact.get(channel);
    if (same != null) {
      found.add(same.route());
    }
    dots.match(channel, bucket -> found.add(bucket.route()));
    slashes.match(channel, bucket -> found.add(bucket.route()));
    return found.isEmpty() ? nobody : Route.join(found);
  }

  private synchronized void remove(ChannelFilter filter, String share, Receiver<E, L> receiver) {
    Bucket<E, L> bucket = bucket(filter);
    if (bucket != null) {
      bucket.remove(share, receiver);
      if (bucket.isEmpty()) {
        forget(filter);
      }
    }
    size--;
    version.incrementAndGet();
  }

  private @Nullable Bucket<E, L> bucket(ChannelFilter filter) {
    return switch (filter.syntax()) {
      case EXACT -> exact.get(filter.text());
      case DOTS -> dots.get(filter.text());
      case SLASHES -> slashes.get(filter.text());
    };
  }

  private Bucket<E, L> bucketMade(ChannelFilter filter) {
    return switch (filter.syntax()) {
      case EXACT -> exact.computeIfAbsent(filter.text(), name -> new Bucket<>());
      case DOTS -> dots.at(filter.text(), Bucket::new);
      case SLASHES -> slashes.at(filter.text(), Bucket::new);
    };
  }

  private void forget(ChannelFilter filter) {
    switch (filter.syntax()) {
      case EXACT -> exact.remove(filter.text());
      case DOTS -> dots.remove(filter.text());
      case SLASHES -> slashes.remove(filter.text());
    }
  }
}
