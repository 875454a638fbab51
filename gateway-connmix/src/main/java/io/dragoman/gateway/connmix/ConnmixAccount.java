// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix;

import java.util.Optional;

/**
 * A backend that may use the API (spec: connmix §2.8).
 *
 * @param name what it calls itself
 * @param password empty: who comes from the host needs neither name nor password
 * @param reads whether it may look: nodes and metrics
 * @param writes whether it may consume, call, send and publish
 * @param host where it must come from
 */
public record ConnmixAccount(
    String name, Optional<String> password, boolean reads, boolean writes, HostPattern host) {

  /** Never shows the password. */
  @Override
  public String toString() {
    return "ConnmixAccount[name=%s, reads=%s, writes=%s, host=%s]"
        .formatted(name, reads, writes, host);
  }
}
