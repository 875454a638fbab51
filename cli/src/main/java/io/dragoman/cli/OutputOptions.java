// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Format;
import io.dragoman.cli.internal.Output;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How results are shown. */
final class OutputOptions {
  @Option(
      names = "--output",
      paramLabel = "FORMAT",
      description = "table (default), json or ndjson. Also: DRAGOMAN_OUTPUT.")
  private @Nullable Format format;

  @Option(
      names = "--quiet",
      description = "Of messages only the bodies, of other results nothing; no notes.")
  private boolean quiet;

  boolean quiet() {
    return quiet;
  }

  Output open(Console console) {
    return new Output(console, format(console.environment("DRAGOMAN_OUTPUT")), quiet);
  }

  private Format format(String fromEnvironment) {
    if (format != null) {
      return format;
    }
    if (fromEnvironment.isEmpty()) {
      return Format.table;
    }
    return Arrays.stream(Format.values())
        .filter(each -> each.name().equals(fromEnvironment.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                CliException.usage(
                    "DRAGOMAN_OUTPUT is '" + fromEnvironment + "'; use table, json or ndjson"));
  }
}
