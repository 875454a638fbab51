// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Console;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints the script by which a shell completes our commands and options. */
@Command(
    name = "completion",
    description = "Print the script that lets a shell complete commands and options.",
    footer = {
      "",
      "Examples:",
      "  source <(dragoman completion bash)            # in this shell, or in ~/.bashrc",
      "  dragoman completion zsh > ~/.dragoman.zsh     # and: source ~/.dragoman.zsh"
    })
final class CompletionCommand implements Runnable {

  /** Shells we have a script for. It is one script, which adapts itself. */
  enum Shell {
    bash,
    zsh
  }

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("unused") // Read by the parser.
  private boolean help;

  @Parameters(paramLabel = "SHELL", description = "bash or zsh")
  @SuppressWarnings("unused") // Checked by the parser; the script is the same.
  private Shell shell = Shell.bash;

  private final Console console;

  private CompletionCommand(Console console) {
    this.console = console;
  }

  static CommandLine of(Console console) {
    return new CommandLine(new CompletionCommand(console));
  }

  @Override
  public void run() {
    console.print(AutoComplete.bash("dragoman", CommandTree.all(console)));
  }
}
