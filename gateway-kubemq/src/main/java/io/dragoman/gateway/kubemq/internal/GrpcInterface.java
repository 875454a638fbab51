// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Lane;
import io.dragoman.kubemq.protocol.kubemqGrpc;
import io.grpc.ServerServiceDefinition;
import java.util.List;
import java.util.function.Supplier;

/** The dialect's gRPC interface: all its calls, under both names that clients use. */
public final class GrpcInterface {
  /** What the oldest clients call the service. */
  private static final String ALIAS = "kubemq.Kubemq";

  private final GrpcStreams streams = new GrpcStreams();
  private final GrpcMethods methods;

  /**
   * @param lanes gives the lane of the event loop that a call runs on
   */
  public GrpcInterface(GatewayContext context, Supplier<Lane> lanes) {
    methods = new GrpcMethods(context, streams, lanes);
  }

  /** The services of the port. */
  public List<ServerServiceDefinition> services() {
    return List.of(methods.service(kubemqGrpc.SERVICE_NAME, true), methods.service(ALIAS, false));
  }

  /** Ends what would not end by itself, after what it has begun. */
  public void drain() {
    streams.drain();
  }
}
