// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.dragoman.core.Clock;
import io.dragoman.core.Kind;
import io.dragoman.core.Message;
import io.dragoman.core.QueuePolicy;
import io.dragoman.gateway.kubemq.KubemqOptions.CacheTtlUnit;
import io.dragoman.gateway.kubemq.internal.QueueRules.QueueFigures;
import io.dragoman.gateway.kubemq.internal.QueueRules.SendResult;
import io.dragoman.kubemq.protocol.AckAllQueueMessagesResponse;
import io.dragoman.kubemq.protocol.EventReceive;
import io.dragoman.kubemq.protocol.QueueInfo;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueueMessageAttributes;
import io.dragoman.kubemq.protocol.QueueMessagePolicy;
import io.dragoman.kubemq.protocol.QueueMessagesBatchResponse;
import io.dragoman.kubemq.protocol.QueuesInfo;
import io.dragoman.kubemq.protocol.QueuesInfoResponse;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesResponse;
import io.dragoman.kubemq.protocol.Request;
import io.dragoman.kubemq.protocol.Response;
import io.dragoman.kubemq.protocol.Result;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import io.dragoman.kubemq.protocol.StreamQueueMessagesResponse;
import java.util.List;

/** What the broker has to say, as gRPC clients read it. */
final class GrpcEncoders {

  private GrpcEncoders() {}

  static SendQueueMessageResult sendResult(SendResult result) {
    return SendQueueMessageResult.newBuilder()
        .setMessageID(result.messageId())
        .setSentAt(result.sentAt())
        .setExpirationAt(result.expirationAt())
        .setDelayedTo(result.delayedTo())
        .setIsError(result.isError())
        .setError(result.error())
        .build();
  }

  static Result eventSent(String eventId) {
    return Result.newBuilder().setEventID(eventId).setSent(true).build();
  }

  static Result eventRefused(String eventId, String error) {
    return Result.newBuilder().setEventID(eventId).setError(error).build();
  }

  /** An event as a subscriber gets it; time and sequence are 0 for those that nobody keeps. */
  static EventReceive event(Message message, long timestampNanos, long sequence) {
    EventReceive.Builder out =
        EventReceive.newBuilder()
            .setEventID(message.id())
            .setChannel(message.channel())
            .setMetadata(message.metadata())
            .setBody(body(message))
            .setTimestamp(timestampNanos)
            .setSequence(sequence);
    if (!message.tags().isEmpty()) {
      out.putAllTags(message.tags());
    }
    return out.build();
  }

  /** A request as a responder gets it. */
  static Request request(io.dragoman.core.Request request, String replyTo, CacheTtlUnit unit) {
    Message message = request.message();
    Request.Builder out =
        Request.newBuilder()
            .setRequestID(message.id())
            .setRequestTypeDataValue(RequestRules.type(request.kind()))
            .setClientID(message.clientId())
            .setChannel(message.channel())
            .setMetadata(message.metadata())
            .setBody(body(message))
            .setReplyChannel(replyTo)
            .setTimeout((int) request.timeoutMillis())
            .setCacheKey(request.cacheKey())
            .setCacheTTL(unit.fromMillis(request.cacheTtlMillis()))
            .setSpan(UnsafeByteOperations.unsafeWrap(request.span()));
    if (!message.tags().isEmpty()) {
      out.putAllTags(message.tags());
    }
    return out.build();
  }

  /**
   * An answer as the requester gets it: for a command without the responder's data. A time that the
   * responder left out is filled in.
   */
  static Response response(io.dragoman.core.Response response, Kind kind, Clock clock) {
    Message message = response.message();
    long timestamp = response.timestamp();
    Response.Builder out =
        Response.newBuilder()
            .setClientID(message.clientId())
            .setRequestID(message.id())
            .setTimestamp(timestamp != 0 ? timestamp : clock.unixNanos())
            .setExecuted(response.executed())
            .setError(response.error())
            .setSpan(UnsafeByteOperations.unsafeWrap(response.span()));
    if (kind == Kind.QUERY) {
      out.setMetadata(message.metadata()).setBody(body(message)).setCacheHit(response.cacheHit());
    }
    if (!message.tags().isEmpty()) {
      out.putAllTags(message.tags());
    }
    return out.build();
  }

  static QueueMessagesBatchResponse batchResult(String batchId, List<SendResult> results) {
    QueueMessagesBatchResponse.Builder out =
        QueueMessagesBatchResponse.newBuilder().setBatchID(batchId);
    boolean errors = false;
    for (SendResult result : results) {
      out.addResults(sendResult(result));
      errors |= result.isError();
    }
    return out.setHaveErrors(errors).build();
  }

