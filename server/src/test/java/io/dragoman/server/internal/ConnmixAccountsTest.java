// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dragoman.gateway.connmix.ConnmixAccount;
import io.dragoman.gateway.connmix.HostPattern;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The list under {@code connmix.access.users}. */
final class ConnmixAccountsTest {

  private static final String ONE_OF_EACH =
      """
      connmix:
        access:
          users:
            - username: worker
              password: "xyzzy: 1"
              host: 172.16.*.*
            - {username: console, password: plugh, roles: read}
            - {host: localhost, roles: [write]}
      """;

  private static ConfigLoader yaml(String text) {
    return new ConfigLoader().yaml(text, "f");
  }

  private static List<String> problems(String list) {
    ConfigLoader loader = yaml("connmix.access.users: " + list);
    return catchThrowableOfType(ConfigException.class, loader::load).problems();
  }

  @Test
  void shouldReadAccounts() throws Exception {
    assertThat(yaml(ONE_OF_EACH).load().config().connmix().users())
        .containsExactly(
            new ConnmixAccount(
                "worker", Optional.of("xyzzy: 1"), true, true, HostPattern.of("172.16.*.*")),
            new ConnmixAccount("console", Optional.of("plugh"), true, false, HostPattern.ALL),
            new ConnmixAccount("", Optional.empty(), false, true, HostPattern.of("localhost")));
  }

  @Test
  void shouldReadThemFromOneLine() throws Exception {
    assertThat(
            new ConfigLoader()
                .flag("connmix.access.users=[{username: a, password: b}]")
                .load()
                .config()
                .connmix()
                .users())
        .containsExactly(new ConnmixAccount("a", Optional.of("b"), true, true, HostPattern.ALL));
  }

  @Test
  void shouldNeverShowPasswords() throws Exception {
    Configuration configuration = yaml(ONE_OF_EACH).load();
    assertThat(configuration.effective()).contains("worker").doesNotContain("xyzzy", "plugh");
    assertThat(configuration.config().toString())
        .contains("worker")
        .doesNotContain("xyzzy", "plugh");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x|takes a list of accounts",
        "[x]|an account is a mapping",
        "[{username: a, pasword: b}]|unknown key \"pasword\" in connmix.access.users; did you mean"
            + " \"password\"?",
        "[{username: a, password: b, roles: [admin]}]|roles: \"admin\" is not read or write",
        "[{username: a, password: b, host: example}]|host: \"example\" is not an address",
        "[{username: 'a:b', password: c}]|username: \"a:b\" has a colon",
        "[{password: b}]|an account with a password needs a username",
        "[{username: a}]|an account without a password needs a host",
        "[{username: a, username: b, password: c}]|username is there twice",
        "[{username: a, password: b}, {username: a, password: c}]|a is there twice for this host",
        "[{username: a, password: ''}]|password: has no value",
      })
  void shouldSayWhatIsWrong(String list, String problem) {
    assertThat(problems(list)).hasSize(1).first().asString().startsWith("f:1: ").contains(problem);
  }

  // --- a file of their own

  private static final Path FILE = Path.of("users.yaml");

  @Test
  void shouldTellNoPasswordThatWasNotQuoted() {
    assertThatThrownBy(() -> ConnmixAccountsFile.parse(FILE, "- {username: a, password: *xyzzy}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("xyzzy");
  }

  @Test
  void shouldReadThemFromAFile() {
    assertThat(ConnmixAccountsFile.parse(FILE, "- {username: a, password: b}\n- {host: '*'}\n"))
        .containsExactly(
            new ConnmixAccount("a", Optional.of("b"), true, true, HostPattern.ALL),
            new ConnmixAccount("", Optional.empty(), true, true, HostPattern.ALL));
    assertThat(ConnmixAccountsFile.parse(FILE, "[]")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|users.yaml: takes a list of accounts",
        "users: []|users.yaml: takes a list of accounts",
        "- [|users.yaml: not YAML: ",
        "- {username: a, password: xyzzy}\\n- {username: b}|users.yaml:2: an account without",
        "- {pasword: xyzzy}|users.yaml:1: unknown key \"pasword\"",
      })
  void shouldSayWhatIsWrongWithTheFile(String text, String problem) {
    assertThatThrownBy(() -> ConnmixAccountsFile.parse(FILE, text.replace("\\n", "\n")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(problem)
        .hasMessageNotContaining("xyzzy");
  }

  @Test
  void shouldTakeThemFromOnePlace() throws Exception {
    ConfigLoader both = yaml(ONE_OF_EACH).flag("connmix.access.file=users.yaml");
    assertThat(catchThrowableOfType(ConfigException.class, both::load).problems())
        .singleElement()
        .asString()
        .contains("connmix.access.users is set as well");

    ServerConfig.Connmix one =
        new ConfigLoader().flag("connmix.access.file=users.yaml").load().config().connmix();
    assertThat(one.usersFile()).contains(FILE);
    assertThat(one.usersReload()).isEqualTo(Duration.ofSeconds(10));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.5:6789, true",
    "broker.example:1, true",
    "[::1]:6789, true",
    "broker.example, false",
    "broker.example:0, false",
    "broker.example:70000, false",
    "http://broker.example:1, false",
    "user@broker.example:1, false",
    "::1:6789, false"
  })
  void shouldTakeAddressesOfTheApi(String address, boolean taken) {
    ConfigLoader loader = new ConfigLoader().flag("connmix.api.address=" + address);
    ConfigException refused = catchThrowableOfType(ConfigException.class, loader::load);
    assertThat(refused == null).isEqualTo(taken);
  }
}
