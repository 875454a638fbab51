// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

/**
 * A command could not do what it was asked to. The message is for whoever typed it and says what to
 * change; it never has the name of a class.
 */
public final class CliException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Something failed: the broker refused, or could not be reached. */
  public static final int FAILED = 1;

  /** What was typed cannot be used. */
  public static final int USAGE = 2;

  private final int exitCode;
  private final boolean retryable;

  private CliException(int exitCode, String message, boolean retryable) {
    super(message);
    this.exitCode = exitCode;
    this.retryable = retryable;
  }

  public static CliException failed(String message) {
    return new CliException(FAILED, message, false);
  }

  /** The broker is not there now; it may be in a moment. */
  public static CliException unreachable(String message) {
    return new CliException(FAILED, message, true);
  }

  public static CliException usage(String message) {
    return new CliException(USAGE, message, false);
  }

  /** The same failure with a line more: what was done before it. */
  public CliException and(String line) {
    return new CliException(exitCode, text() + "\n" + line, retryable);
  }

  /** What the process ends with. */
  public int exitCode() {
    return exitCode;
  }

  /** Whether the same may work in a moment. */
  public boolean retryable() {
    return retryable;
  }

  public String text() {
    return String.valueOf(getMessage());
  }
}
