// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.grpc.Status;
import java.util.Set;

/** How calls of the gRPC interface fail (spec: kubemq §3.1). */
final class GrpcErrors {
  static final Status NOT_READY =
      Status.UNAVAILABLE.withDescription("grpc server is not ready to accept requests");

  /**
   * For streams with questions that will not be answered: their clients ask again elsewhere, which
   * after an end without error they would not.
   */
  static final Status LEAVING =
      Status.UNAVAILABLE.withDescription(KubemqError.SHUTTING_DOWN.text());

  /** For a fault of ours. */
  static final Status FAULT = Status.UNKNOWN.withDescription(KubemqError.SERVER_RECOVERED.text());

  static final Status EMPTY_BATCH = Status.UNKNOWN.withDescription("empty messages batch");

  /** For a call with one request that had none, or more. */
  static final Status NOT_ONE_REQUEST =
      Status.INTERNAL.withDescription("a call of this method has exactly one request");

  private static final Set<String> DENIED =
      Set.of(
          KubemqError.ACCESS_DENIED.text(),
          KubemqError.NO_AUTHORIZATION_PROVIDER.text(),
          KubemqError.NO_ENFORCER.text(),
          KubemqError.ACCESS_PARAMETERS.text());

  private GrpcErrors() {}

  static Status refused(KubemqError error) {
    return refused(error.text());
  }

  /** What somebody may not do is told apart: clients need not try that again. */
  static Status refused(String text) {
    return (DENIED.contains(text) ? Status.PERMISSION_DENIED : Status.INTERNAL)
        .withDescription(text);
  }

  /** For those whose token is not accepted. */
  static Status unauthenticated(String text) {
    return Status.UNAUTHENTICATED.withDescription(text);
  }
}
