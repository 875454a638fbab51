// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * How tokens are verified. There must be a secret or a place of keys; both may be there.
 *
 * @param secret of HMAC signatures, in UTF-8
 * @param keys a file, or a URL, with public keys in PEM or as a JSON Web Key Set
 * @param reload how often the keys are read again; zero: never
 * @param algorithms the signature types that are accepted, by their JOSE names
 * @param administrators the subjects that may administer; empty: all that are not limited
 */
public record AuthOptions(
    Optional<String> secret,
    Optional<String> keys,
    Duration reload,
    Set<String> algorithms,
    Optional<Set<String>> administrators) {

  /** All signature types that can be accepted. */
  public static final Set<String> ALGORITHMS =
      Set.of(
          "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
          "ES384", "ES512", "EdDSA");

  /** What is accepted unless somebody says otherwise: all but the rarer two of the secret. */
  public static final Set<String> DEFAULT_ALGORITHMS =
      Set.of(
          "HS256", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
          "EdDSA");

  /** Checks the algorithms. */
  public AuthOptions {
    algorithms = Set.copyOf(algorithms);
    administrators = administrators.map(Set::copyOf);
    for (String each : algorithms) {
      if (!ALGORITHMS.contains(each)) {
        throw new IllegalArgumentException("no signature type that can be accepted: " + each);
      }
    }
  }

  /** All that are not limited may administer. */
  public AuthOptions(
      Optional<String> secret, Optional<String> keys, Duration reload, Set<String> algorithms) {
    this(secret, keys, reload, algorithms, Optional.empty());
  }

  /** The same, but that only these subjects may administer. */
  public AuthOptions withAdministrators(Set<String> subjects) {
    return new AuthOptions(secret, keys, reload, algorithms, Optional.of(subjects));
  }

  /** Tokens signed with a shared secret, by HS256. */
  public static AuthOptions secret(String secret) {
    return new AuthOptions(
        Optional.of(secret), Optional.empty(), Duration.ZERO, DEFAULT_ALGORITHMS);
  }

  /** Tokens signed with a private key whose public half is in this file or behind this URL. */
  public static AuthOptions keys(String place, Duration reload) {
    return new AuthOptions(Optional.empty(), Optional.of(place), reload, DEFAULT_ALGORITHMS);
  }

  /** Never shows the secret. */
  @Override
  public String toString() {
    return "AuthOptions[secret="
        + (secret.isPresent() ? "********" : "none")
        + ", keys="
        + keys.orElse("none")
        + ", algorithms="
        + algorithms
        + "]";
  }
}
