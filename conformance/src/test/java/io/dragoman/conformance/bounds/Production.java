// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.bounds;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.conformance.crash.BrokerProcess;
import io.dragoman.conformance.crash.Brokers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Brokers with the JVM's flags that {@code bin/dragoman} gives, and 512 MiB of heap. Only what
 * belongs to a packaged distribution is left out: its native libraries and its class archive.
 */
final class Production {

  /** Tests run in the directory of their module. */
  private static final Path SCRIPT = Path.of("..", "bin", "dragoman");

  /** Where the flags of the broker begin, and those that it shares with the command line. */
  private static final List<String> FIRST = List.of("server_flags=(", "common_flags=(");

  private static final String LAST = ")";

  private Production() {}

  /** Starts one with these settings, and waits until it is ready. */
  static BrokerProcess start(Brokers brokers, String... settings) {
    return brokers.broker(settings).jvm(flags().toArray(String[]::new)).start().awaitReady();
  }

  private static List<String> flags() {
    List<String> lines;
    try {
      lines = Files.readAllLines(SCRIPT).stream().map(String::strip).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> flags = new ArrayList<>();
    for (String each : FIRST) {
      int first = lines.indexOf(each) + 1;
      assertThat(first).as("%s in %s", each, SCRIPT).isPositive();
      flags.addAll(flags(lines.subList(first, lines.size())));
    }
    return flags;
  }

  private static List<String> flags(List<String> lines) {
    List<String> flags = new ArrayList<>();
    for (String line : lines) {
      if (line.equals(LAST)) {
        break;
      }
      if (!line.startsWith("#") && !line.contains("$dist")) {
        flags.addAll(List.of(line.split(" ")));
      }
    }
    assertThat(flags).as("flags in %s", SCRIPT).isNotEmpty().allMatch(flag -> flag.startsWith("-"));
    return flags;
  }
}
