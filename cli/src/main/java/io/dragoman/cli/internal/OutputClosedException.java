// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

/** Nobody reads our output any more, as with {@code | head}: the command is to end in silence. */
public final class OutputClosedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OutputClosedException(Throwable cause) {
    super(cause);
  }
}
