// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import io.dragoman.gateway.connmix.client.ClientOptions;
import io.dragoman.gateway.connmix.client.ClientRules;
import io.dragoman.gateway.connmix.client.ClientScript;
import io.dragoman.transport.TlsFiles;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A listener for clients of connmix.
 *
 * @param port empty: that of {@code connmix.client.port}
 * @param bind empty: that of all listeners
 * @param tls its certificate; empty: it is open to who speaks without TLS, and to nobody else
 * @param script what says what happens with its clients, in place of the rules; the rules are then
 *     the defaults
 * @param written as it would be written, on one line, without passwords
 */
public record ConnmixListener(
    OptionalInt port,
    Optional<String> bind,
    Optional<TlsFiles> tls,
    ClientOptions options,
    ClientRules rules,
    Optional<ClientScript> script,
    String written) {

  /** The one that is there unless others are configured. */
  static final ConnmixListener DEFAULT =
      new ConnmixListener(
          OptionalInt.empty(),
          Optional.empty(),
          Optional.empty(),
          ClientOptions.DEFAULTS,
          ClientRules.DEFAULTS,
          Optional.empty(),
          "{}");

  /** The listeners there are when these are configured. */
  static List<ConnmixListener> orDefault(List<ConnmixListener> configured) {
    return configured.isEmpty() ? List.of(DEFAULT) : configured;
  }

  /** What its addresses begin with when they are shown. */
  public String scheme() {
    if (tls.isEmpty()) {
      return "http";
    }
    return options.protocol() == ClientOptions.Protocol.TCP ? "tls" : "wss";
  }

  /** The same, as it would be written. */
  ConnmixListener as(String text) {
    return new ConnmixListener(port, bind, tls, options, rules, script, text);
  }

  /** Whether its clients need tokens and cannot bring them. */
  public boolean cannotVerifyTokens() {
    return options.protocol() == ClientOptions.Protocol.TCP
        && rules.auth() instanceof ClientRules.Auth.None;
  }

  /** Whether its clients need tokens, whatever is required elsewhere. */
  public boolean verifiesTokens() {
    return rules.auth() instanceof ClientRules.Auth.Jwt;
  }
}
