// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import io.dragoman.security.Claims.BadClaimException;
import java.util.List;
import java.util.Set;
import javax.crypto.SecretKey;
import org.jose4j.json.JsonUtil;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwa.AlgorithmFactoryFactory;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * Verifies what a token is made of: its form, its signature, its claims; not its times. Safe from
 * any thread; never blocks.
 */
final class TokenVerifier {
  private final KeyRing ring;
  private final Set<String> algorithms;
  private final AlgorithmConstraints constraints;

  TokenVerifier(KeyRing ring, Set<String> algorithms) {
    // The library tries all algorithms when it is first used, which takes longer than event loops
    // may stand still.
    AlgorithmFactoryFactory.getInstance();
    this.ring = ring;
    this.algorithms = algorithms;
    this.constraints =
        new AlgorithmConstraints(ConstraintType.PERMIT, algorithms.toArray(String[]::new));
  }

  Authentication verify(String token) {
    if (!isWellFormed(token)) {
      return refused(Refusal.MALFORMED);
    }
    try {
      JsonWebSignature jws = new JsonWebSignature();
      jws.setAlgorithmConstraints(constraints);
      jws.setCompactSerialization(token);
      return verify(jws);
    } catch (JoseException | RuntimeException e) {
      // Whatever a library makes of foreign bytes; its words may quote them.
      return refused(Refusal.MALFORMED);
    }
  }

  /** Three parts in the alphabet of base64url: libraries skip what is not in it. */
  private static boolean isWellFormed(String token) {
    int dots = 0;
    for (int i = 0; i < token.length(); i++) {
      char c = token.charAt(i);
      if (c == '.') {
        dots++;
      } else if (!(c >= 'a' && c <= 'z'
          || c >= 'A' && c <= 'Z'
          || c >= '0' && c <= '9'
          || c == '-'
          || c == '_')) {
        return false;
      }
    }
    return dots == 2;
  }

  private Authentication verify(JsonWebSignature jws) {
    if (!isToken(jws.getObjectHeader("typ"))) {
      return refused(Refusal.MALFORMED);
    }
    String algorithm = String.valueOf(jws.getObjectHeader("alg"));
    if (!algorithms.contains(algorithm)) {
      return refused(Refusal.ALGORITHM);
    }
    String id = jws.getObjectHeader("kid") instanceof String text ? text : null;
    List<VerificationKey> keys = ring.keys();
    if (id == null && severalNamed(keys, algorithm)) {
      return refused(Refusal.KEY_NOT_NAMED);
    }
    for (VerificationKey each : keys) {
      if (each.suits(algorithm, id) && isSignedWith(jws, each)) {
        return principal(jws.getUnverifiedPayload());
      }
    }
    return unknownKey(keys, id);
  }

  /**
   * Whether a token that names no key would have to be tried with several that have names. Each
   * costs a signature on an event loop, whoever made the token.
   */
  private static boolean severalNamed(List<VerificationKey> keys, String algorithm) {
    return keys.stream().filter(each -> each.id() != null && each.suits(algorithm, null)).count()
        > 1;
  }

  /** An access token (RFC 9068) is one as well. */
  private static boolean isToken(@Nullable Object type) {
    return type == null
        || type instanceof String text
            && (text.equalsIgnoreCase("JWT") || text.equalsIgnoreCase("at+jwt"));
  }

  /**
   * The library finds short secrets unfit, which Eventhub and KubeMQ accept; other keys it checks.
   */
  private static boolean isSignedWith(JsonWebSignature jws, VerificationKey key) {
    jws.setDoKeyValidation(!(key.key() instanceof SecretKey));
    jws.setKey(key.key());
    try {
      return jws.verifySignature();
    } catch (JoseException e) {
      return false;
    }
  }

  private Authentication unknownKey(List<VerificationKey> keys, @Nullable String id) {
    if (!ring.isLoaded()) {
      return refused(Refusal.NO_KEYS);
    }
    if (id != null && keys.stream().noneMatch(each -> id.equals(each.id()))) {
      ring.askForNew();
    }
    return refused(Refusal.SIGNATURE);
  }

  private static Authentication principal(String payload) {
    try {
      return new Authentication.Accepted(Claims.principal(JsonUtil.parseJson(payload)));
    } catch (BadClaimException e) {
      return refused(Refusal.CLAIMS);
    } catch (JoseException e) {
      return refused(Refusal.MALFORMED);
    }
  }

  private static Authentication refused(Refusal reason) {
    return new Authentication.Refused(reason);
  }
}
