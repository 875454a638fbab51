// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequestType;
import io.dragoman.kubemq.protocol.StreamRequestType;
import io.dragoman.kubemq.protocol.kubemqGrpc;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Compares the tables that name tests with the tests there are: the compatibility table of {@code
 * docs/from-kubemq.md}, and the list of the reference's own test cases.
 */
class FromKubeMqPageTest {
  private static final Path ROOT = Path.of("..");
  private static final Path PAGE = ROOT.resolve("docs/from-kubemq.md");
  private static final Path CASES =
      Path.of("src/test/resources/io/dragoman/conformance/kubemq/reference-cases.md");

  /** Modules whose tests a row may name. */
  private static final List<String> MODULES =
      List.of("conformance", "conformance-kubemq-java", "cli");

  private static final Pattern ROW = Pattern.compile("^\\| (.+) \\| (`[^|]+`) \\|$");
  private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");
  private static final Pattern TEST = Pattern.compile("(?:(\\w+)\\.)?([A-Z]\\w*Test)(?:#(\\w+))?");

  /** A capability, and the tests that are said to show it. */
  private record Row(String capability, List<String> tests) {
    boolean isFor(String... names) {
      List<String> begin = quoted(capability);
      return begin.size() >= names.length && begin.subList(0, names.length).equals(List.of(names));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"docs/from-kubemq.md", "reference-cases.md"})
  void shouldNameTestsThatExist(String name) throws Exception {
    // given
    List<Row> rows = rows(PAGE.endsWith(name) ? PAGE : CASES);

    // when
    List<String> wrong = new ArrayList<>();
    for (Row row : rows) {
      for (String test : row.tests) {
        problem(test).ifPresent(what -> wrong.add(row.capability + ": " + test + " " + what));
      }
    }

    // then
    assertThat(rows).hasSizeGreaterThan(50);
    assertThat(rows).extracting(Row::capability).doesNotHaveDuplicates();
    assertThat(wrong).isEmpty();
  }

  @Test
  void shouldHaveARowForEveryCall() throws Exception {
    // given
    List<Row> rows = rows(PAGE);

    // when, then
    for (MethodDescriptor<?, ?> method : kubemqGrpc.getServiceDescriptor().getMethods()) {
      String name = String.valueOf(method.getBareMethodName());
      assertThat(rows).as(name).anyMatch(row -> row.isFor(name));
    }
  }

  @Test
  void shouldHaveARowForEveryRequestOfAStream() throws Exception {
    // given
    List<Row> rows = rows(PAGE);

    // when, then
    assertRows(rows, "QueuesDownstream", QueuesDownstreamRequestType.getDescriptor());
    assertRows(rows, "StreamQueueMessage", StreamRequestType.getDescriptor());
  }

  private static void assertRows(List<Row> rows, String call, EnumDescriptor requests) {
    List<String> names =
        requests.getValues().stream()
            .filter(value -> value.getNumber() != 0)
            .map(EnumValueDescriptor::getName)
            .toList();
    assertThat(names).hasSizeGreaterThan(5);
    for (String name : names) {
      assertThat(rows).as(call + " " + name).anyMatch(row -> row.isFor(call, name));
    }
  }

  /** The routes of REST are in no descriptor; these are the documents'. */
  @ParameterizedTest
  @CsvSource({
    "GET, /ping",
    "POST, /send/event",
    "GET, /send/stream",
    "GET, /subscribe/events",
    "POST, /send/request",
    "POST, /send/response",
    "GET, /subscribe/requests",
    "POST, /queue/send",
    "POST, /queue/send_batch",
    "POST, /queue/receive",
    "POST, /queue/ack_all",
    "GET, /queue/stream",
    "GET, /queue/info"
  })
  void shouldHaveARowForEveryRoute(String verb, String path) throws Exception {
    assertThat(rows(PAGE)).anyMatch(row -> quoted(row.capability).contains(verb + " " + path));
  }

  /** That the checks above would find something. */
  @ParameterizedTest
  @CsvSource({
    "FromKubeMqPageTest#shouldNotBeThere, has no such test",
    "NeverWrittenTest, is not there",
    "FromKubeMqPageTest#problem, has no such test",
    "EventsTest, is there more than once",
    "nowhere.EventsTest, is not there",
    "bin/never, is not there",
    "Names, is no name of a test"
  })
  void shouldFindWhatIsWrong(String test, String problem) throws Exception {
    assertThat(problem(test)).contains(problem);
  }

  private static Optional<String> problem(String test) throws IOException {
    if (test.contains("/")) {
      return Files.isRegularFile(ROOT.resolve(test))
          ? Optional.empty()
          : Optional.of("is not there");
    }
    Matcher name = TEST.matcher(test);
    if (!name.matches()) {
      return Optional.of("is no name of a test");
    }
    List<Path> files = sources(name.group(1), name.group(2) + ".java");
    if (files.size() != 1) {
      return Optional.of(files.isEmpty() ? "is not there" : "is there more than once");
    }
    String method = name.group(3) == null ? "\\w+" : name.group(3);
    // An annotation that makes it a test, perhaps others and their tables, then the method.
    Pattern declared =
        Pattern.compile(
            "@(?:Test|ParameterizedTest)\\b(?:(?!\\bvoid\\b).)*?\\bvoid " + method + "\\(",
            Pattern.DOTALL);
    return declared.matcher(Files.readString(files.get(0), UTF_8)).find()
        ? Optional.empty()
        : Optional.of("has no such test");
  }

  /**
   * The sources with this name.
   *
   * @param folder their package's last part; any if it is null
   */
  private static List<Path> sources(String folder, String file) throws IOException {
    Predicate<Path> wanted =
        folder == null ? path -> path.endsWith(file) : path -> path.endsWith(Path.of(folder, file));
    List<Path> found = new ArrayList<>();
    for (String module : MODULES) {
      try (Stream<Path> paths = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
        found.addAll(paths.filter(wanted).collect(Collectors.toList()));
      }
    }
    return found;
  }

  private static List<Row> rows(Path page) throws IOException {
    List<Row> rows = new ArrayList<>();
    String text = Files.readString(page, UTF_8);
    int tables = text.indexOf("## Compatibility table");
    for (String line :
        text.substring(Math.max(0, tables)).replace("\\|", "\u00a6").lines().toList()) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        rows.add(new Row(row.group(1), quoted(row.group(2))));
      } else {
        assertThat(line).as("a row without tests").doesNotStartWith("| `");
      }
    }
    return rows;
  }

  private static List<String> quoted(String cell) {
    return QUOTED.matcher(cell).results().map(result -> result.group(1)).toList();
  }
}
