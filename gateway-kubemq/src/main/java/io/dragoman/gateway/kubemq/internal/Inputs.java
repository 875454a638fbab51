// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Ids;
import io.dragoman.core.Message;
import io.dragoman.core.QueueSend;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What clients send, decoded but not yet judged, whatever the encoding. Absent fields are empty, 0
 * or false; absent ids have been made up, except where the dialect demands one.
 */
@SuppressWarnings("ArrayRecordComponent") // handed through, never compared
final class Inputs {

  private Inputs() {}

  /** The given id, or one of ours. */
  static String orNewId(String id) {
    return id.isEmpty() ? Ids.uuid() : id;
  }

  /** An event, for live subscribers or for the events store. */
  record Event(Message message, boolean store) {}

  /**
   * A command or query.
   *
   * @param type as sent: 1 command, 2 query
   * @param cacheTtl in the configured unit
   */
  record Request(
      Message message, int type, int timeoutMillis, String cacheKey, int cacheTtl, byte[] span) {}

  /**
   * An answer.
   *
   * @param message its id is the request's; no channel
   */
  record Response(
      Message message,
      String replyChannel,
      long timestamp,
      boolean executed,
      String error,
      byte[] span) {}

  /** Queue messages to be sent together. */
  record Batch(String id, List<QueueSend> messages) {}

  /** A receive or peek. */
  record Receive(
      String requestId,
      String clientId,
      String channel,
      int messagesMax,
      int waitSeconds,
      boolean peek) {}

  /** The wish to acknowledge all that waits. */
  record AckAll(String requestId, String clientId, String channel, int waitSeconds) {}

  /**
   * One step of a queue transaction.
   *
   * @param type as sent: 1 to 6
   * @param modified the message to be sent instead of the active one
   */
  record StreamRequest(
      String requestId,
      String clientId,
      int type,
      String channel,
      int visibilitySeconds,
      int waitSeconds,
      long refSequence,
      @Nullable QueueSend modified) {

    /** This step without the message in it. */
    StreamRequest withoutModified() {
      return modified == null
          ? this
          : new StreamRequest(
              requestId,
              clientId,
              type,
              channel,
              visibilitySeconds,
              waitSeconds,
              refSequence,
              null);
    }
  }

  /**
   * A question about queues.
   *
   * @param queueName names with semicolons between them; empty: all
   */
  record QueuesInfo(String requestId, String queueName) {}

  /** What a subscription is for. */
  enum SubscribeType {
    UNDEFINED,
    EVENTS,
    EVENTS_STORE,
    COMMANDS,
    QUERIES
  }

  /**
   * A subscription.
   *
   * @param startType as sent: 1 to 6, for the events store; anything else becomes 0
   */
  record Subscribe(
      SubscribeType type,
      String clientId,
      String channel,
      String group,
      int startType,
      long startValue) {

    /** Takes unknown start types for none, as the reference does. */
    Subscribe {
      startType = startType < 0 || startType > SubscribeRules.START_AT_DELTA ? 0 : startType;
    }
  }
}
