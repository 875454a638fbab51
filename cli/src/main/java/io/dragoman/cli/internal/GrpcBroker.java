// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import io.dragoman.kubemq.protocol.AckAllQueueMessagesRequest;
import io.dragoman.kubemq.protocol.AckAllQueueMessagesResponse;
import io.dragoman.kubemq.protocol.Empty;
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
import io.dragoman.kubemq.protocol.kubemqGrpc;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Over gRPC. One connection, one thread. */
public final class GrpcBroker implements Broker {
  private static final int MESSAGE_BYTES_MAX = 110 << 20;
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  /** gRPC and Netty log what they also report; a stack trace on the terminal helps nobody. */
  private static final List<Logger> SILENCED =
      List.of(Logger.getLogger("io.grpc"), Logger.getLogger("io.netty"));

  static {
    SILENCED.forEach(logger -> logger.setLevel(Level.OFF));
    // The default would look for SLF4J and start the logging framework that the broker brought.
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
  }

  private final Target target;
  private final EventLoopGroup loop;
  private final ManagedChannel channel;
  private final CallOptions options;

  public GrpcBroker(Target target) {
    this.target = target;
    this.loop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("dragoman-cli", true), NioIoHandler.newFactory());
    this.channel =
        NettyChannelBuilder.forAddress(target.grpc().host(), target.grpc().port())
            .usePlaintext()
            .eventLoopGroup(loop)
            .channelType(NioSocketChannel.class)
            .directExecutor()
            .disableServiceConfigLookUp()
            .maxInboundMessageSize(MESSAGE_BYTES_MAX)
            .build();
    this.options =
        target.token().isEmpty()
            ? CallOptions.DEFAULT
            : CallOptions.DEFAULT.withCallCredentials(new Token(target.token()));
  }

  /** The token as KubeMQ's clients send it: by itself. */
  private static final class Token extends CallCredentials {
    private final String token;

    Token(String token) {
      this.token = token;
    }

    @Override
    public void applyRequestMetadata(RequestInfo info, Executor executor, MetadataApplier applier) {
      Metadata headers = new Metadata();
      headers.put(AUTHORIZATION, token);
      applier.apply(headers);
    }
  }

  private <Q, R> R call(MethodDescriptor<Q, R> method, Q request, Duration wait) {
    long millis = target.timeout().plus(wait).toMillis();
    try {
      return ClientCalls.blockingUnaryCall(
          channel, method, options.withDeadlineAfter(millis, TimeUnit.MILLISECONDS), request);
    } catch (StatusRuntimeException e) {
      throw GrpcErrors.failure(e.getStatus(), target, Duration.ofMillis(millis));
    }
  }

  private <Q, R> Exchange<Q, R> stream(MethodDescriptor<Q, R> method) {
    return new GrpcExchange<>(channel.newCall(method, options), target);
  }

  private <Q, R> Exchange<Q, R> subscription(MethodDescriptor<Q, R> method, Q request) {
    Exchange<Q, R> exchange = stream(method);
    exchange.send(request);
    exchange.finish();
    return exchange;
  }

  /** For the load generator, which needs calls that do not wait. */
  public ManagedChannel channel() {
    return channel;
  }

  public CallOptions options() {
    return options;
  }

  @Override
  public PingResult ping() {
    return call(kubemqGrpc.getPingMethod(), Empty.getDefaultInstance(), Duration.ZERO);
  }

  @Override
  public SendQueueMessageResult send(QueueMessage message) {
    return call(kubemqGrpc.getSendQueueMessageMethod(), message, Duration.ZERO);
  }

  @Override
  public QueueMessagesBatchResponse sendBatch(QueueMessagesBatchRequest batch) {
    return call(kubemqGrpc.getSendQueueMessagesBatchMethod(), batch, Duration.ZERO);
  }

  @Override
  public ReceiveQueueMessagesResponse receive(ReceiveQueueMessagesRequest request) {
    return call(
        kubemqGrpc.getReceiveQueueMessagesMethod(),
        request,
        Duration.ofSeconds(request.getWaitTimeSeconds()));
  }

  @Override
  public AckAllQueueMessagesResponse ackAll(AckAllQueueMessagesRequest request) {
    return call(
        kubemqGrpc.getAckAllQueueMessagesMethod(),
        request,
        Duration.ofSeconds(request.getWaitTimeSeconds()));
  }

  @Override
  public Exchange<StreamQueueMessagesRequest, StreamQueueMessagesResponse> queueStream() {
    return stream(kubemqGrpc.getStreamQueueMessageMethod());
  }

  @Override
  public Result send(Event event) {
    return call(kubemqGrpc.getSendEventMethod(), event, Duration.ZERO);
  }

  @Override
  public Exchange<Event, Result> eventStream() {
    return stream(kubemqGrpc.getSendEventsStreamMethod());
  }

  @Override
  public Response request(Request request) {
    return call(
        kubemqGrpc.getSendRequestMethod(), request, Duration.ofMillis(request.getTimeout()));
  }

  @Override
  public void respond(Response response) {
    Empty ignored = call(kubemqGrpc.getSendResponseMethod(), response, Duration.ZERO);
  }

  @Override
  public Exchange<Subscribe, EventReceive> subscribeToEvents(Subscribe subscription) {
    return subscription(kubemqGrpc.getSubscribeToEventsMethod(), subscription);
  }

  @Override
  public Exchange<Subscribe, Request> subscribeToRequests(Subscribe subscription) {
    return subscription(kubemqGrpc.getSubscribeToRequestsMethod(), subscription);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    // Its thread is a daemon: nothing waits for it.
    Future<?> ignored = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
