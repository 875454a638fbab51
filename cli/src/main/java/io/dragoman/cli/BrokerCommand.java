// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Broker;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Management;
import io.dragoman.cli.internal.Output;
import io.dragoman.cli.internal.Target;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that speaks to a broker. */
@Command(abbreviateSynopsis = true, sortOptions = false)
abstract class BrokerCommand implements Callable<Integer> {
  static final int DONE = 0;
  static final int FAILED = 1;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("unused") // Read by the parser.
  private boolean help;

  @ArgGroup(validate = false, order = 900, heading = "%nOutput:%n")
  private OutputOptions shown = new OutputOptions();

  @ArgGroup(validate = false, order = 901, heading = "%nThe broker:%n")
  private ConnectionOptions connection = new ConnectionOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Console console;
  private @Nullable Target target;

  BrokerCommand(Console console) {
    this.console = console;
  }

  Console console() {
    return console;
  }

  ConnectionOptions connection() {
    return connection;
  }

  boolean quiet() {
    return shown.quiet();
  }

  Output output() {
    return shown.open(console);
  }

  Target target() {
    Target known = target;
    if (known == null) {
      known = connection.target(console);
      target = known;
    }
    return known;
  }

  /** To be closed by the caller. */
  Broker connect() {
    return Broker.of(target());
  }

  Management management() {
    return new Management(target());
  }

  /** For arguments that cannot be used, though each by itself is well formed. */
  ParameterException usage(String text) {
    return new ParameterException(spec.commandLine(), text);
  }
}
