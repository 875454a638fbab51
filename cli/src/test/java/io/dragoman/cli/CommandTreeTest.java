// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.dragoman.cli.internal.Console;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands as a whole: what help shows is there, and its examples can be typed. */
final class CommandTreeTest {
  private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

  private static CommandLine tree() {
    return CommandTree.all(
        new Console(
            InputStream.nullInputStream(),
            OutputStream.nullOutputStream(),
            OutputStream.nullOutputStream(),
            Map.of(),
            ""));
  }

  private static Stream<CommandLine> all(CommandLine command) {
    return Stream.concat(
        Stream.of(command),
        command.getSubcommands().values().stream().distinct().flatMap(CommandTreeTest::all));
  }

  private static boolean isForUsers(CommandLine command) {
    return !command.getCommandSpec().usageMessage().hidden()
        && !CommandTree.isOfTheBroker(command.getCommandName());
  }

  @Test
  void shouldShowAllCommandsInItsHelp(@TempDir java.nio.file.Path directory) {
    // when
    String help = Cli.withoutContext(directory).ok("--help");

    // then
    assertThat(help)
        .contains(
            "server",
            "config",
            "doctor",
            "queues",
            "events",
            "events-store",
            "commands",
            "queries",
            "channels",
            "context",
            "bench",
            "top",
            "completion")
        .doesNotContain("selfcheck");
  }

  @Test
  void shouldListTheBrokersCommandsAsTheBrokerDoes() throws Exception {
    // given
    var method = Class.forName("io.dragoman.server.Main").getDeclaredMethod("commandLine");
    method.setAccessible(true);
    CommandLine broker = (CommandLine) method.invoke(null);

    // then
    broker
        .getSubcommands()
        .forEach(
            (name, command) -> {
              assertThat(CommandTree.isOfTheBroker(name)).as(name).isTrue();
              if (!command.getCommandSpec().usageMessage().hidden()) {
                CommandLine ours = tree().getSubcommands().get(name);
                assertThat(ours).as(name).isNotNull();
                assertThat(ours.getCommandSpec().usageMessage().description())
                    .isEqualTo(command.getCommandSpec().usageMessage().description());
              }
            });
  }

  @TestFactory
  Stream<DynamicTest> everyCommandShouldHaveADescriptionAndExamplesThatCanBeTyped() {
    return all(tree())
        .filter(CommandTreeTest::isForUsers)
        .map(
            command ->
                DynamicTest.dynamicTest(
                    command.getCommandSpec().qualifiedName(), () -> checkHelp(command)));
  }

  private static void checkHelp(CommandLine command) {
    assertThat(command.getCommandSpec().usageMessage().description()).isNotEmpty();
    List<String> examples = new ArrayList<>();
    for (String line : command.getCommandSpec().usageMessage().footer()) {
      if (line.startsWith("  ") && line.contains("dragoman ")) {
        examples.add(line);
      }
    }
    assertThat(examples).as("examples").isNotEmpty();
    for (String example : examples) {
      String typed = example.substring(example.indexOf("dragoman ") + "dragoman ".length());
      typed = typed.replaceAll("[|>;#)].*", "").replaceAll(" < .*", "");
      if (!CommandTree.isOfTheBroker(typed.strip())) {
        String[] words = words(typed);
        assertThatCode(() -> tree().parseArgs(words)).as(example).doesNotThrowAnyException();
      }
    }
  }

  private static String[] words(String line) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(line);
    while (matcher.find()) {
      words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
    }
    return words.toArray(String[]::new);
  }
}
