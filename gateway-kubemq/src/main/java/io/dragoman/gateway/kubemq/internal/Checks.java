// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Kind;
import io.dragoman.core.Message;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.gateway.kubemq.KubemqOptions.QueueLimits;
import io.dragoman.gateway.kubemq.internal.Inputs.SubscribeType;
import org.jspecify.annotations.Nullable;

/**
 * The dialect's validation: each method gives the first error in the order clients know, or null.
 * The order is part of the contract (spec: kubemq §2.2).
 */
final class Checks {
  private final QueueLimits limits;

  Checks(QueueLimits limits) {
    this.limits = limits;
  }

  static @Nullable KubemqError event(Inputs.Event event) {
    Message message = event.message();
    KubemqError error = sender(message.clientId(), message.channel());
    if (error != null) {
      return error;
    }
    return isEmpty(message) ? KubemqError.MESSAGE_EMPTY : null;
  }

  static @Nullable KubemqError request(Inputs.Request request) {
    if (request.type() != RequestRules.COMMAND && request.type() != RequestRules.QUERY) {
      return KubemqError.REQUEST_TYPE;
    }
    Message message = request.message();
    KubemqError error = sender(message.clientId(), message.channel());
    if (error != null) {
      return error;
    }
    if (request.timeoutMillis() <= 0) {
      return KubemqError.TIMEOUT_NOT_POSITIVE;
    }
    if (isEmpty(message)) {
      return KubemqError.REQUEST_EMPTY;
    }
    boolean cacheWithoutTime = !request.cacheKey().isEmpty() && request.cacheTtl() <= 0;
    return cacheWithoutTime ? KubemqError.CACHE_TTL_NOT_POSITIVE : null;
  }

  static @Nullable KubemqError response(Inputs.Response response) {
    KubemqError error = sender(response.message().clientId(), response.replyChannel());
    if (error != null) {
      return error;
    }
    return response.message().id().isEmpty() ? KubemqError.REQUEST_ID_EMPTY : null;
  }

  /** For subscriptions to events and to the events store. */
  static @Nullable KubemqError subscribeToEvents(Inputs.Subscribe subscribe) {
    boolean store = subscribe.type() == SubscribeType.EVENTS_STORE;
    if (!store && subscribe.type() != SubscribeType.EVENTS) {
      return KubemqError.SUBSCRIBE_TYPE;
    }
    KubemqError error = subscriber(subscribe);
    if (error != null) {
      return error;
    }
    if (!store) {
      return subscribe.startType() == 0 ? null : KubemqError.START_WITHOUT_EVENTS_STORE;
    }
    return hasWildcard(subscribe.channel()) ? KubemqError.CHANNEL_WILDCARD : start(subscribe);
  }

  /** For subscriptions to commands and queries. */
  static @Nullable KubemqError subscribeToRequests(Inputs.Subscribe subscribe) {
    if (subscribe.type() != SubscribeType.COMMANDS && subscribe.type() != SubscribeType.QUERIES) {
      return KubemqError.SUBSCRIBE_TYPE;
    }
    KubemqError error = subscriber(subscribe);
    if (error == null && ChannelRequests.isMeant(subscribe.channel())) {
      return KubemqError.INTERNAL_CHANNEL;
    }
    return error;
  }

  /** For a monitor: what can be subscribed to with a pattern can be watched with one. */
  static @Nullable KubemqError monitored(Kind kind, String channel) {
    return kind.stored() ? channelName(channel) : channel(channel);
  }

  /** For the name of a channel that is to be made or deleted, of whatever type. */
  static @Nullable KubemqError channelName(String name) {
    KubemqError error = channel(name);
    return error == null && hasWildcard(name) ? KubemqError.CHANNEL_WILDCARD : error;
  }

  @Nullable KubemqError queueMessage(QueueSend send) {
    Message message = send.message();
    KubemqError error = consumer(message.clientId(), message.channel());
    if (error != null) {
      return error;
    }
    return isEmpty(message) ? KubemqError.MESSAGE_EMPTY : policy(send.policy());
  }

  @Nullable KubemqError receive(Inputs.Receive receive) {
    KubemqError error = consumer(receive.clientId(), receive.channel());
    if (error != null) {
      return error;
    }
    if (receive.messagesMax() < 1 || receive.messagesMax() > limits.receiveMessagesMax()) {
      return KubemqError.MAX_MESSAGES;
    }
    return waitTime(receive.waitSeconds());
  }

  /** For a poll over a stream, whose numbers have defaults and no limits. */
  static @Nullable KubemqError poll(String clientId, String channel) {
    return consumer(clientId, channel);
  }

  /** For the queue that messages are put into again. */
  static @Nullable KubemqError requeue(String channel) {
    return queueName(channel);
  }

