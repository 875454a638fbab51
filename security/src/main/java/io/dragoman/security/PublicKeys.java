// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;

/** Reads public keys: PEM (keys and certificates, any number of them) or a JSON Web Key Set. */
final class PublicKeys {
  private static final Pattern PEM =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

  /** How a key of PKCS #1 says in X.509 that it is one for RSA. */
  private static final byte[] RSA_IDENTIFIER = {
    0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0
  };

  private static final String PRIVATE = "it holds a private key: only the public one belongs here";

  private PublicKeys() {}

  /**
   * Reads a text.
   *
   * @throws IllegalArgumentException if there is no key in it that can be used, or something that
   *     should not be there; the message says why
   */
  static List<VerificationKey> parse(String text) {
    List<VerificationKey> keys = text.strip().startsWith("{") ? jwks(text) : pem(text);
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("there is no public key in it that verifies signatures");
    }
    return keys;
  }

  private static List<VerificationKey> jwks(String text) {
    JsonWebKeySet set;
    try {
      set = new JsonWebKeySet(text);
    } catch (JoseException | RuntimeException e) {
      // Not the cause's words: they may quote the text.
      throw new IllegalArgumentException("it is no JSON Web Key Set", e);
    }
    List<VerificationKey> keys = new ArrayList<>();
    for (JsonWebKey each : set.getJsonWebKeys()) {
      if (each instanceof PublicJsonWebKey known && known.getPrivateKey() != null) {
        throw new IllegalArgumentException(PRIVATE);
      }
      if (each instanceof PublicJsonWebKey known && !"enc".equals(each.getUse())) {
        keys.add(new VerificationKey(known.getPublicKey(), each.getKeyId(), each.getAlgorithm()));
      }
    }
    return List.copyOf(keys);
  }

  private static List<VerificationKey> pem(String text) {
    List<VerificationKey> keys = new ArrayList<>();
    Matcher parts = PEM.matcher(text);
    while (parts.find()) {
      keys.add(new VerificationKey(key(parts.group(1), decode(parts.group(2))), null, null));
    }
    return List.copyOf(keys);
  }

  private static byte[] decode(String base64) {
    try {
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("a part of it is not base64", e);
    }
  }

  private static PublicKey key(String label, byte[] der) {
    try {
      return switch (label) {
        case "PUBLIC KEY" -> publicKey(der);
        case "RSA PUBLIC KEY" -> publicKey(withIdentifier(der));
        case "CERTIFICATE" ->
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(der))
                .getPublicKey();
        default ->
            throw new IllegalArgumentException(
                label.endsWith("PRIVATE KEY")
                    ? PRIVATE
                    : "it holds a " + label + ": a PUBLIC KEY or CERTIFICATE belongs here");
      };
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("a " + label + " in it cannot be read", e);
    }
  }

  private static PublicKey publicKey(byte[] der) throws GeneralSecurityException {
    GeneralSecurityException last = new GeneralSecurityException("no kind of key was tried");
    for (String kind : List.of("RSA", "EC", "EdDSA")) {
      try {
        return KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(der));
      } catch (GeneralSecurityException e) {
        last = e;
      }
    }
    throw last;
  }

  private static byte[] withIdentifier(byte[] rsaKey) {
    byte[] bits = new byte[rsaKey.length + 1];
    System.arraycopy(rsaKey, 0, bits, 1, rsaKey.length);
    byte[] bitString = tagged(0x03, bits);
    byte[] content = new byte[RSA_IDENTIFIER.length + bitString.length];
    System.arraycopy(RSA_IDENTIFIER, 0, content, 0, RSA_IDENTIFIER.length);
    System.arraycopy(bitString, 0, content, RSA_IDENTIFIER.length, bitString.length);
    return tagged(0x30, content);
  }

  /** In DER. */
  private static byte[] tagged(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + 4);
    out.write(tag);
    if (content.length < 0x80) {
      out.write(content.length);
    } else if (content.length < 0x100) {
      out.write(0x81);
      out.write(content.length);
    } else {
      out.write(0x82);
      out.write(content.length >> 8);
      out.write(content.length);
    }
    out.writeBytes(content);
    return out.toByteArray();
  }
}
