// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Message;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.gateway.kubemq.internal.Inputs.SubscribeType;
import io.dragoman.kubemq.protocol.AckAllQueueMessagesRequest;
import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueueMessagePolicy;
import io.dragoman.kubemq.protocol.QueueMessagesBatchRequest;
import io.dragoman.kubemq.protocol.QueuesInfoRequest;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesRequest;
import io.dragoman.kubemq.protocol.Request;
import io.dragoman.kubemq.protocol.Response;
import io.dragoman.kubemq.protocol.StreamQueueMessagesRequest;
import io.dragoman.kubemq.protocol.Subscribe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What gRPC clients send, as {@link Inputs}. Absent ids are made up, as over REST. */
final class GrpcDecoders {

  private GrpcDecoders() {}

  static Inputs.Event event(Event from) {
    Message message =
        Message.builder()
            .id(Inputs.orNewId(from.getEventID()))
            .clientId(from.getClientID())
            .channel(from.getChannel())
            .metadata(from.getMetadata())
            .body(Bodies.of(from.getBody()))
            .tags(tags(from.getTagsMap()))
            .build();
    return new Inputs.Event(message, from.getStore());
  }

  static Inputs.Request request(Request from) {
    Message message =
        Message.builder()
            .id(Inputs.orNewId(from.getRequestID()))
            .clientId(from.getClientID())
            .channel(from.getChannel())
            .metadata(from.getMetadata())
            .body(Bodies.of(from.getBody()))
            .tags(tags(from.getTagsMap()))
            .build();
    return new Inputs.Request(
        message,
        from.getRequestTypeDataValue(),
        from.getTimeout(),
        from.getCacheKey(),
        from.getCacheTTL(),
        Bodies.of(from.getSpan()));
  }

  /** The id of an answer is the client's, whatever it is. */
  static Inputs.Response response(Response from) {
    Message message =
        Message.builder()
            .id(from.getRequestID())
            .clientId(from.getClientID())
            .metadata(from.getMetadata())
            .body(Bodies.of(from.getBody()))
            .tags(tags(from.getTagsMap()))
            .build();
    return new Inputs.Response(
        message,
        from.getReplyChannel(),
        from.getTimestamp(),
        from.getExecuted(),
        from.getError(),
        Bodies.of(from.getSpan()));
  }

  static QueueSend queueMessage(QueueMessage from) {
    Message message =
        Message.builder()
            .id(Inputs.orNewId(from.getMessageID()))
            .clientId(from.getClientID())
            .channel(from.getChannel())
            .metadata(from.getMetadata())
            .body(Bodies.of(from.getBody()))
            .tags(tags(from.getTagsMap()))
            .build();
    return new QueueSend(message, from.hasPolicy() ? policy(from.getPolicy()) : QueuePolicy.NONE);
  }

  private static QueuePolicy policy(QueueMessagePolicy policy) {
    return new QueuePolicy(
        policy.getExpirationSeconds(),
        policy.getDelaySeconds(),
        policy.getMaxReceiveCount(),
        policy.getMaxReceiveQueue());
  }

  static List<QueueSend> queueMessages(List<QueueMessage> from) {
    List<QueueSend> messages = new ArrayList<>(from.size());
    for (QueueMessage each : from) {
      messages.add(queueMessage(each));
    }
    return messages;
  }

  static Inputs.Batch batch(QueueMessagesBatchRequest from) {
    return new Inputs.Batch(
        Inputs.orNewId(from.getBatchID()), queueMessages(from.getMessagesList()));
  }

  static Inputs.Receive receive(ReceiveQueueMessagesRequest from) {
    return new Inputs.Receive(
        Inputs.orNewId(from.getRequestID()),
        from.getClientID(),
        from.getChannel(),
        from.getMaxNumberOfMessages(),
        from.getWaitTimeSeconds(),
        from.getIsPeak());
  }

  static Inputs.AckAll ackAll(AckAllQueueMessagesRequest from) {
    return new Inputs.AckAll(
        Inputs.orNewId(from.getRequestID()),
        from.getClientID(),
        from.getChannel(),
        from.getWaitTimeSeconds());
  }

  static Inputs.QueuesInfo queuesInfo(QueuesInfoRequest from) {
    return new Inputs.QueuesInfo(Inputs.orNewId(from.getRequestID()), from.getQueueName());
  }

  static Inputs.StreamRequest streamRequest(StreamQueueMessagesRequest from) {
    return new Inputs.StreamRequest(
        from.getRequestID(),
        from.getClientID(),
        from.getStreamRequestTypeDataValue(),
        from.getChannel(),
        from.getVisibilitySeconds(),
        from.getWaitTimeSeconds(),
        from.getRefSequence(),
        from.hasModifiedMessage() ? queueMessage(from.getModifiedMessage()) : null);
  }

  static Inputs.Subscribe subscribe(Subscribe from) {
    return new Inputs.Subscribe(
        subscribeType(from.getSubscribeTypeData()),
        from.getClientID(),
        from.getChannel(),
        from.getGroup(),
        from.getEventsStoreTypeDataValue(),
        from.getEventsStoreTypeValue());
  }

  private static SubscribeType subscribeType(Subscribe.SubscribeType type) {
    return switch (type) {
      case Events -> SubscribeType.EVENTS;
      case EventsStore -> SubscribeType.EVENTS_STORE;
      case Commands -> SubscribeType.COMMANDS;
      case Queries -> SubscribeType.QUERIES;
      case SubscribeTypeUndefined, UNRECOGNIZED -> SubscribeType.UNDEFINED;
    };
  }

  /** The decoded map belongs to nobody else, and does not change any more. */
  private static Map<String, String> tags(Map<String, String> decoded) {
    return decoded.isEmpty() ? Map.of() : decoded;
  }
}
