// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** MD5 digests, which clients of this dialect use as checksums. For one thread. */
final class Md5 {
  private static final HexFormat HEX = HexFormat.of();

  /** Event loops live as long as the broker, so each keeps its own. */
  private static final ThreadLocal<Md5> OF_THREAD = ThreadLocal.withInitial(Md5::new);

  private final byte[] result = new byte[16];
  private final MessageDigest digest;

  Md5() {
    try {
      digest = MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has MD5", e);
    }
  }

  /** The digest as 32 hexadecimal digits. */
  static String hex(byte[] content) {
    return HEX.formatHex(OF_THREAD.get().of(content));
  }

  /** The 16 bytes of the digest, valid until the next call. */
  byte[] of(byte[] content) {
    digest.update(content);
    try {
      digest.digest(result, 0, result.length);
    } catch (DigestException e) {
      throw new IllegalStateException("the result of MD5 has 16 bytes", e);
    }
    return result;
  }
}
