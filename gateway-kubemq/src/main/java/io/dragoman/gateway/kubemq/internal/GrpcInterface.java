// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Lane;
import io.dragoman.transport.Guest;
import io.grpc.BindableService;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.util.List;
import java.util.function.Supplier;

/**
 * The dialect's gRPC interface: all its calls, under both names that clients use, and the standard
 * services for health and for descriptions of services.
 */
public final class GrpcInterface {
  private final GrpcStreams streams = new GrpcStreams();
  private final GrpcMethods methods;
  private final GrpcHealth health;
  private final GrpcDoor door;

  /**
   * @param listener the port's name in metrics
   * @param lanes gives the lane of the event loop that a call runs on
   */
  public GrpcInterface(GatewayContext context, Guest guest, String listener, Supplier<Lane> lanes) {
    methods = new GrpcMethods(context, streams, lanes);
    health = new GrpcHealth(context, lanes);
    door = new GrpcDoor(context, guest, listener, streams, lanes);
  }

  /** The services of the port. */
  public List<ServerServiceDefinition> services() {
    return List.of(
        methods.service(GrpcMethods.NAME, true),
        methods.service(GrpcMethods.ALIAS, false),
        health.bindService(),
        ProtoReflectionServiceV1.newInstance().bindService(),
        olderReflection().bindService());
  }

  /** What most tools still ask for. */
  @SuppressWarnings("deprecation")
  private static BindableService olderReflection() {
    return ProtoReflectionService.newInstance();
  }

  /** What all calls pass. */
  public ServerInterceptor door() {
    return door;
  }

  /** Counts calls and their bytes. */
  public ServerStreamTracer.Factory meter() {
    return door;
  }

  /** Ends what would not end by itself, after what it has begun. */
  public void drain() {
    streams.drain();
  }
}
