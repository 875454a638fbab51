// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;

/** A text that can be read again: in a file, or behind a URL. Reading blocks, 10 s at most. */
@FunctionalInterface
interface TextSource {
  int BYTES_MAX = 1 << 20;
  Duration PATIENCE = Duration.ofSeconds(10);

  /**
   * Reads it.
   *
   * @throws IOException if that cannot be done; the message says why
   */
  String read() throws IOException;

  /** Whether this text is a URL, and not the path of a file. */
  static boolean isUrl(String place) {
    return place.regionMatches(true, 0, "https://", 0, 8)
        || place.regionMatches(true, 0, "http://", 0, 7);
  }

  static TextSource file(Path file) {
    return () -> {
      try (InputStream in = Files.newInputStream(file)) {
        return text(in);
      } catch (NoSuchFileException e) {
        throw new IOException("there is no file " + file, e);
      } catch (IOException e) {
        throw new IOException(file + " cannot be read: " + e.getMessage(), e);
      }
    };
  }

  /** With status 200; redirects are not followed. */
  static TextSource url(URI url) {
    HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    HttpRequest request = HttpRequest.newBuilder(url).timeout(PATIENCE).build();
    return () -> {
      try {
        HttpResponse<InputStream> answer =
            client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream in = answer.body()) {
          if (answer.statusCode() != 200) {
            throw new IOException("it answers with status " + answer.statusCode());
          }
          return text(in);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while reading " + name(url), e);
      } catch (IOException e) {
        throw new IOException(name(url) + " cannot be read: " + reason(e), e);
      }
    };
  }

  /**
   * Whether what this URL gives can be relied on: nobody between can change what comes over TLS, or
   * does not leave this machine.
   */
  static boolean isTrustworthy(URI url) {
    if ("https".equalsIgnoreCase(url.getScheme())) {
      return true;
    }
    try {
      return url.getHost() != null && InetAddress.getByName(url.getHost()).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** Without user, password and query, which may be secrets. */
  private static String name(URI url) {
    int port = url.getPort();
    return url.getScheme()
        + "://"
        + url.getHost()
        + (port < 0 ? "" : ":" + port)
        + (url.getRawPath() == null ? "" : url.getRawPath());
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? "no connection" : e.getMessage();
  }

  private static String text(InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(BYTES_MAX + 1);
    if (bytes.length > BYTES_MAX) {
      throw new IOException("it has more than " + BYTES_MAX + " bytes");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
