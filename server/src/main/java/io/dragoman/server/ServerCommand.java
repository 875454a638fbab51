// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server;

import io.dragoman.server.internal.Configuration;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs a broker until it is told to stop. */
@Command(
    name = "server",
    aliases = {"s", "serve"},
    description = "Run the broker until SIGTERM or Ctrl-C.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  dragoman server",
      "  dragoman server --data /var/lib/dragoman",
      "  dragoman server --set durability=async --set kubemq.rest.port=9091",
      "",
      "All settings: dragoman config defaults, or docs/configuration.md"
    })
final class ServerCommand implements Callable<Integer> {

  @Mixin private ConfigArguments arguments = new ConfigArguments();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    Configuration configuration = arguments.load();
    Logging.configure(configuration.config().logLevel());
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, fault) -> Loggers.SERVER.error("Thread {} ended.", thread.getName(), fault));
    StopSignal stop = StopSignal.install();
    Node node = Node.start(configuration.config());
    say(StartBox.text(node, configuration, sinceProcessStart()));
    stop.await();
    say(
        "stopping: waiting up to "
            + node.config().drainGrace().toSeconds()
            + " s for work in flight\n");
    long began = System.nanoTime();
    node.stop(node.config().drainGrace());
    say("stopped after " + (System.nanoTime() - began) / 1_000_000 + " ms\n");
    return 0;
  }

  private void say(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(text);
    out.flush();
  }

  private static long sinceProcessStart() {
    Instant started = ProcessHandle.current().info().startInstant().orElseGet(Instant::now);
    return Duration.between(started, Instant.now()).toMillis();
  }
}
