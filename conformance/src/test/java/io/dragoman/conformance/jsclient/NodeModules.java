// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.jsclient;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The packages of npm that the lock file names, outside the source tree: in {@code
 * $XDG_CACHE_HOME/dragoman} ({@code ~/.cache/dragoman}), in a directory named after the lock file's
 * content. They are installed when they are not there, and never again: later runs need no network.
 */
final class NodeModules {

  /** Tests run in the directory of their module. */
  static final Path SOURCES = Path.of("src", "test", "js");

  private static final List<String> FILES = List.of("package.json", "package-lock.json");
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private NodeModules() {}

  /** The directory {@code node_modules}; fails the test when there is none and none can be had. */
  static Path installed() {
    try {
      Path cache = Files.createDirectories(cache());
      Path installed = cache.resolve("eventhub-js-" + hash());
      if (!Files.isDirectory(installed)) {
        install(cache, installed);
      }
      return installed.resolve("node_modules");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path cache() {
    return Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
        .filter(home -> !home.isEmpty())
        .map(Path::of)
        .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"))
        .resolve("dragoman");
  }

  private static String hash() throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String file : FILES) {
        digest.update(Files.readAllBytes(SOURCES.resolve(file)));
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Installs beside its place and moves it there, so that what is there is whole. */
  private static void install(Path cache, Path installed) throws IOException {
    Path directory = Files.createTempDirectory(cache, "installing-");
    for (String file : FILES) {
      Files.copy(SOURCES.resolve(file), directory.resolve(file));
    }
    Process npm =
        new ProcessBuilder(
                "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("npm.log").toFile())
            .start();
    Scenario.awaitEnd(npm, PATIENCE);
    assertThat(npm.exitValue())
        .as(
            "npm ci, needed once, said: %s",
            Files.readString(directory.resolve("npm.log"), StandardCharsets.UTF_8))
        .isZero();
    try {
      Files.move(directory, installed);
    } catch (IOException e) {
      // Somebody else has installed the same meanwhile.
      if (!Files.isDirectory(installed)) {
        throw e;
      }
    }
  }
}
