// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.OutputClosedException;
import io.dragoman.cli.internal.Printable;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command {@code dragoman}. Ends with 0 when all went well, 1 when something failed, and 2 when
 * what was typed cannot be used. Commands of the broker itself are passed on to it.
 */
public final class Main {
  private static final String SERVER_MAIN = "io.dragoman.server.Main";

  private static final String KUBETOOLS = "kubetools";
  private static final int HELP_WIDTH = 100;

  /** Who closes our output has what he wants: as with most tools, {@code | head} is no failure. */
  private static final int OUTPUT_CLOSED = 0;

  private Main() {}

  /** Runs the command and ends the process. */
  public static void main(String[] arguments) throws ReflectiveOperationException {
    if (arguments.length > 0 && CommandTree.isOfTheBroker(arguments[0])) {
      broker(arguments);
      return;
    }
    Console console = Console.ofProcess();
    int exitCode =
        arguments.length > 0 && arguments[0].equals(KUBETOOLS)
            ? Kubetools.execute(
                console, Path.of(""), Arrays.copyOfRange(arguments, 1, arguments.length))
            : execute(console, arguments);
    // Threads of connections must not keep the process.
    System.exit(exitCode);
  }

  /** By name: this module does not know the broker, it only lies beside it in the distribution. */
  private static void broker(String[] arguments) throws ReflectiveOperationException {
    try {
      Class.forName(SERVER_MAIN).getMethod("main", String[].class).invoke(null, (Object) arguments);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Runs the command; returns what the process ends with. */
  static int execute(Console console, String... arguments) {
    return execute(CommandTree.of(console, arguments), console, arguments);
  }

  /** Runs a command of any tree with our way of telling failures. */
  static int execute(CommandLine tree, Console console, String... arguments) {
    int exitCode = OUTPUT_CLOSED;
    try {
      exitCode =
          tree.setOut(console.outWriter())
              .setErr(console.err())
              .setExpandAtFiles(false)
              .setUsageHelpWidth(HELP_WIDTH)
              .setCaseInsensitiveEnumValuesAllowed(true)
              .setColorScheme(
                  Help.defaultColorScheme(console.colours() ? Help.Ansi.ON : Help.Ansi.OFF))
              .setParameterExceptionHandler(usageErrors())
              .setExecutionExceptionHandler(failures())
              .execute(arguments);
      // Output that was lost is told once, and never passes for success.
      if (exitCode == 0 || !console.isBroken()) {
        console.flush();
      }
    } catch (OutputClosedException e) {
      // The command's own outcome stands.
    } catch (CliException e) {
      console.err().println("error: " + e.text());
      exitCode = e.exitCode();
    } finally {
      console.err().flush();
    }
    return exitCode;
  }

  /** One line about what is wrong, one about where to read on; not the whole help. */
  private static IParameterExceptionHandler usageErrors() {
    return (failure, arguments) -> {
      CommandLine command = failure.getCommandLine();
      report(command, String.valueOf(failure.getMessage()));
      UnmatchedArgumentException.printSuggestions(failure, command.getErr());
      command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
      return CliException.USAGE;
    };
  }

  private static IExecutionExceptionHandler failures() {
    return (failure, command, result) -> {
      // Nothing is thrown in here: the parser would print its stack trace.
      if (failure instanceof OutputClosedException) {
        return OUTPUT_CLOSED;
      }
      if (failure instanceof ParameterException wrong) {
        return command.getParameterExceptionHandler().handleParseException(wrong, new String[0]);
      }
      if (failure instanceof CliException told) {
        report(command, told.text());
        return told.exitCode();
      }
      if (failure instanceof InterruptedException) {
        report(command, "interrupted");
        return CliException.FAILED;
      }
      report(command, "this should not have happened: " + failure);
      return CliException.FAILED;
    };
  }

  private static void report(CommandLine command, String text) {
    command.getErr().println("error: " + Printable.lines(text));
  }
}
