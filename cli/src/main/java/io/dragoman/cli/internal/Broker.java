// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import io.dragoman.kubemq.protocol.AckAllQueueMessagesRequest;
import io.dragoman.kubemq.protocol.AckAllQueueMessagesResponse;
import io.dragoman.kubemq.protocol.Event;
import io.dragoman.kubemq.protocol.EventReceive;
import io.dragoman.kubemq.protocol.PingResult;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueueMessagesBatchRequest;
import io.dragoman.kubemq.protocol.QueueMessagesBatchResponse;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesRequest;
import io.dragoman.kubemq.protocol.ReceiveQueueMessagesResponse;
import io.dragoman.kubemq.protocol.Request;
import io.dragoman.kubemq.protocol.Response;
import io.dragoman.kubemq.protocol.Result;
import io.dragoman.kubemq.protocol.SendQueueMessageResult;
import io.dragoman.kubemq.protocol.StreamQueueMessagesRequest;
import io.dragoman.kubemq.protocol.StreamQueueMessagesResponse;
import io.dragoman.kubemq.protocol.Subscribe;

/**
 * A connection to a broker that speaks KubeMQ's protocol, over either of its transports. Connects
 * with the first call. Calls block; they throw {@link CliException} when the broker cannot be
 * reached or refuses, but answers that carry an error in their fields are returned as they are.
 * Safe from any thread.
 */
public interface Broker extends AutoCloseable {

  /** Connects over the transport that the target names. */
  static Broker of(Target target) {
    return target.useRest() ? new RestBroker(target) : new GrpcBroker(target);
  }

  PingResult ping();

  SendQueueMessageResult send(QueueMessage message);

  QueueMessagesBatchResponse sendBatch(QueueMessagesBatchRequest batch);

  ReceiveQueueMessagesResponse receive(ReceiveQueueMessagesRequest request);

  AckAllQueueMessagesResponse ackAll(AckAllQueueMessagesRequest request);

  /** The stream of one message at a time, each held until it is settled. */
  Exchange<StreamQueueMessagesRequest, StreamQueueMessagesResponse> queueStream();

  Result send(Event event);

  /** Many events on one stream; those that are stored are answered one by one, in order. */
  Exchange<Event, Result> eventStream();

  /** Sends a command or query and waits for its response. */
  Response request(Request request);

  void respond(Response response);

  Exchange<Subscribe, EventReceive> subscribeToEvents(Subscribe subscription);

  Exchange<Subscribe, Request> subscribeToRequests(Subscribe subscription);

  @Override
  void close();
}
