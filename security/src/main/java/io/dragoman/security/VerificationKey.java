// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import java.security.Key;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAKey;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * A key and what it may verify. The kind of key decides which signature types it is tried with,
 * never the token: a public key is no secret of an HMAC.
 *
 * @param id of the key; a token that names another is not tried with it
 * @param algorithm the only signature type it is for; null: all that suit it
 */
record VerificationKey(Key key, @Nullable String id, @Nullable String algorithm) {

  boolean suits(String wantedAlgorithm, @Nullable String wantedId) {
    return (algorithm == null || algorithm.equals(wantedAlgorithm))
        && (id == null || wantedId == null || id.equals(wantedId))
        && isKindFor(wantedAlgorithm);
  }

  private boolean isKindFor(String wanted) {
    return switch (wanted.substring(0, 2)) {
      case "HS" -> key instanceof SecretKey;
      case "RS", "PS" -> key instanceof RSAKey;
      case "ES" -> key instanceof ECKey;
      case "Ed" -> key instanceof EdECKey;
      default -> false;
    };
  }

  /** Never shows the key. */
  @Override
  public String toString() {
    return "VerificationKey[" + key.getAlgorithm() + "]";
  }
}
