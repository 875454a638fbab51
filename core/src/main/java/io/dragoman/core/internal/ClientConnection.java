// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.Connection;
import io.dragoman.core.ConnectionListener;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Lane;
import io.dragoman.core.Result;
import io.dragoman.core.Subscription;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One open connection: its context, and the channels it is a member of. Safe from any thread. */
final class ClientConnection implements Connection {
  private final ConnectionService service;
  private final long id;
  private final Lane lane;
  private final ConnectionListener listener;
  private final Receiver<Pushed, ConnectionListener> receiver;

  // Guarded by this.
  private final Map<String, Subscription> memberships = new LinkedHashMap<>();
  private boolean closed;
  private int contextLength;

  private volatile Map<String, String> context = Map.of();

  ClientConnection(
      ConnectionService service,
      long id,
      Lane lane,
      ConnectionListener listener,
      Receiver<Pushed, ConnectionListener> receiver) {
    this.service = service;
    this.id = id;
    this.lane = lane;
    this.listener = listener;
    this.receiver = receiver;
  }

  Lane lane() {
    return lane;
  }

  ConnectionListener listener() {
    return listener;
  }

  /** Where what is for this connection alone goes. */
  Target<Pushed, ConnectionListener> alone() {
    return receiver.alone();
  }

  @Override
  public long id() {
    return id;
  }

  @Override
  public Map<String, String> context() {
    return context;
  }

  @Override
  public @Nullable String contextValue(String key) {
    return context.get(key);
  }

  @Override
  public Result<Boolean> setContext(Map<String, String> values) {
    synchronized (this) {
      Map<String, String> next = new LinkedHashMap<>(context);
      int length = contextLength;
      for (Map.Entry<String, String> each : values.entrySet()) {
        String before = next.put(each.getKey(), each.getValue());
        length += each.getValue().length();
        length += before == null ? each.getKey().length() : -before.length();
      }
      BrokerError error = service.checkContext(length);
      if (error != null) {
        return Result.refused(error);
      }
      contextLength = length;
      context = Collections.unmodifiableMap(next);
    }
    Set<String> keys = Set.copyOf(values.keySet());
    lane.execute(() -> listener.onContext(keys));
    return Result.ok(true);
  }

  @Override
  public synchronized Result<Boolean> subscribe(Collection<String> channels) {
    if (closed) {
      return Result.refused(new BrokerError(ErrorCode.NOT_FOUND, "the connection is closed"));
    }
    // All of them or none: names are looked at before anything is changed.
    for (String channel : channels) {
      BrokerError error = service.checkChannel(channel);
      if (error != null) {
        return Result.refused(error);
      }
    }
    List<String> added = new ArrayList<>();
    for (String channel : channels) {
      if (memberships.containsKey(channel)) {
        continue;
      }
      Result<Subscription> membership = service.join(channel, this, memberships.size());
      if (membership instanceof Result.Refused<Subscription> refused) {
        added.forEach(this::leave);
        return Result.refused(refused.error());
      }
      memberships.put(channel, membership.orThrow());
      added.add(channel);
    }
    return Result.ok(true);
  }

  @Override
  public synchronized void unsubscribe(Collection<String> channels) {
    channels.forEach(this::leave);
  }

  private void leave(String channel) {
    Subscription membership = memberships.remove(channel);
    if (membership != null) {
      membership.close();
    }
  }

  @Override
  public synchronized Set<String> channels() {
    return Set.copyOf(memberships.keySet());
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      memberships.values().forEach(Subscription::close);
      memberships.clear();
    }
    receiver.end();
    service.closed(this);
  }
}
