// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import io.dragoman.transport.TlsFiles;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** Reads the certificate and key of a listener, in PEM. For one thread at a time. */
public final class KeyPairFiles {

  private static final int FILE_BYTES_MAX = 1 << 20;
  private static final String CERTIFICATE = "tls.certificate: ";
  private static final String KEY = "tls.key: ";
  private static final Pattern PRIVATE_KEY =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----([^-]*)-----END \\1-----");

  /** Kinds of keys that JDKs have, and a way to sign with each. */
  private static final List<List<String>> KINDS =
      List.of(
          List.of("RSA", "SHA256withRSA"),
          List.of("EC", "SHA256withECDSA"),
          List.of("EdDSA", "EdDSA"));

  private final TlsFiles files;
  private byte[] certificateRead = {};
  private byte[] keyRead = {};
  private String description = "";

  /** Files that are not read yet. */
  public KeyPairFiles(TlsFiles files) {
    this.files = files;
  }

  /**
   * Reads the files; null if they are those that were read last.
   *
   * @throws IOException if they cannot be read or used; the message says which of them, and why
   */
  public @Nullable SslContext read() throws IOException {
    byte[] certificate = bytes(CERTIFICATE, files.certificate());
    byte[] key = bytes(KEY, files.key());
    if (Arrays.equals(certificate, certificateRead) && Arrays.equals(key, keyRead)) {
      return null;
    }
    X509Certificate[] chain = chain(certificate);
    PrivateKey secret = privateKey(key);
    checkPair(chain[0].getPublicKey(), secret);
    SslContext made = context(chain, secret);
    certificateRead = certificate;
    keyRead = key;
    description =
        chain[0].getSubjectX500Principal()
            + ", valid from "
            + chain[0].getNotBefore().toInstant()
            + " to "
            + chain[0].getNotAfter().toInstant();
    return made;
  }

  /** Whose certificate was read last, and how long it is valid. */
  public String description() {
    return description;
  }

  private static byte[] bytes(String setting, Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(FILE_BYTES_MAX + 1);
      if (bytes.length > FILE_BYTES_MAX) {
        throw new IOException("it is larger than 1 MiB");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new IOException(setting + "there is no file " + file, e);
    } catch (IOException e) {
      throw new IOException(setting + file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private X509Certificate[] chain(byte[] pem) throws IOException {
    try {
      X509Certificate[] chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem))
              .toArray(new X509Certificate[0]);
      if (chain.length > 0) {
        return chain;
      }
    } catch (CertificateException e) {
      throw new IOException(
          CERTIFICATE + files.certificate() + " is no certificate in PEM, or a damaged one", e);
    }
    throw new IOException(CERTIFICATE + "there is no certificate in " + files.certificate());
  }

  private PrivateKey privateKey(byte[] pem) throws IOException {
    Matcher parts = PRIVATE_KEY.matcher(new String(pem, StandardCharsets.ISO_8859_1));
    if (!parts.find()) {
      throw new IOException(KEY + "there is no private key in PEM in " + files.key());
    }
    byte[] der;
    try {
      der = Base64.getMimeDecoder().decode(parts.group(2));
    } catch (IllegalArgumentException e) {
      throw new IOException(KEY + files.key() + " is not base64 between its lines", e);
    }
    return switch (parts.group(1)) {
      case "PRIVATE KEY" -> privateKey(new PKCS8EncodedKeySpec(der));
      case "ENCRYPTED PRIVATE KEY" -> privateKey(decrypted(der));
      default ->
          throw new IOException(
              KEY
                  + files.key()
                  + " holds a "
                  + parts.group(1)
                  + ", not one of PKCS #8; openssl pkcs8 -topk8 makes one of it");
    };
  }

  private PKCS8EncodedKeySpec decrypted(byte[] der) throws IOException {
    Optional<String> password = files.keyPassword();
    if (password.isEmpty()) {
      throw new IOException(KEY + files.key() + " is encrypted: set tls.keyPassword");
    }
    try {
      EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(der);
      // The parameters of PBES2 are called as the cipher is that they are for.
      boolean named = info.getAlgName().startsWith("PBEWith");
      String cipherName = named ? info.getAlgName() : String.valueOf(info.getAlgParameters());
      Cipher cipher = Cipher.getInstance(cipherName);
      PBEKeySpec characters = new PBEKeySpec(password.get().toCharArray());
      cipher.init(
          Cipher.DECRYPT_MODE,
          SecretKeyFactory.getInstance(cipherName).generateSecret(characters),
          info.getAlgParameters());
      return info.getKeySpec(cipher);
    } catch (GeneralSecurityException | IOException e) {
      throw new IOException(
          KEY + files.key() + " cannot be decrypted: tls.keyPassword does not fit it", e);
    }
  }

  private PrivateKey privateKey(PKCS8EncodedKeySpec spec) throws IOException {
    for (List<String> kind : KINDS) {
      try {
        return KeyFactory.getInstance(kind.get(0)).generatePrivate(spec);
      } catch (GeneralSecurityException e) {
        // Another kind then.
      }
    }
    throw new IOException(KEY + files.key() + " holds no key for RSA, EC or EdDSA");
  }

  /** What one of them signs the other must find right. */
  private void checkPair(PublicKey shown, PrivateKey secret) throws IOException {
    if (!shown.getAlgorithm().equals(secret.getAlgorithm()) || !verifies(shown, secret)) {
      throw new IOException(
          KEY + files.key() + " is not the key of the certificate in " + files.certificate());
    }
  }

  private static boolean verifies(PublicKey shown, PrivateKey secret) throws IOException {
    try {
      for (List<String> kind : KINDS) {
        if (kind.get(0).equals(secret.getAlgorithm())) {
          byte[] something = kind.get(1).getBytes(StandardCharsets.US_ASCII);
          Signature signature = Signature.getInstance(kind.get(1));
          signature.initSign(secret);
          signature.update(something);
          byte[] signed = signature.sign();
          signature.initVerify(shown);
          signature.update(something);
          return verifies(signature, signed);
        }
      }
      return false;
    } catch (GeneralSecurityException e) {
      throw new IOException(KEY + "it cannot sign: " + e.getMessage(), e);
    }
  }

  /** A key of another length does not even find a signature in it. */
  private static boolean verifies(Signature signature, byte[] signed) {
    try {
      return signature.verify(signed);
    } catch (SignatureException e) {
      return false;
    }
  }

  private static SslContext context(X509Certificate[] chain, PrivateKey secret) throws IOException {
    try {
      return SslContextBuilder.forServer(secret, chain)
          .sslProvider(SslProvider.JDK)
          .protocols("TLSv1.3", "TLSv1.2")
          .build();
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException(CERTIFICATE + "it cannot be used: " + e.getMessage(), e);
    }
  }
}
