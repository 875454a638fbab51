// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Events handed together to every receiver of one subscription list on one lane. All those
 * receivers see the same object, so whatever is derived from it, such as encoded frames, is made
 * once and kept here.
 *
 * <p>Used on one lane only, and only during {@link EventListener#onEvents}.
 */
public final class EventBatch {
  private final List<Message> events;
  private @Nullable Map<Object, AutoCloseable> derived;

  public EventBatch(List<Message> events) {
    this.events = events;
  }

  /** The events in the order they were published; unmodifiable. */
  public List<Message> events() {
    return events;
  }

  /** Those of the events that are in no log: what is left for who hears the log as well. */
  public List<Message> notInLog() {
    for (Message event : events) {
      if (event.alsoInLog()) {
        return events.stream().filter(each -> !each.alsoInLog()).toList();
      }
    }
    return events;
  }

  /**
   * What was derived from this batch under this key, made at the first call and closed when the
   * last receiver has been told.
   */
  @SuppressWarnings("unchecked")
  public <T extends AutoCloseable> T derive(Object key, Function<EventBatch, T> maker) {
    if (derived == null) {
      derived = new IdentityHashMap<>(2);
    }
    return (T) derived.computeIfAbsent(key, k -> maker.apply(this));
  }

  /** Closes all that was derived; the lane calls it. */
  public void release() {
    if (derived == null) {
      return;
    }
    IllegalStateException failure = null;
    for (AutoCloseable each : derived.values()) {
      try {
        each.close();
      } catch (Exception e) {
        failure = new IllegalStateException("releasing what was derived from events failed", e);
      }
    }
    derived = null;
    if (failure != null) {
      throw failure;
    }
  }
}
