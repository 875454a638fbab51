// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import io.dragoman.kubemq.protocol.kubemqGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.net.URI;
import java.util.concurrent.TimeUnit;

/** One connection of a plain gRPC client. Its calls are bounded in time. */
public final class GrpcClient implements AutoCloseable {
  private static final long DEADLINE_SECONDS = 45;
  private static final int MESSAGE_BYTES_MAX = 110 << 20;

  private final ManagedChannel channel;

  private GrpcClient(ManagedChannel channel) {
    this.channel = channel;
  }

  public static GrpcClient connect(KubeMq mq) {
    return new GrpcClient(channel(mq.grpc()).build());
  }

  /** A client that sends this with every call. */
  public static GrpcClient authorized(KubeMq mq, String authorization) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), authorization);
    return new GrpcClient(
        channel(mq.grpc()).intercept(MetadataUtils.newAttachHeadersInterceptor(headers)).build());
  }

  /** A client whose connection takes so many bytes that were not read, and never more. */
  static GrpcClient withWindow(KubeMq mq, int bytes) {
    return withWindow(mq.grpc(), bytes);
  }

  /** The same, by another way than the direct one. */
  static GrpcClient withWindow(URI target, int bytes) {
    return new GrpcClient(channel(target).flowControlWindow(bytes).build());
  }

  private static NettyChannelBuilder channel(URI target) {
    return NettyChannelBuilder.forAddress(target.getHost(), target.getPort())
        .usePlaintext()
        .maxInboundMessageSize(MESSAGE_BYTES_MAX);
  }

  /** Calls that wait for their answer. */
  public kubemqGrpc.kubemqBlockingStub calls() {
    return kubemqGrpc
        .newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  /** Streams, and calls that do not wait. */
  public kubemqGrpc.kubemqStub streams() {
    return kubemqGrpc.newStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  ManagedChannel channel() {
    return channel;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
