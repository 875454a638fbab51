// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where a listener's certificate comes from.
 *
 * @param certificate PEM: the listener's own certificate, then those that it is signed with, if any
 * @param key PEM: its private key as of PKCS #8, which may be encrypted
 * @param keyPassword what an encrypted key is decrypted with
 * @param reload how often it is looked whether the files have changed; zero never
 */
public record TlsFiles(Path certificate, Path key, Optional<String> keyPassword, Duration reload) {

  /** Checks the interval. */
  public TlsFiles {
    if (reload.isNegative()) {
      throw new IllegalArgumentException("reload must not be negative: " + reload);
    }
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "TlsFiles[" + certificate + ", " + key + "]";
  }
}
