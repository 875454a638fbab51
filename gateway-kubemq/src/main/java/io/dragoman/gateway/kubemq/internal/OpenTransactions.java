// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Metrics;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequest;
import io.dragoman.kubemq.protocol.QueuesDownstreamResponse;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which stream of this node polled which open transaction, for requests about it that come on other
 * streams: whoever knows a transaction's id may settle it. Safe from any thread.
 *
 * <p>An entry is as old as its transaction and gone with it or with its stream, so there are as
 * many as the streams' own bounds allow.
 */
final class OpenTransactions {

  /** A stream that polls. */
  interface Owner {
    /**
     * Does what is asked about a transaction of this stream, in turn with what the stream is asked
     * itself. If the stream has ended meanwhile, the transaction is unknown. From any thread.
     *
     * @param asking who asks, who must be allowed to receive from the queue
     * @return what is to be said on the stream that asked, once the request is done; nothing if it
     *     has been done and is not one to be answered
     */
    CompletionStage<Optional<QueuesDownstreamResponse>> ask(
        QueuesDownstreamRequest request, Caller asking);
  }

  private final Map<String, Owner> owners = new ConcurrentHashMap<>();

  OpenTransactions(Metrics metrics) {
    metrics.gauge(
        "dragoman_poll_transactions",
        "Polls whose messages are not all acknowledged, rejected or moved",
        owners::size,
        "dialect",
        "kubemq");
  }

  void opened(String id, Owner owner) {
    owners.put(id, owner);
  }

  void closed(String id) {
    owners.remove(id);
  }

  /** Who polled it; null if nobody has, or it is closed. */
  @Nullable Owner owner(String id) {
    return owners.get(id);
  }
}
