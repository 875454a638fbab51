// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

/**
 * What a script may use. A callback that goes beyond is stopped, which costs its connection.
 *
 * @param instructionsMax instructions that a callback may run between two waits; counted in
 *     thousands
 * @param turnMillisMax time that it may take for them, in milliseconds
 * @param memoryBytesMax memory of a state. It is looked at every thousand instructions: what these
 *     allocate comes on top
 * @param stringBytesMax the longest string that a function of {@code string} or {@code table} makes
 * @param waitingMax messages of a connection that wait for its running callback
 * @param waitingBytesMax bytes of these
 * @param packetBytesMax the longest packet of a socket
 * @param httpMillisMax the longest an HTTP request may take, and what it takes when the script says
 *     nothing
 */
public record ScriptLimits(
    long instructionsMax,
    long turnMillisMax,
    long memoryBytesMax,
    int stringBytesMax,
    int waitingMax,
    int waitingBytesMax,
    int packetBytesMax,
    long httpMillisMax) {

  public static final ScriptLimits DEFAULTS =
      new ScriptLimits(10_000_000, 1_000, 64 << 20, 16 << 20, 256, 1 << 20, 65_535, 30_000);

  public ScriptLimits {
    requirePositive(instructionsMax, "instructionsMax");
    requirePositive(turnMillisMax, "turnMillisMax");
    requirePositive(memoryBytesMax, "memoryBytesMax");
    requirePositive(stringBytesMax, "stringBytesMax");
    requirePositive(waitingMax, "waitingMax");
    requirePositive(waitingBytesMax, "waitingBytesMax");
    requirePositive(packetBytesMax, "packetBytesMax");
    requirePositive(httpMillisMax, "httpMillisMax");
  }

  private static void requirePositive(long value, String name) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + " must be positive, was " + value);
    }
  }
}
