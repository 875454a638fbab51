// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client;

import java.nio.file.Path;
import java.util.Map;

/**
 * A script that says what happens with clients, in place of {@link ClientRules}.
 *
 * @param entry its file
 * @param lookMillis how often it is looked whether the file has changed; 0: never
 * @param options what the script can ask for by name
 * @param topicSize messages that may wait in a topic that the script puts something in
 * @param topicsMax topics that the script can bring into being
 * @param textPing whether a message {@code ping} is answered with {@code pong} without the script
 */
public record ClientScript(
    Path entry,
    long lookMillis,
    Map<String, String> options,
    int topicSize,
    int topicsMax,
    boolean textPing) {

  /** Checks the bounds. */
  public ClientScript {
    options = Map.copyOf(options);
    if (lookMillis < 0 || topicSize < 1 || topicsMax < 1) {
      throw new IllegalArgumentException("bounds must be positive");
    }
  }
}
