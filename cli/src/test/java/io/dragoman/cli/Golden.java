// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Compares what a command printed with a file of {@code src/test/resources/golden}; a file whose
 * name begins with "kubetools" is of the old tool. What differs from run to run (ids, times, ports)
 * is masked. What says that it is JSON is read as such, too. To write the files anew after a wanted
 * change: run the tests with {@code -Ddragoman.golden.update=true} and read the difference that git
 * shows.
 */
final class Golden {
  static final Path DIRECTORY = Path.of("src/test/resources/golden");

  private static final JsonFactory JSON =
      new JsonFactory().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

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
  private static final Pattern ASIDE = Pattern.compile("(damaged-)\\d{8}-\\d{6}");
  private static final Pattern NODE = Pattern.compile("\\S+(?= Broker connected\\.)");

  private Golden() {}

  static void check(String name, Cli.Outcome outcome, String... arguments) {
    checkJson(name, outcome, arguments);
    compare(name, outcome, arguments);
  }

  private static void compare(String name, Cli.Outcome outcome, String... arguments) {
    String program = name.startsWith("kubetools") ? "kubetools" : "dragoman";
    String actual = masked(transcript(program, outcome, arguments));
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
    checkJson(name, outcome, arguments);
    String out =
        FIGURE.matcher(masked(outcome.out())).replaceAll("N").replaceAll("(?<=\\S) {2,}", "  ");
    compare(name, new Cli.Outcome(outcome.exitCode(), out, outcome.err()), arguments);
  }

  /**
   * What a command prints that did its work is what its format promises: an object on each line, or
   * one document; those that show messages one by one print a document for each, if there is any.
   */
  private static void checkJson(String name, Cli.Outcome outcome, String... arguments) {
    if (outcome.exitCode() != 0) {
      return;
    }
    if (name.endsWith(".ndjson")) {
      assertThat(outcome.out()).matches("(?s)|.*\n");
      assertThat(outcome.out().lines())
          .allSatisfy(line -> assertThat(values(line)).containsExactly(JsonToken.START_OBJECT));
    } else if (name.endsWith(".json")) {
      List<JsonToken> values = values(outcome.out());
      if (isStream(List.of(arguments))) {
        assertThat(values).as(name).allMatch(JsonToken.START_OBJECT::equals);
      } else {
        assertThat(values).as(name).hasSize(1);
      }
    }
  }

  /** Whether a command shows messages one by one; what is received of a queue is a list. */
  private static boolean isStream(List<String> arguments) {
    return arguments.contains("attach")
        || arguments.contains("stream")
        || !arguments.get(0).equals("queues")
            && (arguments.contains("receive") || arguments.contains("rec"));
  }

  /** The kinds of the values that a text consists of; each must be complete, no name twice. */
  private static List<JsonToken> values(String text) {
    List<JsonToken> values = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(text)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        values.add(token);
        parser.skipChildren();
      }
    } catch (IOException e) {
      throw new AssertionError("this is not JSON: " + text, e);
    }
    return values;
  }

  private static String transcript(String program, Cli.Outcome outcome, String... arguments) {
    StringBuilder text = new StringBuilder("$ " + program);
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
    masked = ASIDE.matcher(masked).replaceAll("$1<time>");
    masked = NODE.matcher(masked).replaceAll("<node>");
    masked = DIRECTORIES.matcher(masked).replaceAll("<file>");
    return PORT.matcher(masked).replaceAll("<address>");
  }
}
