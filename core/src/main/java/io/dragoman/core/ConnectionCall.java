// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.List;
import java.util.Map;

/** What may be done to a connection from elsewhere, by its id. */
public sealed interface ConnectionCall {

  /**
   * Sets values of the context.
   *
   * @param values texts of JSON by their names
   */
  record SetContext(Map<String, String> values) implements ConnectionCall {}

  /** Asks for the context, which every call is answered with. */
  record ReadContext() implements ConnectionCall {}

  /** Makes the connection a member of channels. */
  record Subscribe(List<String> channels) implements ConnectionCall {}

  /** Ends memberships. */
  record Unsubscribe(List<String> channels) implements ConnectionCall {}

  /** Closes the connection's socket. */
  record Close(int code, String reason) implements ConnectionCall {}
}
