// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.dragoman.core.Message;
import io.dragoman.core.QueuePolicy;
import io.dragoman.gateway.kubemq.internal.QueueRules.SendResult;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueueMessageAttributes;
import io.dragoman.kubemq.protocol.QueueMessagePolicy;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;

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
