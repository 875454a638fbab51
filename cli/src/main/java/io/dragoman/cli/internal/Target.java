// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import java.time.Duration;

/**
 * Which broker to speak to, and how.
 *
 * @param grpc its KubeMQ gRPC port
 * @param rest its KubeMQ REST port
 * @param http its port of statistics, monitoring and management
 * @param useRest whether messages go over REST and WebSocket rather than gRPC
 * @param token sent as authorization; empty: none
 * @param clientId who we are to the broker
 * @param timeout how long an answer may take beyond what the call itself waits for
 */
public record Target(
    Address grpc,
    Address rest,
    Address http,
    boolean useRest,
    String token,
    String clientId,
    Duration timeout) {

  /** The address that messages go to. */
  public Address messaging() {
    return useRest ? rest : grpc;
  }
}
