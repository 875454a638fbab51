// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Lane;
import io.dragoman.kubemq.protocol.Empty;
import io.dragoman.kubemq.protocol.PingResult;
import io.dragoman.kubemq.protocol.kubemqGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The methods of the gRPC interface and who serves them. A call runs on the event loop of its
 * connection, which is the call's lane: whatever it waits for comes back there.
 */
final class GrpcMethods {
  /** What clients call the service. */
  static final String NAME = kubemqGrpc.SERVICE_NAME;

  /** What the oldest clients call it. */
  static final String ALIAS = "kubemq.Kubemq";

  private final GatewayContext context;
  private final Supplier<Lane> lanes;
  private final Map<String, ServerMethodDefinition<?, ?>> methods = new LinkedHashMap<>();

  GrpcMethods(GatewayContext context, GrpcStreams streams, Supplier<Lane> lanes) {
    this.context = context;
    this.lanes = lanes;
    for (ServerMethodDefinition<?, ?> method :
        new GrpcCalls(context, streams, lanes).bindService().getMethods()) {
      methods.put(name(method.getMethodDescriptor()), method);
    }
    GrpcEvents events = new GrpcEvents(context);
    GrpcRequests requests = new GrpcRequests(context);
    GrpcQueues queues = new GrpcQueues(context);
    one(kubemqGrpc.getPingMethod(), this::ping);
    one(kubemqGrpc.getSendEventMethod(), events::send);
    one(kubemqGrpc.getSendRequestMethod(), requests::request);
    one(kubemqGrpc.getSendResponseMethod(), requests::response);
    one(kubemqGrpc.getSendQueueMessageMethod(), queues::send);
    one(kubemqGrpc.getSendQueueMessagesBatchMethod(), queues::sendBatch);
    one(kubemqGrpc.getReceiveQueueMessagesMethod(), queues::receive);
    one(kubemqGrpc.getAckAllQueueMessagesMethod(), queues::ackAll);
    one(kubemqGrpc.getQueuesInfoMethod(), queues::info);
    add(
        kubemqGrpc.getSendEventsStreamMethod(),
        (call, headers) -> new GrpcEventsStream(context, streams, call, lanes.get()));
    add(
        kubemqGrpc.getStreamQueueMessageMethod(),
        (call, headers) -> new GrpcQueueStream(context, streams, call, lanes.get()));
    GrpcSubscriptions subscriptions = new GrpcSubscriptions(context, streams, lanes);
    add(
        kubemqGrpc.getSubscribeToEventsMethod().toBuilder(
                kubemqGrpc.getSubscribeToEventsMethod().getRequestMarshaller(),
                EncodedMessage.MARSHALLER)
            .build(),
        subscriptions.events());
    add(kubemqGrpc.getSubscribeToRequestsMethod(), subscriptions.requests());
  }

  /** Whether this is one of the service's names. */
  static boolean serves(@Nullable String service) {
    return NAME.equals(service) || ALIAS.equals(service);
  }

  private <I, O> void one(MethodDescriptor<I, O> method, GrpcUnary.Action<I, O> action) {
    add(method, new GrpcUnary<>(lanes, context.entrance()::caller, action));
  }

  private <I, O> void add(MethodDescriptor<I, O> method, ServerCallHandler<I, O> handler) {
    methods.put(name(method), ServerMethodDefinition.create(method, handler));
  }

  private static String name(MethodDescriptor<?, ?> method) {
    return String.valueOf(method.getBareMethodName());
  }

  /**
   * The service under one of its names.
   *
   * @param schema whether clients may ask for its description under this name
   */
  ServerServiceDefinition service(String name, boolean schema) {
    Map<String, ServerMethodDefinition<?, ?>> named = new LinkedHashMap<>();
    methods.forEach((method, definition) -> named.put(method, named(name, definition)));
    ServiceDescriptor.Builder descriptor = ServiceDescriptor.newBuilder(name);
    if (schema) {
      descriptor.setSchemaDescriptor(kubemqGrpc.getServiceDescriptor().getSchemaDescriptor());
    }
    named.values().forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(descriptor.build());
    named.values().forEach(service::addMethod);
    return service.build();
  }

  private static <I, O> ServerMethodDefinition<I, O> named(
      String service, ServerMethodDefinition<I, O> method) {
    MethodDescriptor<I, O> original = method.getMethodDescriptor();
    String name = MethodDescriptor.generateFullMethodName(service, name(original));
    return ServerMethodDefinition.create(
        original.toBuilder(
                new CarefulMarshaller<>(original.getRequestMarshaller()),
                original.getResponseMarshaller())
            .setFullMethodName(name)
            .build(),
        method.getServerCallHandler());
  }

  private void ping(Empty request, GrpcAnswer<PingResult> answer) {
    answer.send(
        PingResult.newBuilder()
            .setHost(context.options().hostName())
            .setVersion(context.options().version())
            .setServerStartTime(context.startedAtSeconds())
            .setServerUpTimeSeconds(context.upSeconds())
            .build());
  }
}
