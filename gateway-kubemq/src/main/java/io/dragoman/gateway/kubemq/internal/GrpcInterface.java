// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Lane;
import io.dragoman.kubemq.protocol.kubemqGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.util.List;
import java.util.function.Supplier;

/** The dialect's gRPC interface: all its calls, under both names that clients use. */
public final class GrpcInterface {
  /** What the oldest clients call the service. */
  private static final String ALIAS = "kubemq.Kubemq";

  private final GrpcCalls calls;

  /**
   * @param lanes gives the lane of the event loop that a call runs on
   */
  public GrpcInterface(GatewayContext context, Supplier<Lane> lanes) {
    calls = new GrpcCalls(context, lanes);
  }

  /** The services of the port. */
  public List<ServerServiceDefinition> services() {
    ServerServiceDefinition service = calls.bindService();
    return List.of(service, alias(service));
  }

  /** Ends what would not end by itself. */
  public void drain() {
    // Nothing yet: no call lasts.
  }

  private static ServerServiceDefinition alias(ServerServiceDefinition service) {
    ServerServiceDefinition.Builder alias = ServerServiceDefinition.builder(ALIAS);
    for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
      add(alias, method);
    }
    return alias.build();
  }

  private static <I, O> void add(
      ServerServiceDefinition.Builder alias, ServerMethodDefinition<I, O> method) {
    MethodDescriptor<I, O> original = method.getMethodDescriptor();
    String name =
        MethodDescriptor.generateFullMethodName(
            ALIAS, original.getFullMethodName().substring(kubemqGrpc.SERVICE_NAME.length() + 1));
    alias.addMethod(
        original.toBuilder().setFullMethodName(name).build(), method.getServerCallHandler());
  }
}
