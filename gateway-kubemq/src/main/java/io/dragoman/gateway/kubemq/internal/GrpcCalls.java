// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Lane;
import io.dragoman.kubemq.protocol.kubemqGrpc;
import java.util.function.Supplier;

/**
 * The calls of the gRPC interface that need no more than stubs give; {@link GrpcMethods} serves the
 * others. Each runs on the event loop of its connection, which is the call's lane: whatever it
 * waits for comes back there.
 */
final class GrpcCalls extends kubemqGrpc.kubemqImplBase {

  GrpcCalls(GatewayContext context, Supplier<Lane> lanes) {}
}
