// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import java.io.IOException;

/** A frame that is no request (spec: eventhub §2, error -32600). */
final class InvalidRequestException extends IOException {
  private static final long serialVersionUID = 1;

  InvalidRequestException() {
    super("invalid request", null);
  }
}