  static ReceiveQueueMessagesResponse received(
      Inputs.Receive receive, List<io.dragoman.core.QueueMessage> messages, int expired) {
    ReceiveQueueMessagesResponse.Builder out =
        ReceiveQueueMessagesResponse.newBuilder()
            .setRequestID(receive.requestId())
            .setMessagesReceived(messages.size())
            .setMessagesExpired(expired)
            .setIsPeak(receive.peek());
    for (io.dragoman.core.QueueMessage message : messages) {
      out.addMessages(queueMessage(message));
    }
    return out.build();
  }

  static ReceiveQueueMessagesResponse receiveFailed(Inputs.Receive receive, String error) {
    return ReceiveQueueMessagesResponse.newBuilder()
        .setRequestID(receive.requestId())
        .setIsPeak(receive.peek())
        .setIsError(true)
        .setError(error)
        .build();
  }

  static AckAllQueueMessagesResponse ackedAll(String requestId, long affected) {
    return AckAllQueueMessagesResponse.newBuilder()
        .setRequestID(requestId)
        .setAffectedMessages(affected)
        .build();
  }

  static AckAllQueueMessagesResponse ackAllFailed(String requestId, String error) {
    return AckAllQueueMessagesResponse.newBuilder()
        .setRequestID(requestId)
        .setIsError(true)
        .setError(error)
        .build();
  }

  static StreamQueueMessagesResponse streamReply(QueueTransaction.Reply reply) {
    StreamQueueMessagesResponse.Builder out =
        StreamQueueMessagesResponse.newBuilder()
            .setRequestID(reply.requestId())
            .setStreamRequestTypeDataValue(reply.type())
            .setIsError(!reply.error().isEmpty())
            .setError(reply.error());
    if (reply.message() != null) {
      out.setMessage(queueMessage(reply.message()));
    }
    return out.build();
  }

  static QueuesInfoResponse queuesInfo(String requestId, List<QueueFigures> queues) {
    QueueRules.Totals totals = QueueRules.totals(queues);
    QueuesInfo.Builder info =
        QueuesInfo.newBuilder()
            .setTotalQueue(queues.size())
            .setSent(totals.sent())
            .setDelivered(totals.delivered())
            .setWaiting(totals.waiting());
    for (QueueFigures queue : queues) {
      info.addQueues(queueFigures(queue));
    }
    return QueuesInfoResponse.newBuilder().setRefRequestID(requestId).setInfo(info).build();
  }

  private static QueueInfo queueFigures(QueueFigures queue) {
    return QueueInfo.newBuilder()
        .setName(queue.name())
        .setMessages(queue.messages())
        .setBytes(queue.bytes())
        .setFirstSequence(queue.firstSequence())
        .setLastSequence(queue.lastSequence())
        .setSent(queue.sent())
        .setDelivered(queue.delivered())
        .setWaiting(queue.waiting())
        .setSubscribers(queue.subscribers())
        .build();
  }

  static QueueMessage queueMessage(io.dragoman.core.QueueMessage queued) {
    Message message = queued.message();
    QueueMessage.Builder out =
        QueueMessage.newBuilder()
            .setMessageID(message.id())
            .setClientID(message.clientId())
            .setChannel(message.channel())
            .setMetadata(message.metadata())
            .setBody(body(message))
            .setAttributes(attributes(queued))
            .setPolicy(policy(queued));
    if (!message.tags().isEmpty()) {
      out.putAllTags(message.tags());
    }
    return out.build();
  }

  /** Not copied: a message's body never changes. */
  static ByteString body(Message message) {
    return UnsafeByteOperations.unsafeWrap(message.body());
  }

  private static QueueMessageAttributes attributes(io.dragoman.core.QueueMessage queued) {
    return QueueMessageAttributes.newBuilder()
        .setTimestamp(queued.timestampNanos())
        .setSequence(queued.sequence())
        .setMD5OfBody(Md5.hex(queued.message().body()))
        .setReceiveCount(QueueRules.receiveCount(queued))
        .setReRouted(!queued.reRoutedFrom().isEmpty())
        .setReRoutedFromQueue(queued.reRoutedFrom())
        .setExpirationAt(queued.expiresAtNanos())
        .setDelayedTo(queued.deliverAtNanos())
        .build();
  }

  private static QueueMessagePolicy policy(io.dragoman.core.QueueMessage queued) {
    QueuePolicy policy = queued.policy();
    return QueueMessagePolicy.newBuilder()
        .setExpirationSeconds(policy.expirationSeconds())
        .setDelaySeconds(QueueRules.delaySeconds(queued))
        .setMaxReceiveCount(policy.maxReceiveCount())
        .setMaxReceiveQueue(policy.deadLetterQueue())
        .build();
  }
}
