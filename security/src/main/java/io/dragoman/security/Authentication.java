// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

/** What became of a token. */
public sealed interface Authentication {

  /** It holds. */
  record Accepted(Principal principal) implements Authentication {}

  /** It does not; the words may be told to whoever sent it. */
  record Refused(Refusal reason) implements Authentication {}
}
