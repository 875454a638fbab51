// SPDX-License-Identifier: Apache-2.0
package io.dragoman.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A key and the certificate for localhost that it has signed itself. */
public final class TestCertificate {

  private static final String ALIAS = "test";
  private static final String PASSWORD = "changeit";
  private static final String CIPHER = "PBEWithHmacSHA256AndAES_256";

  private final KeyStore keys;

  private TestCertificate(KeyStore keys) {
    this.keys = keys;
  }

  /**
   * Makes one, with the tool that comes with the JDK.
   *
   * @param directory where a file is put
   * @param kind of the key: {@code RSA} or {@code EC}
   */
  public static TestCertificate make(Path directory, String kind) {
    return make(directory, kind, kind.equals("EC") ? 256 : 2048);
  }

  /**
   * Makes one, with the tool that comes with the JDK.
   *
   * @param directory where a file is put
   * @param kind of the key: {@code RSA} or {@code EC}
   * @param bits how long the key is
   */
  public static TestCertificate make(Path directory, String kind, int bits) {
    try {
      Path file = Files.createTempDirectory(directory, "keys").resolve("keys.p12");
      run(
          Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
          "-genkeypair",
          "-keyalg",
          kind,
          "-keysize",
          Integer.toString(bits),
          "-alias",
          ALIAS,
          "-dname",
          "CN=localhost",
          "-ext",
          "san=dns:localhost,ip:127.0.0.1",
          "-storetype",
          "PKCS12",
          "-keystore",
          file.toString(),
          "-storepass",
          PASSWORD);
      KeyStore keys = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(file)) {
        keys.load(in, PASSWORD.toCharArray());
      }
      return new TestCertificate(keys);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("no certificate could be made", e);
    }
  }

  private static void run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException("keytool has failed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** The certificate in PEM. */
  public String certificate() {
    try {
      return pem("CERTIFICATE", keys.getCertificate(ALIAS).getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The private key in PEM, as of PKCS #8. */
  public String key() {
    return pem("PRIVATE KEY", encodedKey());
  }

  /** The same, encrypted. */
  public String key(String password) {
    try {
      Cipher cipher = Cipher.getInstance(CIPHER);
      PBEKeySpec characters = new PBEKeySpec(password.toCharArray());
      cipher.init(
          Cipher.ENCRYPT_MODE, SecretKeyFactory.getInstance(CIPHER).generateSecret(characters));
      byte[] encrypted = cipher.doFinal(encodedKey());
      // By the name that the standard has a number for; the cipher's own has none.
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("PBES2");
      parameters.init(cipher.getParameters().getEncoded());
      return pem(
          "ENCRYPTED PRIVATE KEY", new EncryptedPrivateKeyInfo(parameters, encrypted).getEncoded());
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private byte[] encodedKey() {
    try {
      return keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pem(String label, byte[] der) {
    byte[] lineEnd = "\n".getBytes(StandardCharsets.US_ASCII);
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(label, Base64.getMimeEncoder(64, lineEnd).encodeToString(der), label);
  }

  /** What connects to whoever has this certificate, and to nobody else. */
  public SSLContext trusting() {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(keys);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, factory.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
