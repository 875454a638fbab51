// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import com.google.protobuf.ByteString;
import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Asks for the parts of a message one by one (kubemq.md §6.2, kubemqctl's {@code -b}). */
final class BuildOption {
  @Option(
      names = {"-b", "--build"},
      description = "Ask for metadata, tags and body, a line each, instead of BODY.")
  private boolean wanted;

  /** What was answered. */
  record Parts(String metadata, Map<String, String> tags, ByteString body) {}

  boolean isWanted() {
    return wanted;
  }

  /**
   * Reads standard input: metadata, tags until an empty line, and the body.
   *
   * @throws CliException when it ends before the body, or a tag is none
   */
  Parts ask(Console console) {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(console.in(), StandardCharsets.UTF_8));
    String metadata = answer(console, lines, "Metadata: ");
    Map<String, String> tags = new LinkedHashMap<>();
    String tag = answer(console, lines, "Tag NAME=VALUE (Enter: no more): ");
    while (!tag.isEmpty()) {
      int equals = tag.indexOf('=');
      if (equals < 1) {
        throw CliException.usage("'" + tag + "' is no tag; use NAME=VALUE");
      }
      tags.put(tag.substring(0, equals), tag.substring(equals + 1));
      tag = answer(console, lines, "Tag NAME=VALUE (Enter: no more): ");
    }
    return new Parts(metadata, tags, ByteString.copyFromUtf8(answer(console, lines, "Body: ")));
  }

  private static String answer(Console console, BufferedReader lines, String question) {
    if (console.inIsTerminal()) {
      console.err().print(question);
      console.err().flush();
    }
    try {
      String line = lines.readLine();
      if (line == null) {
        throw CliException.usage("standard input ended before there was a body");
      }
      return line;
    } catch (IOException e) {
      throw CliException.failed("standard input: " + e.getMessage());
    }
  }
}
