// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

/**
 * The user presses Ctrl-C. Only while a command runs that has said something: before it has taken
 * the signal for itself, this would end the JVM of the tests.
 */
final class CtrlC {
  private CtrlC() {}

  /**
   * Gives SIGTERM, which is handled alike and is also there where Ctrl-C is ignored, as in the
   * background of a shell.
   */
  static void press() {
    try {
      // By reflection, since the compiler refuses to see this package when it compiles for a
      // release.
      Class<?> signal = Class.forName("sun.misc.Signal");
      signal
          .getMethod("raise", signal)
          .invoke(null, signal.getConstructor(String.class).newInstance("TERM"));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no signals", e);
    }
  }
}
