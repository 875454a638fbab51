// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** How calls fail that are refused. */
public final class GrpcRefusal {

  private GrpcRefusal() {}

  public static Status of(ThrowingCallable call) {
    StatusRuntimeException refusal = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(refusal).as("the call's refusal").isNotNull();
    return refusal.getStatus();
  }

  static void assertRefused(int error, ThrowingCallable call) {
    Status status = of(call);
    assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
    assertThat(status.getDescription()).isEqualTo(ErrorText.of(error));
  }
}
