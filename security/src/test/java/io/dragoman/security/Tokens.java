// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import javax.crypto.spec.SecretKeySpec;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/** Makes tokens, right ones and others. */
final class Tokens {
  static final String SECRET = "eventhub_secret";

  private Tokens() {}

  /** With HS256 and the usual secret. */
  static String of(String claims) {
    return signed("{\"alg\":\"HS256\",\"typ\":\"JWT\"}", claims, hmac(SECRET));
  }

  static Key hmac(String secret) {
    return new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HMAC");
  }

  /**
   * Signs with what the header says.
   *
   * @param header JSON, of which alg, typ and kid are taken
   */
  static String signed(String header, String claims, Key key) {
    try {
      JsonWebSignature jws = new JsonWebSignature();
      jws.setDoKeyValidation(false);
      jws.setHeader("alg", member(header, "alg"));
      for (String name : new String[] {"typ", "kid"}) {
        String value = member(header, name);
        if (value != null) {
          jws.setHeader(name, value);
        }
      }
      jws.setPayload(claims);
      jws.setKey(key);
      return jws.getCompactSerialization();
    } catch (JoseException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static @Nullable String member(String json, String name) {
    try {
      return (String) org.jose4j.json.JsonUtil.parseJson(json).get(name);
    } catch (JoseException e) {
      throw new IllegalArgumentException(json, e);
    }
  }

  /** With a signature that is whatever is given. */
  static String unsigned(String header, String claims, String signature) {
    return part(header) + "." + part(claims) + "." + signature;
  }

  static String part(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  static KeyPair pair(String kind) {
    return pair(kind, 0);
  }

  static KeyPair pair(String kind, int size) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
      if (size > 0) {
        generator.initialize(size);
      }
      return generator.generateKeyPair();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalArgumentException(kind, e);
    }
  }

  /** As openssl writes it. */
  static String pem(String label, byte[] der) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + label
        + "-----\n";
  }

  static String pem(KeyPair pair) {
    return pem("PUBLIC KEY", pair.getPublic().getEncoded());
  }
}
