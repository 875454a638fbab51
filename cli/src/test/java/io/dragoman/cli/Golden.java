// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Compares what a command printed with a file of {@code src/test/resources/golden}. What differs
 * from run to run (ids, times, ports) is masked. To write the files anew after a wanted change: run
 * the tests with {@code -Ddragoman.golden.update=true} and read the difference that git shows.
 */
final class Golden {
  private static final Path DIRECTORY = Path.of("src/test/resources/golden");

  private static final Pattern UUID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  private static final Pattern TIME =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z?");
  private static final Pattern PORT = Pattern.compile("(localhost|127\\.0\\.0\\.1):\\d+");
  private static final Pattern HANDLE = Pattern.compile("\\b[0-9a-f]{40}\\b");
  private static final Pattern TOOK = Pattern.compile("(in |\"millis\": ?)[0-9.]+( ms| s)?");
  private static final Pattern FIGURE =
      Pattern.compile(
          "(?<![A-Za-z0-9.-])(?<!-[a-z] )[0-9][0-9.,]*[0-9]|(?<![A-Za-z0-9.-])(?<!-[a-z]"
              + " )[0-9]\\b");
  private static final Pattern CHANNEL = Pattern.compile("\\.n\\d{4}\\b");
  private static final Pattern DIRECTORIES = Pattern.compile("/\\S*/dragoman/contexts\\.json");

  private Golden() {}

  static void check(String name, Cli.Outcome outcome, String... arguments) {
    String actual = masked(transcript(outcome, arguments));
    Path file = DIRECTORY.resolve(name + ".txt");
    try {
      if (Boolean.getBoolean("dragoman.golden.update")) {
        Files.createDirectories(DIRECTORY);
        Files.writeString(file, actual);
      }
      assertThat(file).exists();
      assertThat(actual).as(file.toString()).isEqualTo(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For output that is all figures: every number is masked, and the blanks that align them. */
  static void checkFigures(String name, Cli.Outcome outcome, String... arguments) {
    String out =
        FIGURE.matcher(masked(outcome.out())).replaceAll("N").replaceAll("(?<=\\S) {2,}", "  ");
    check(name, new Cli.Outcome(outcome.exitCode(), out, outcome.err()), arguments);
  }

  private static String transcript(Cli.Outcome outcome, String... arguments) {
    StringBuilder text = new StringBuilder("$ dragoman");
    for (String argument : arguments) {
      text.append(' ').append(argument.matches("[\\w.,:/@=-]+") ? argument : "'" + argument + "'");
    }
    text.append('\n').append(outcome.out());
    if (!outcome.err().isEmpty()) {
      text.append("--- standard error\n").append(outcome.err());
    }
    return text.append("--- exit code ").append(outcome.exitCode()).append('\n').toString();
  }

  private static String masked(String text) {
    String masked = UUID.matcher(text).replaceAll("<id>");
    masked = TIME.matcher(masked).replaceAll("<time>");
    masked = HANDLE.matcher(masked).replaceAll("<handle>");
    masked = TOOK.matcher(masked).replaceAll("$1<took>");
    masked = CHANNEL.matcher(masked).replaceAll(".nNNNN");
    masked = DIRECTORIES.matcher(masked).replaceAll("<file>");
    return PORT.matcher(masked).replaceAll("<address>");
  }
}
