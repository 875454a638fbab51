// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

/** What a client sent, as errors repeat it: enough to recognise it. */
final class Shown {
  private static final int LENGTH_MAX = 1024;

  private Shown() {}

  static String of(String text) {
    if (text.length() <= LENGTH_MAX) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(LENGTH_MAX - 1)) ? LENGTH_MAX - 1 : LENGTH_MAX;
    return text.substring(0, end) + "…";
  }
}
