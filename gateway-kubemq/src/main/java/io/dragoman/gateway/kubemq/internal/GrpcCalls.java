// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Lane;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequest;
import io.dragoman.kubemq.protocol.QueuesDownstreamResponse;
import io.dragoman.kubemq.protocol.QueuesUpstreamRequest;
import io.dragoman.kubemq.protocol.QueuesUpstreamResponse;
import io.dragoman.kubemq.protocol.kubemqGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;

/**
 * The calls of the gRPC interface that need no more than stubs give; {@link GrpcMethods} serves the
 * others. Each runs on the event loop of its connection, which is the call's lane: whatever it
 * waits for comes back there.
 */
final class GrpcCalls extends kubemqGrpc.kubemqImplBase {
  private final GatewayContext context;
  private final GrpcStreams streams;
  private final Supplier<Lane> lanes;
  private final PollAnswers pollAnswers;
  private final OpenTransactions transactions;

  GrpcCalls(GatewayContext context, GrpcStreams streams, Supplier<Lane> lanes) {
    this.context = context;
    this.streams = streams;
    this.lanes = lanes;
    this.pollAnswers = new PollAnswers(context.broker().metrics());
    this.transactions = new OpenTransactions(context.broker().metrics());
  }

  @Override
  public StreamObserver<QueuesDownstreamRequest> queuesDownstream(
      StreamObserver<QueuesDownstreamResponse> answers) {
    return new GrpcDownstream(
        context,
        lanes.get(),
        (ServerCallStreamObserver<QueuesDownstreamResponse>) answers,
        streams,
        pollAnswers,
        transactions);
  }

  @Override
  public StreamObserver<QueuesUpstreamRequest> queuesUpstream(
      StreamObserver<QueuesUpstreamResponse> answers) {
    return new GrpcUpstream(
        context, lanes.get(), (ServerCallStreamObserver<QueuesUpstreamResponse>) answers, streams);
  }
}
