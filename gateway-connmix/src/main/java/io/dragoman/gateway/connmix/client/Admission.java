// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client;

/** Whether a client is let in. */
public sealed interface Admission {

  /** It is. */
  Admission GRANTED = new Granted();

  /** It is let in. */
  record Granted() implements Admission {}

  /**
   * It is not.
   *
   * @param status what a WebSocket's handshake is answered with
   * @param reason told to the client
   */
  record Refused(int status, String reason) implements Admission {}
}
