// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Message;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueueMessagePolicy;

/** What gRPC clients send, as {@link Inputs}. Absent ids are made up, as over REST. */
final class GrpcDecoders {

  private GrpcDecoders() {}

  static QueueSend queueMessage(QueueMessage from) {
    Message message =
        Message.builder()
            .id(Inputs.orNewId(from.getMessageID()))
            .clientId(from.getClientID())
            .channel(from.getChannel())
            .metadata(from.getMetadata())
            .body(from.getBody().toByteArray())
            .tags(from.getTagsMap())
            .build();
    QueueMessagePolicy policy = from.getPolicy();
    return new QueueSend(
        message,
        new QueuePolicy(
            policy.getExpirationSeconds(),
            policy.getDelaySeconds(),
            policy.getMaxReceiveCount(),
            policy.getMaxReceiveQueue()));
  }
}
