// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.core.ChannelInfo;
import io.dragoman.core.Channels;
import io.dragoman.core.Kind;
import io.dragoman.core.Result;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The topics that the clients of one listener have brought into being: their names may be made of
 * what clients say, and anybody can say much. Safe from any thread.
 */
final class Topics {
  /** Between two looks for topics that have been deleted, when there are too many. */
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final int max;
  private final Set<String> named;
  private final Channels channels;

  /** Whether anything has ever reached them, by their names. */
  private final Map<String, Boolean> made = new ConcurrentHashMap<>();

  private long nextLook = System.nanoTime();

  /**
   * @param named by the configuration: clients cannot bring these into being, nor use up their
   *     place
   */
  Topics(int max, Set<String> named, Channels channels) {
    this.max = max;
    this.named = Set.copyOf(named);
    this.channels = channels;
  }

  /** Whether this topic may be written to; if so, what comes of it is to be told. */
  boolean allows(String name) {
    return named.contains(name) || made.containsKey(name) || add(name);
  }

  private synchronized boolean add(String name) {
    if (made.size() >= max && !made.containsKey(name)) {
      long now = System.nanoTime();
      if (now - nextLook >= 0) {
        nextLook = now + LOOK_NANOS;
        channels.list(Kind.QUEUE, "").thenAccept(this::forgetDeleted);
      }
      return false;
    }
    made.putIfAbsent(name, false);
    return true;
  }

  private void forgetDeleted(Result<List<ChannelInfo>> outcome) {
    if (outcome instanceof Result.Ok<List<ChannelInfo>> ok) {
      Set<String> there = new HashSet<>();
      ok.value().forEach(each -> there.add(each.name()));
      made.entrySet().removeIf(each -> each.getValue() && !there.contains(each.getKey()));
    }
  }

  /** Something has reached this topic. */
  void stored(String name) {
    if (!named.contains(name) && !Boolean.TRUE.equals(made.get(name))) {
      made.put(name, true);
    }
  }

  /** Something was refused, so that there may be no such topic. */
  void refused(String name) {
    made.remove(name, false);
  }
}
