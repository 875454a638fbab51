// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import com.google.protobuf.ByteString;
import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Where to and what: a text, a file or standard input, and tags. */
final class SendArguments {
  static final int BODY_BYTES_MAX = 100 << 20;

  @Parameters(
      index = "0",
      paramLabel = "CHANNEL",
      description =
          "Where to; 'a;events:b;queues:c' sends to several, a prefix names another kind.")
  private String channel = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "BODY",
      description =
          "The text to send; - sends standard input, @FILE a file (@@text begins with an @).")
  private @Nullable String text;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "Send this file.")
  private @Nullable Path file;

  @Option(names = "--base64", description = "The body is given in base64.")
  private boolean base64;

  @Option(
      names = "--tag",
      paramLabel = "NAME=VALUE",
      description = "A tag of the message; may be repeated.")
  private Map<String, String> tags = new LinkedHashMap<>();

  String channel() {
    return channel;
  }

  Map<String, String> tags() {
    return tags;
  }

  /** Whether nothing else than standard input was given to send. */
  boolean isInput() {
    return file == null && (text == null || isStandardInput());
  }

  /** Whether nothing was given to send. */
  boolean isMissing() {
    return file == null && text == null;
  }

  private boolean isStandardInput() {
    return "-".equals(text);
  }

  /**
   * The bytes to send.
   *
   * @throws CliException when they cannot be read
   */
  ByteString read(Console console) {
    if (text != null && file != null) {
      throw CliException.usage("give either BODY or --file");
    }
    byte[] bytes = bytes(console);
    if (bytes.length > BODY_BYTES_MAX) {
      throw CliException.usage("a body has at most 100 MiB");
    }
    return ByteString.copyFrom(base64 ? decoded(bytes) : bytes);
  }

  /** A line of standard input, as it is to be sent. */
  ByteString ofLine(ByteString line) {
    return base64 ? ByteString.copyFrom(decoded(line.toByteArray())) : line;
  }

  private byte[] bytes(Console console) {
    Path path = file;
    String given = text;
    try {
      if (path == null && given != null && given.startsWith("@") && !given.startsWith("@@")) {
        path = Path.of(given.substring(1));
      }
      if (path != null) {
        return content(path);
      }
      if (given == null) {
        throw CliException.usage("missing body argument");
      }
      if (isStandardInput()) {
        return console.in().readNBytes(BODY_BYTES_MAX + 1);
      }
      String literal = given.startsWith("@@") ? given.substring(1) : given;
      return literal.getBytes(StandardCharsets.UTF_8);
    } catch (InvalidPathException e) {
      throw CliException.usage("'" + given + "' is no name of a file");
    } catch (NoSuchFileException e) {
      throw CliException.usage(path + ": there is no such file");
    } catch (IOException e) {
      throw CliException.failed((path == null ? "standard input" : path) + ": " + e.getMessage());
    }
  }

  /**
   * Its size is asked for first, since reading ends with a file that fits no memory. A device or
   * pipe has none.
   */
  private static byte[] content(Path path) throws IOException {
    long allowed = BODY_BYTES_MAX + 1L;
    if (Files.size(path) >= allowed) {
      throw CliException.usage(path + ": a body has at most 100 MiB");
    }
    try (InputStream in = Files.newInputStream(path)) {
      return in.readNBytes((int) allowed);
    }
  }

  private static byte[] decoded(byte[] bytes) {
    try {
      return Base64.getMimeDecoder().decode(bytes);
    } catch (IllegalArgumentException e) {
      throw CliException.usage("the body is not base64: " + e.getMessage());
    }
  }
}
