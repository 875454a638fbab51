// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

/** The sentence for a broker that is not there. */
final class Unreachable {
  private Unreachable() {}

  static String text(Address address, String reason) {
    return "cannot reach the broker at "
        + address
        + ": "
        + reason
        + "\nStart one with 'dragoman server', or name another: --server HOST[:PORT],"
        + " DRAGOMAN_SERVER or 'dragoman context use'.";
  }
}
