// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes JSON Web Tokens by hand. */
public final class Tokens {

  private Tokens() {}

  /**
   * A token signed with HS256.
   *
   * @param claims JSON
   */
  public static String hs256(String secret, String claims) {
    return hs256(secret, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", claims);
  }

  /**
   * A token signed with HS256, whatever its header says.
   *
   * @param header JSON
   * @param claims JSON
   */
  public static String hs256(String secret, String header, String claims) {
    String content = part(header) + "." + part(claims);
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return content + "." + base64(mac.doFinal(content.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** A token signed with RS256. */
  public static String rs256(PrivateKey key, String claims) {
    String content = part("{\"alg\":\"RS256\"}") + "." + part(claims);
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(key);
      signature.update(content.getBytes(StandardCharsets.US_ASCII));
      return content + "." + base64(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** A token that says it needs no signature. */
  public static String unsigned(String claims) {
    return part("{\"alg\":\"none\"}") + "." + part(claims) + ".";
  }

  private static String part(String text) {
    return base64(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
