// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A text that can be read again: in a file, or behind a URL. Reading blocks, 10 s at most, and
 * takes {@link #BYTES_MAX} at most.
 */
@FunctionalInterface
public interface TextSource {
  /** The largest text that is read. */
  int BYTES_MAX = 1 << 20;

  /** Until all of it must be there. */
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

  /** The text of a file, as UTF-8. */
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

  /** What is behind a URL, with status 200; redirects are not followed. */
  static TextSource url(URI url) {
    return url(url, PATIENCE);
  }

  /**
   * The same.
   *
   * @param patience until all of it must be there
   */
  static TextSource url(URI url, Duration patience) {
    HttpClient client = HttpClient.newBuilder().connectTimeout(patience).build();
    HttpRequest request = HttpRequest.newBuilder(url).build();
    return () -> {
      // The request's own timeout would end when the headers have come.
      CompletableFuture<HttpResponse<byte[]>> answer =
          client.sendAsync(request, info -> BoundedBody.of(info.statusCode(), BYTES_MAX));
      try {
        byte[] body = answer.get(patience.toNanos(), TimeUnit.NANOSECONDS).body();
        return new String(body, StandardCharsets.UTF_8);
      } catch (InterruptedException e) {
        answer.cancel(true);
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while reading " + name(url), e);
      } catch (TimeoutException e) {
        answer.cancel(true);
        throw new IOException(
            name(url) + " cannot be read: it did not answer within " + patience.toMillis() + " ms",
            e);
      } catch (ExecutionException e) {
        throw new IOException(name(url) + " cannot be read: " + reason(e.getCause()), e);
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
    // By what is written: a name may mean another machine by the time it is connected to.
    String host = url.getHost() == null ? "" : url.getHost();
    return host.equalsIgnoreCase("localhost")
        || host.equals("[::1]")
        || host.matches("127(\\.\\d{1,3}){3}");
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

  private static String reason(@Nullable Throwable cause) {
    return cause instanceof IOException e && e.getMessage() != null
        ? e.getMessage()
        : "no connection";
  }

  private static String text(InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(BYTES_MAX + 1);
    if (bytes.length > BYTES_MAX) {
      throw BoundedBody.tooLarge(BYTES_MAX);
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
