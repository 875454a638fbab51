// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

/**
 * What a backend may do.
 *
 * @param name its account's name; empty when there is none
 * @param reads whether it may look
 * @param writes whether it may consume, call, send and publish
 */
record Backend(String name, boolean reads, boolean writes) {
  static final Backend ANYBODY = new Backend("", true, true);
}
