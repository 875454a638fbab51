// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.ChannelInfo;
import io.dragoman.core.ChannelOverview;
import io.dragoman.core.ChannelStats;
import io.dragoman.core.Channels;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.Result;
import io.dragoman.core.spi.ChannelStore;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;

/** Channel administration. Safe from any thread. */
final class ChannelService implements Channels {
  private final ChannelStore store;
  private final Checks checks;
  private final KnownChannels known;
  private final ChannelStats stats;
  private final RequestService requests;

  ChannelService(
      ChannelStore store,
      Checks checks,
      KnownChannels known,
      ChannelStats stats,
      RequestService requests) {
    this.store = store;
    this.checks = checks;
    this.known = known;
    this.stats = stats;
    this.requests = requests;
  }

  @Override
  public CompletionStage<Result<Boolean>> create(Kind kind, String name) {
    BrokerError error = checks.name("channel", name);
    if (error == null && !known.admit(kind, name)) {
      error = checks.refuse(ErrorCode.TOO_MANY_CHANNELS, known.refusal());
    }
    return error != null ? Calls.refusedStage(error) : store.create(kind, name);
  }

  @Override
  public CompletionStage<Result<Boolean>> delete(Kind kind, String name) {
    BrokerError error = checks.name("channel", name);
    if (error != null) {
      return Calls.refusedStage(error);
    }
    return store
        .delete(kind, name)
        .thenApply(result -> result.map(there -> forget(kind, name, there)));
  }

  /** Gives whether there was anything to forget. */
  private boolean forget(Kind kind, String name, boolean stored) {
    known.forget(kind, name);
    if (kind == Kind.QUERY) {
      requests.forget(name);
    }
    boolean counted = stats.forget(kind, name);
    return stored || counted && !kind.stored();
  }

  @Override
  public CompletionStage<Result<List<ChannelInfo>>> list(Kind kind, String containing) {
    return store.list(kind, containing);
  }

  @Override
  public CompletionStage<Result<List<ChannelOverview>>> overview(Kind kind, String containing) {
    return store
        .list(kind, containing)
        .thenApply(result -> result.map(made -> overview(kind, containing, made)));
  }

  private List<ChannelOverview> overview(Kind kind, String containing, List<ChannelInfo> made) {
    Map<String, ChannelOverview> all = new TreeMap<>();
    for (ChannelInfo info : made) {
      String name = info.name();
      all.put(name, new ChannelOverview(kind, name, info, stats.find(kind, name)));
    }
    if (!kind.stored()) {
      for (String name : stats.channels(kind)) {
        ChannelStats.Entry entry = stats.find(kind, name);
        if (entry != null && isLive(entry) && name.contains(containing) && isChannel(name)) {
          all.putIfAbsent(name, new ChannelOverview(kind, name, null, entry));
        }
      }
    }
    return List.copyOf(all.values());
  }

  /** What was only ever refused does not make a channel. */
  private static boolean isLive(ChannelStats.Entry entry) {
    return entry.messagesIn() > 0 || entry.receivers() > 0;
  }

  /** Receivers of a pattern are counted under the pattern. */
  private static boolean isChannel(String name) {
    return ChannelFilter.dotted(name).isExact();
  }
}
