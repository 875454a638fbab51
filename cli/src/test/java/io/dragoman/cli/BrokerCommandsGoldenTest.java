// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.server.Dragoman;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the commands print that the broker brings itself. */
final class BrokerCommandsGoldenTest {
  private static final String SHOWN = "/var/lib/dragoman";

  @TempDir private Path data;

  /** Compares with a golden file, in which the data directory has a usual name. */
  private void golden(String name, String... arguments) throws ReflectiveOperationException {
    var method = Class.forName("io.dragoman.server.Main").getDeclaredMethod("commandLine");
    method.setAccessible(true);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] typed = arguments.clone();
    for (int i = 0; i < typed.length; i++) {
      typed[i] = typed[i].replace(SHOWN, data.toString());
    }
    int exitCode =
        ((CommandLine) method.invoke(null))
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(typed);
    Golden.check(name, new Cli.Outcome(exitCode, shown(out), shown(err)), arguments);
  }

  private String shown(StringWriter text) {
    return text.toString().replace(data.toString(), SHOWN);
  }

  @Test
  void config() throws Exception {
    golden("config-check", "config", "check");
    golden("config-check-wrong", "config", "check", "--set", "log.retension=1");
    golden("config-defaults", "config", "defaults");
    golden("config-effective", "config", "effective", "--data", SHOWN, "--set", "http.port=0");
  }

  @Test
  void doctor() throws Exception {
    try (Dragoman broker = Dragoman.in(data).start()) {
      Cli.of(broker, "grpc").ok("queues", "send", "orders", "one", "-i", "3");
    }
    golden("doctor", "doctor", "--data", SHOWN);
    Files.writeString(data.resolve("store/CURRENT"), "nonsense");
    golden("doctor-damaged", "doctor", "--data", SHOWN);
    golden("doctor-repair", "doctor", "--data", SHOWN, "--repair");
  }
}