  @Nullable KubemqError ackAll(Inputs.AckAll ackAll) {
    KubemqError error = consumer(ackAll.clientId(), ackAll.channel());
    return error != null ? error : waitTime(ackAll.waitSeconds());
  }

  /** For one step of a queue transaction, whatever its state. */
  @Nullable KubemqError streamRequest(Inputs.StreamRequest request) {
    if (request.clientId().isEmpty()) {
      return KubemqError.CLIENT_ID_EMPTY;
    }
    return switch (request.type()) {
      case QueueTransaction.RECEIVE -> streamReceive(request);
      case QueueTransaction.ACK, QueueTransaction.REJECT ->
          request.refSequence() == 0 ? KubemqError.ACK_SEQUENCE : null;
      case QueueTransaction.MODIFY_VISIBILITY -> visibility(request.visibilitySeconds());
      case QueueTransaction.RESEND -> queueName(request.channel());
      case QueueTransaction.SEND_MODIFIED -> streamModified(request);
      default -> KubemqError.STREAM_REQUEST_TYPE;
    };
  }

  private @Nullable KubemqError streamReceive(Inputs.StreamRequest request) {
    KubemqError error = queueName(request.channel());
    if (error == null) {
      error = visibility(request.visibilitySeconds());
    }
    return error != null ? error : waitTime(request.waitSeconds());
  }

  private @Nullable KubemqError streamModified(Inputs.StreamRequest request) {
    if (request.modified() == null) {
      return KubemqError.NO_QUEUE_MESSAGE;
    }
    KubemqError error = queueMessage(request.modified());
    return error != null ? error : visibility(request.visibilitySeconds());
  }

  private static @Nullable KubemqError sender(String clientId, String channel) {
    if (clientId.isEmpty()) {
      return KubemqError.CLIENT_ID_EMPTY;
    }
    return channelName(channel);
  }

  private static @Nullable KubemqError subscriber(Inputs.Subscribe subscribe) {
    return subscribe.clientId().isEmpty()
        ? KubemqError.CLIENT_ID_EMPTY
        : channel(subscribe.channel());
  }

  private static @Nullable KubemqError consumer(String clientId, String channel) {
    return clientId.isEmpty() ? KubemqError.CLIENT_ID_EMPTY : queueName(channel);
  }

  private static @Nullable KubemqError channel(String channel) {
    if (channel.isEmpty()) {
      return KubemqError.CHANNEL_EMPTY;
    }
    if (channel.charAt(channel.length() - 1) == '.') {
      return KubemqError.CHANNEL_ENDS_WITH_DOT;
    }
    return channel.indexOf(' ') >= 0 ? KubemqError.CHANNEL_WHITE_SPACE : null;
  }

  private static @Nullable KubemqError queueName(String name) {
    return channel(name) != null || hasWildcard(name) ? KubemqError.QUEUE_NAME : null;
  }

  /** Anywhere in the name, not only as a whole token. */
  private static boolean hasWildcard(String channel) {
    return channel.indexOf('*') >= 0 || channel.indexOf('>') >= 0;
  }

  private static boolean isEmpty(Message message) {
    return message.body().length == 0 && message.metadata().isEmpty();
  }

  private static @Nullable KubemqError start(Inputs.Subscribe subscribe) {
    boolean positive = subscribe.startValue() > 0;
    return switch (subscribe.startType()) {
      case SubscribeRules.START_UNDEFINED -> KubemqError.START_UNDEFINED;
      case SubscribeRules.START_AT_SEQUENCE ->
          positive ? null : KubemqError.START_SEQUENCE_NOT_POSITIVE;
      case SubscribeRules.START_AT_TIME -> positive ? null : KubemqError.START_TIME_NOT_POSITIVE;
      case SubscribeRules.START_AT_DELTA -> positive ? null : KubemqError.START_DELTA_NOT_POSITIVE;
      default -> null;
    };
  }

  private @Nullable KubemqError policy(QueuePolicy policy) {
    if (outside(policy.expirationSeconds(), limits.expirationSecondsMax())) {
      return KubemqError.EXPIRATION;
    }
    if (outside(policy.maxReceiveCount(), limits.receiveCountMax())) {
      return KubemqError.RECEIVE_COUNT;
    }
    if (outside(policy.delaySeconds(), limits.delaySecondsMax())) {
      return KubemqError.DELAY;
    }
    return policy.deadLetterQueue().isEmpty() ? null : queueName(policy.deadLetterQueue());
  }

  private @Nullable KubemqError waitTime(int seconds) {
    return outside(seconds, limits.waitSecondsMax()) ? KubemqError.WAIT_TIME : null;
  }

  private @Nullable KubemqError visibility(int seconds) {
    return outside(seconds, limits.visibilitySecondsMax()) ? KubemqError.VISIBILITY : null;
  }

  private static boolean outside(int value, int max) {
    return value < 0 || value > max;
  }
}
