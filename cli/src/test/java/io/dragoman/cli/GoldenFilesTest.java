// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.cli.internal.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/**
 * Every command has a golden file in each format it can print, which shows it doing its work. Which
 * command and which format a file is of is what its first line says was typed, not its name.
 */
final class GoldenFilesTest {

  /** Commands without a golden file, and why. */
  private static final Map<String, String> EXCEPTIONS =
      Map.of(
          "dragoman server",
          "goes on until a signal ends the process; its text is the start box, with the ports and"
              + " the state of this machine. bin/smoke starts it and reads it.",
          "kubetools metrics",
          "prints the page /metrics as it is: what is on it depends on what the broker did, and"
              + " docs/metrics.md is compared with it. KubetoolsCommandsTest runs the command.");

  /** A format of a command that has no choice of formats. */
  private static final String TEXT = "text";

  private static final List<String> FORMATS = List.of("table", "json", "ndjson");

  private static Map<String, CommandLine> leaves;
  private static Map<String, String> shown;

  /** Finds the commands, and what the golden files show. */
  @BeforeAll
  static void look() throws Exception {
    leaves = new TreeMap<>();
    addLeaves(CommandTree.all(console()));
    addLeaves(broker());
    addLeaves(Kubetools.tree(console(), Path.of("")));
    shown = new TreeMap<>();
    try (Stream<Path> files = Files.list(Golden.DIRECTORY)) {
      for (Path file : files.sorted().toList()) {
        shown.put(file.getFileName().toString(), shown(file));
      }
    }
  }

  private static Console console() {
    return new Console(
        InputStream.nullInputStream(),
        OutputStream.nullOutputStream(),
        OutputStream.nullOutputStream(),
        Map.of(),
        "");
  }

  /** What the broker brings; {@link CommandTree} only knows of it by name. */
  private static CommandLine broker() throws ReflectiveOperationException {
    var method = Class.forName("io.dragoman.server.Main").getDeclaredMethod("commandLine");
    method.setAccessible(true);
    return (CommandLine) method.invoke(null);
  }

  /** The commands for users that have no commands below them; of two trees the later counts. */
  private static void addLeaves(CommandLine command) {
    if (command.getCommandSpec().usageMessage().hidden()) {
      return;
    }
    String name = command.getCommandSpec().qualifiedName();
    if (command.getSubcommands().isEmpty()) {
      leaves.put(name, command);
    } else {
      leaves.remove(name);
      command.getSubcommands().values().stream().distinct().forEach(GoldenFilesTest::addLeaves);
    }
  }

  private static List<String> formats(CommandLine leaf) {
    return leaf.getCommandSpec().findOption("--output") == null ? List.of(TEXT) : FORMATS;
  }

  /** The command of a golden file and its format, and a mark if it did not end with 0. */
  private static String shown(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    List<String> typed = List.of(lines.get(0).substring("$ ".length()).split(" "));
    String name = typed.get(0);
    int word = 1;
    while (!leaves.containsKey(name) && word < typed.size()) {
      name = below(name, typed.get(word++));
    }
    int output = typed.indexOf("--output");
    String format =
        output >= 0
            ? typed.get(output + 1)
            : leaves.containsKey(name) ? formats(leaves.get(name)).get(0) : "no command";
    boolean done = lines.get(lines.size() - 1).equals("--- exit code 0");
    return name + " as " + format + (done ? "" : ", failing");
  }

  /** The name of a command below another: the one of that name, or with that alias. */
  private static String below(String name, String word) {
    TreeSet<String> names = new TreeSet<>();
    for (CommandLine leaf : leaves.values()) {
      for (CommandLine each = leaf; each.getParent() != null; each = each.getParent()) {
        if (each.getParent().getCommandSpec().qualifiedName().equals(name)
            && (each.getCommandName().equals(word)
                || List.of(each.getCommandSpec().aliases()).contains(word))) {
          names.add(each.getCommandSpec().qualifiedName());
        }
      }
    }
    return names.isEmpty() ? name + " " + word : names.first();
  }

  @Test
  void everyCommandShouldHaveAGoldenFileInEachOfItsFormats() {
    List<String> missing =
        leaves.entrySet().stream()
            .filter(leaf -> !EXCEPTIONS.containsKey(leaf.getKey()))
            .flatMap(
                leaf ->
                    formats(leaf.getValue()).stream().map(each -> leaf.getKey() + " as " + each))
            .filter(wanted -> !shown.containsValue(wanted))
            .toList();
    assertThat(leaves).isNotEmpty();
    assertThat(missing).isEmpty();
  }

  @Test
  void everyGoldenFileShouldBeOfACommand() {
    assertThat(shown).isNotEmpty();
    shown.forEach(
        (file, what) ->
            assertThat(leaves.keySet())
                .as(file)
                .contains(what.substring(0, what.lastIndexOf(" as "))));
  }

  @Test
  void everyExceptionShouldBeNeeded() {
    assertThat(leaves.keySet()).containsAll(EXCEPTIONS.keySet());
    for (String each : EXCEPTIONS.keySet()) {
      assertThat(shown.values()).noneMatch(what -> what.startsWith(each + " as "));
    }
  }
}
