// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dragoman.gateway.connmix.client.RedisServer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The list under {@code connmix.redis}. */
final class ConnmixRedisTest {

  private static final String SEVERAL =
      """
      connmix:
        redis:
          - {}
          - name: sessions
            addr: "[::1]:7000"
            username: scripts
            password: "xyzzy: 1"
            db: 3
            poolSize: 2
            idleTimeout: 90s
            timeout: 250ms
      """;

  private static ConfigLoader yaml(String text) {
    return new ConfigLoader().yaml(text, "f");
  }

  private static List<RedisServer> servers(ConfigLoader loader) throws ConfigException {
    return loader.load().config().connmix().redis();
  }

  @Test
  void shouldReadSeveral() throws Exception {
    assertThat(servers(yaml(SEVERAL)))
        .containsExactly(
            new RedisServer(
                "default",
                "localhost",
                6379,
                Optional.empty(),
                Optional.empty(),
                0,
                20,
                300_000,
                5_000),
            new RedisServer(
                "sessions",
                "[::1]",
                7000,
                Optional.of("scripts"),
                Optional.of("xyzzy: 1"),
                3,
                2,
                90_000,
                250));
  }

  @Test
  void shouldHaveNoneUnlessConfigured() throws Exception {
    assertThat(servers(new ConfigLoader())).isEmpty();
  }

  @Test
  void shouldReadWhatItShows() throws Exception {
    String shown = yaml("connmix.redis: [{name: 'it''s', addr: 'r.example:1'}]").load().effective();
    assertThat(servers(yaml(shown)))
        .isEqualTo(servers(yaml("connmix.redis: [{name: \"it's\", addr: 'r.example:1'}]")));
  }

  @Test
  void shouldNeverShowPasswords() throws Exception {
    Configuration configuration = yaml(SEVERAL).load();
    assertThat(configuration.effective())
        .contains("sessions", "password: '********'")
        .doesNotContain("xyzzy");
    assertThat(configuration.config().toString()).contains("sessions").doesNotContain("xyzzy");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x|takes a list, each with name, addr",
        "[x]|connmix.redis is a mapping of keys to values",
        "[{adr: 'a:1'}]|unknown key \"adr\" in connmix.redis; did you mean \"addr\"?",
        "[{addr: localhost}]|addr: \"localhost\" is not a host and port",
        "[{db: -1}]|db: \"-1\" is not a number from 0 to",
        "[{poolSize: 0}]|poolSize: \"0\" is not a number from 1 to 256",
        "[{timeout: 5}]|timeout: \"5\" is not a duration",
        "[{idleTimeout: 1ms}]|idleTimeout: \"1ms\" is not a duration from 1s",
        "[{password: ''}]|password: has no value",
        "[{username: a}]|a username needs a password",
        "[{minIdleConns: 10}]|unknown key \"minIdleConns\" in connmix.redis",
        "[{}, {addr: 'a:1'}]|the name default is there twice",
      })
  void shouldSayWhatIsWrong(String list, String problem) {
    ConfigLoader loader = yaml("connmix.redis: " + list);
    List<String> problems = catchThrowableOfType(ConfigException.class, loader::load).problems();
    assertThat(problems).hasSize(1).first().asString().startsWith("f:1: ").contains(problem);
  }
}
