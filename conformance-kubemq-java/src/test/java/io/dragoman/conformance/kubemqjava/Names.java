// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemqjava;

import java.util.UUID;

/** Names that no other test uses. */
final class Names {

  private Names() {}

  static String unique(String prefix) {
    return prefix + "-" + UUID.randomUUID();
  }
}
