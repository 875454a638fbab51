// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MainTest {

  @TempDir private Path directory;

  private record Outcome(int exitCode, String out, String err) {}

  private static Outcome run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Main.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    return new Outcome(exitCode, out.toString(), err.toString());
  }

  @Test
  void shouldSayItsVersion() {
    assertThat(run("--version").out()).startsWith("dragoman ");
    assertThat(run("--version").exitCode()).isZero();
  }

  @Test
  void shouldHelpWithExamples() {
    assertThat(run("--help").out()).contains("Examples:", "dragoman server --data");
    assertThat(run("server", "--help").out()).contains("--set", "--config", "--data");
    assertThat(run("config", "--help").out()).contains("check", "defaults", "effective");
  }

  @Test
  void shouldHideWhatIsNotForUsers() {
    assertThat(run("--help").out()).doesNotContain("selfcheck");
    assertThat(run("config", "--help").out()).doesNotContain("docs");
  }

  @Test
  void shouldEndWithTwoWhenTheCommandLineIsWrong() {
    assertThat(run().exitCode()).isEqualTo(2);
    assertThat(run("surver").exitCode()).isEqualTo(2);
    assertThat(run("config").exitCode()).isEqualTo(2);
    assertThat(run("server", "--dta", "x").exitCode()).isEqualTo(2);
    assertThat(run("server", "--dta", "x").err()).contains("--dta").doesNotContain("at io.");
  }

  @Test
  void shouldEndWithTwoAndNamePlacesWhenTheConfigurationIsWrong() throws Exception {
    // given
    Path file = Files.writeString(directory.resolve("d.yaml"), "log:\n  retension: 1\n");

    // when
    Outcome check = run("config", "check", "--config", file.toString(), "--set", "engine=nats");
    Outcome server = run("server", "--config", file.toString());

    // then
    assertThat(check.exitCode()).isEqualTo(2);
    assertThat(check.err())
        .isEqualTo(file + ":2: unknown key \"retension\" in log; did you mean \"retention\"?\n");
    assertThat(server).isEqualTo(new Outcome(2, "", check.err()));
  }

  @Test
  void shouldRefuseAnEngineThatIsNotThere() {
    // when
    Outcome outcome = run("server", "--set", "engine=nats");

    // then
    assertThat(outcome)
        .isEqualTo(
            new Outcome(
                2, "", "--set engine: nats is not available in this version; use embedded\n"));
  }

  @Test
  void shouldShowTheConfiguration() {
    // when
    Outcome effective = run("config", "effective", "--data", "/x", "--set", "auth.jwt.secret=s3");

    // then
    assertThat(effective.exitCode()).isZero();
    assertThat(effective.out()).contains("data.dir: /x  # --data\n").doesNotContain("s3");
    assertThat(run("config", "defaults").out()).contains("\nkubemq.rest.port: 9090\n");
    assertThat(run("config", "check").out()).isEqualTo("the configuration is valid\n");
  }

  @Test
  void shouldSayThatADataDirectoryIsSoundAndNameDamage() throws Exception {
    // given
    Path data = directory.resolve("data");
    run("selfcheck", "--data", data.toString());

    // when
    Outcome sound = run("doctor", "--data", data.toString());
    Files.writeString(data.resolve("store/CURRENT"), "nonsense");
    Outcome server = run("server", "--data", data.toString());
    Outcome damaged = run("doctor", "--data", data.toString());
    Outcome repaired = run("doctor", "--repair", "--data", data.toString());
    Outcome again = run("doctor", "--data", data.toString());

    // then
    assertThat(sound.exitCode()).isZero();
    assertThat(sound.out()).contains(data + " is sound");
    assertThat(server.exitCode()).isEqualTo(1);
    assertThat(server.err()).contains("store/CURRENT", "dragoman doctor --repair --data " + data);
    assertThat(damaged.exitCode()).isEqualTo(1);
    assertThat(damaged.out())
        .contains("damaged: store/CURRENT", "no message is lost", "nothing was changed");
    assertThat(repaired.exitCode()).isEqualTo(1);
    assertThat(repaired.out()).contains("repaired");
    assertThat(again.exitCode()).isZero();
    assertThat(run("doctor", "--data", directory.resolve("none").toString()).exitCode())
        .isEqualTo(2);
  }

  @Test
  void shouldCheckItself() {
    // when
    Outcome outcome = run("selfcheck", "--data", directory.resolve("data").toString());

    // then
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out()).contains("durability", "kubemq-rest").endsWith("ok\n");
    assertThat(outcome.exitCode()).isZero();
  }
}
