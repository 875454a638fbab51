// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.cli.internal.Console;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The script for shells. */
final class CompletionGoldenTest {
  @TempDir private Path directory;

  /**
   * The script is as long as a book, since each alias has a part like that of the name it stands
   * for. Compared is, for each command, what a shell will offer.
   */
  @Test
  void completion() {
    Cli.Outcome outcome = Cli.withoutContext(directory).run("completion", "bash");
    Set<String> functions = new HashSet<>();
    CommandLine tree =
        CommandTree.all(
            new Console(
                InputStream.nullInputStream(),
                OutputStream.nullOutputStream(),
                OutputStream.nullOutputStream(),
                Map.of(),
                ""));
    addFunctions(functions, "_picocli_dragoman", tree);
    StringBuilder offered = new StringBuilder();
    boolean canonical = false;
    for (String line : outcome.out().lines().toList()) {
      if (line.startsWith("function ")) {
        canonical = functions.contains(line.replaceAll("^function (\\w+)\\(.*", "$1"));
      }
      if (canonical
          && line.matches("function .*|  local (commands|\\w+_opts|\\w+_option_args)=.*")) {
        offered.append(line).append('\n');
      }
    }
    Golden.check(
        "completion-bash",
        new Cli.Outcome(outcome.exitCode(), offered.toString(), outcome.err()),
        "completion",
        "bash");
  }

  private static void addFunctions(Set<String> functions, String name, CommandLine command) {
    functions.add(name);
    command.getSubcommands().values().stream()
        .distinct()
        .forEach(
            each ->
                addFunctions(
                    functions,
                    name + "_" + each.getCommandName().replaceAll("[^A-Za-z0-9]", ""),
                    each));
  }

  @Test
  void aShellShouldCompleteCommandsAndOptionsWithIt() throws Exception {
    Files.writeString(
        directory.resolve("script"), Cli.withoutContext(directory).ok("completion", "bash"));
    assertThat(offered("queues", "se")).isEqualTo("send");
    assertThat(offered("q", "send", "orders", "--del")).isEqualTo("--delay");
    assertThat(offered("channels", "list", "--output", "nd")).isEqualTo("ndjson");
  }

  private String offered(String... typed) throws IOException, InterruptedException {
    String line =
        "source ./script; compopt() { :; }; COMP_WORDS=(dragoman %s); COMP_CWORD=%d;"
                .formatted(String.join(" ", typed), typed.length)
            + " _complete_dragoman; echo ${COMPREPLY[@]}";
    File answer = directory.resolve("answer").toFile();
    Process bash =
        new ProcessBuilder("bash", "--norc", "-c", line)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(answer)
            .start();
    assertThat(bash.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return Files.readString(answer.toPath(), StandardCharsets.UTF_8).strip();
  }
}
