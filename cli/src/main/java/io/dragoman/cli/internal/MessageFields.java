// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import io.dragoman.kubemq.protocol.EventReceive;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueueMessageAttributes;
import io.dragoman.kubemq.protocol.Request;
import io.dragoman.kubemq.protocol.Response;

/** The protocol's messages as records of output; the names are those of docs/api.md. */
public final class MessageFields {
  private MessageFields() {}

  public static Fields of(QueueMessage message) {
    QueueMessageAttributes attributes = message.getAttributes();
    return new Fields()
        .put("channel", message.getChannel())
        .put("sequence", attributes.getSequence())
        .put("id", message.getMessageID())
        .put("clientId", message.getClientID())
        .put("timestamp", Times.ofNanos(attributes.getTimestamp()))
        .put("receiveCount", attributes.getReceiveCount())
        .putIfSet("reRoutedFrom", attributes.getReRoutedFromQueue())
        .put("expiresAt", Times.ofNanos(attributes.getExpirationAt()))
        .put("metadata", message.getMetadata())
        .put("tags", message.getTagsMap())
        .put("bodyBytes", message.getBody().size())
        .put("body", new Body(message.getBody().toByteArray()));
  }

  public static Fields of(EventReceive event) {
    return new Fields()
        .put("channel", event.getChannel())
        .putIfSet("sequence", event.getSequence())
        .put("id", event.getEventID())
        .put("timestamp", Times.ofNanos(event.getTimestamp()))
        .put("metadata", event.getMetadata())
        .put("tags", event.getTagsMap())
        .put("bodyBytes", event.getBody().size())
        .put("body", new Body(event.getBody().toByteArray()));
  }

  public static Fields of(Request request) {
    return new Fields()
        .put("channel", request.getChannel())
        .put("id", request.getRequestID())
        .put("clientId", request.getClientID())
        .put("timeoutMillis", request.getTimeout())
        .putIfSet("cacheKey", request.getCacheKey())
        .put("metadata", request.getMetadata())
        .put("tags", request.getTagsMap())
        .put("bodyBytes", request.getBody().size())
        .put("body", new Body(request.getBody().toByteArray()));
  }

  public static Fields of(Response response) {
    return new Fields()
        .put("id", response.getRequestID())
        .put("executed", response.getExecuted())
        .putIfSet("error", response.getError())
        .put("clientId", response.getClientID())
        .putIfSet("cacheHit", response.getCacheHit())
        .put("metadata", response.getMetadata())
        .put("tags", response.getTagsMap())
        .put("bodyBytes", response.getBody().size())
        .put("body", new Body(response.getBody().toByteArray()));
  }
}
