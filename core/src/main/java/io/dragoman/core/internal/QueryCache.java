// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.Clock;
import io.dragoman.core.Message;
import io.dragoman.core.Response;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Answers of queries, per channel and key, each for its lifetime. Bounded in bytes: what was used
 * longest ago goes first. Safe from any thread.
 */
final class QueryCache {
  private static final int ENTRY_OVERHEAD_BYTES = 200;

  private record Key(String channel, String key) {}

  private record Entry(Response response, long expiresAtNanos, long weight) {}

  private final long bytesMax;
  private final Clock clock;

  // Guarded by this; in the order of use.
  private final Map<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  QueryCache(long bytesMax, Clock clock) {
    this.bytesMax = bytesMax;
    this.clock = clock;
  }

  /** The answer kept under this key, if its time is not over. */
  synchronized @Nullable Response get(String channel, String key) {
    Key at = new Key(channel, key);
    Entry entry = entries.get(at);
    if (entry == null) {
      return null;
    }
    if (entry.expiresAtNanos - clock.unixNanos() > 0) {
      return entry.response;
    }
    remove(at);
    return null;
  }

  /** Keeps an answer under this key, unless it alone is over the bound. */
  synchronized void put(String channel, String key, long ttlMillis, Response response) {
    Key at = new Key(channel, key);
    remove(at);
    long weight = weight(at, response);
    if (weight > bytesMax) {
      return;
    }
    long ttlNanos = TimeUnit.MILLISECONDS.toNanos(ttlMillis);
    long expiresAt = clock.unixNanos() + Math.min(ttlNanos, Long.MAX_VALUE / 4);
    entries.put(at, new Entry(response, expiresAt, weight));
    bytes += weight;
    Iterator<Entry> oldest = entries.values().iterator();
    while (bytes > bytesMax) {
      bytes -= oldest.next().weight;
      oldest.remove();
    }
  }

  /** Forgets all answers of a channel. */
  synchronized void forget(String channel) {
    for (Iterator<Map.Entry<Key, Entry>> each = entries.entrySet().iterator(); each.hasNext(); ) {
      Map.Entry<Key, Entry> entry = each.next();
      if (entry.getKey().channel.equals(channel)) {
        bytes -= entry.getValue().weight;
        each.remove();
      }
    }
  }

  synchronized long bytes() {
    return bytes;
  }

  private void remove(Key at) {
    Entry entry = entries.remove(at);
    if (entry != null) {
      bytes -= entry.weight;
    }
  }

  private static long weight(Key at, Response response) {
    Message message = response.message();
    return (long) ENTRY_OVERHEAD_BYTES
        + at.channel.length()
        + at.key.length()
        + message.weight()
        + response.error().length()
        + response.span().length;
  }
}
