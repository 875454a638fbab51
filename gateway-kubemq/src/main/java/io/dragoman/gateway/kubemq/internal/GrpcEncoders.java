// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.gateway.kubemq.internal.QueueRules.SendResult;
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
}
