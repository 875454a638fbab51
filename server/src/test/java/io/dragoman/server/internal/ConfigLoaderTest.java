// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dragoman.core.Kind;
import io.dragoman.core.spi.Durability;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigLoaderTest {

  private static List<String> problems(ConfigLoader loader) {
    return catchThrowableOfType(ConfigException.class, loader::load).problems();
  }

  private static ServerConfig load(ConfigLoader loader) throws ConfigException {
    return loader.load().config();
  }

  private static ConfigLoader yaml(String text) {
    return new ConfigLoader().yaml(text, "dragoman.yaml");
  }

  // --- Faults ---

  static Stream<Arguments> faults() {
    return Stream.of(
        Arguments.of(
            "log:\n  retension:\n    age: 7d\n",
            "dragoman.yaml:2: unknown key \"retension\" in log; did you mean \"retention\"?"),
        Arguments.of(
            "log.retension.age: 7d",
            "dragoman.yaml:1: unknown key \"log.retension.age\"; did you mean"
                + " \"log.retention.age\"?"),
        Arguments.of("zebra: 1", "dragoman.yaml:1: unknown key \"zebra\""),
        Arguments.of(
            "\n\ndurabilty: sync",
            "dragoman.yaml:3: unknown key \"durabilty\"; did you mean \"durability\"?"),
        Arguments.of(
            "cacheTtlUnit: seconds",
            "dragoman.yaml:1: unknown key \"cacheTtlUnit\"; did you mean \"kubemq.cacheTtlUnit\"?"),
        Arguments.of(
            "http:\n  port: 70000",
            "dragoman.yaml:2: http.port: \"70000\" is not a port: a number from 0 (any free port)"
                + " to 65535, or off"),
        Arguments.of(
            "http:\n  port: [1, 2]",
            "dragoman.yaml:2: http.port: takes a single value: a port: a number from 0 (any free"
                + " port) to 65535, or off"),
        Arguments.of(
            "http:\n  port:",
            "dragoman.yaml:2: http.port: has no value; it takes a port: a number from 0 (any free"
                + " port) to 65535, or off"),
        Arguments.of(
            "durability: soon", "dragoman.yaml:1: durability: \"soon\" is not sync or async"),
        Arguments.of(
            "drain.grace: 10",
            "dragoman.yaml:1: drain.grace: \"10\" is not a duration from 0s to 1h, such as 500ms,"
                + " 10s or 7d"),
        Arguments.of(
            "queue.maxWait: 1500ms",
            "dragoman.yaml:1: queue.maxWait: \"1500ms\" is not a duration in whole seconds, such as"
                + " 30s or 12h"),
        Arguments.of(
            "limits.messageBytes: 12 parsecs",
            "dragoman.yaml:1: limits.messageBytes: \"12 parsecs\" is not a size from 1KiB to 1GiB,"
                + " such as 64MiB"),
        Arguments.of("http: 8080", "dragoman.yaml:1: http is a section, with keys of its own"),
        Arguments.of(
            "http:\n  port: 1\nhttp.port: 2",
            "dragoman.yaml:3: http.port is there twice, first at dragoman.yaml:2"),
        Arguments.of("[1, 2]: x\n", "dragoman.yaml:1: a key is a word"),
        Arguments.of("- a\n- b", "dragoman.yaml:1: a configuration is a mapping of keys to values"),
        Arguments.of(
            "http:\n\tport: 1",
            "dragoman.yaml:2: not YAML: found character '\\t(TAB)' that cannot start any token. (Do"
                + " not use \\t(TAB) for indentation)"),
        Arguments.of(
            "a: [1", "dragoman.yaml:1: not YAML: expected ',' or ']', but got <stream end>"),
        Arguments.of(
            "engine: nats",
            "dragoman.yaml:1: engine: nats is not available in this version; use embedded"),
        Arguments.of(
            "http.port: 9000\nkubemq.rest.port: 9000",
            "dragoman.yaml:2: kubemq.rest.port: 9000 is also the port of http.port"),
        Arguments.of(
            "queue.defaultWait: 2h",
            "dragoman.yaml:1: queue.defaultWait: 2h is more than queue.maxWait, which is 1h"),
        Arguments.of(
            "limits.messageBytes: 1GiB",
            "limits.bodiesInFlightBytes: one message of limits.messageBytes needs up to 1.3 GiB as"
                + " JSON"),
        Arguments.of(
            "connmix.api.frameBytes: 512MiB",
            "dragoman.yaml:1: connmix.api.frameBytes: 512MiB is more than"
                + " limits.bodiesInFlightBytes, which is 256MiB"),
        Arguments.of(
            "bind: 0.0.0.0",
            "dragoman.yaml:1: bind: listeners on 0.0.0.0 can be reached from other machines, and"
                + " auth.enabled is not set: set it to false to let everybody in, or bind to"
                + " localhost"),
        Arguments.of(
            "channels: [{kind: queue, nam: x}]",
            "dragoman.yaml:1: unknown key \"nam\" in channels; did you mean \"name\"?"),
        Arguments.of(
            "channels:\n  - kind: queue\n    name: x\n    retentionAge: 1d",
            "dragoman.yaml:4: retentionAge is only for channels of kind log"),
        Arguments.of("channels:\n  - name: x", "dragoman.yaml:2: an entry needs kind"),
        Arguments.of(
            "channels:\n  - kind: log\n    name: a*b",
            "dragoman.yaml:3: name: * may only be at the end: \"a*b\""),
        Arguments.of(
            "channels:\n  - kind: events\n    name: x",
            "dragoman.yaml:2: kind: \"events\" is not log or queue"),
        Arguments.of(
            "channels:\n  - {kind: log, name: x}\n  - {kind: log, name: x}",
            "dragoman.yaml:3: x is there twice for this kind"),
        Arguments.of(
            "channels:\n  - orders",
            "dragoman.yaml:2: an entry is a mapping with kind, name and what is different"),
        Arguments.of(
            "channels: {}",
            "dragoman.yaml:1: channels: takes a list of channels, each with kind and name"));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void shouldSayWhereAndWhatIsWrong(String text, String problem) {
    // when
    List<String> problems = problems(yaml(text));

    // then
    assertThat(problems).contains(problem);
  }

  @Test
  void shouldReportAllFaultsOfAllSourcesAtOnce() {
    // given
    ConfigLoader loader =
        yaml("engine: punchcards\nhttp:\n  prot: 1\n")
            .environment(Map.of("DRAGOMAN_DATADIR", "/x", "DRAGOMAN_HTTP_PORT", "many"))
            .flag("bind")
            .flag("htp.port=1");

    // when
    List<String> problems = problems(loader);

    // then
    assertThat(problems)
        .containsExactly(
            "dragoman.yaml:1: engine: \"punchcards\" is not embedded or nats",
            "dragoman.yaml:3: unknown key \"prot\" in http; did you mean \"port\"?",
            "DRAGOMAN_DATADIR: unknown variable; did you mean DRAGOMAN_DATA_DIR?",
            "DRAGOMAN_HTTP_PORT: \"many\" is not a port: a number from 0 (any free port) to 65535,"
                + " or off",
            "--set bind: takes key=value, such as --set http.port=8081",
            "--set htp.port: unknown key \"htp.port\"; did you mean \"http.port\"?");
  }

  @Test
  void shouldReportFilesThatCannotBeRead(@TempDir Path directory) throws Exception {
    // given
    Path binary = Files.write(directory.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe});
    Path missing = directory.resolve("missing");
    Path large = Files.write(directory.resolve("large"), new byte[2 << 20]);

    // when
    List<String> problems =
        problems(new ConfigLoader().file(binary).file(missing).file(large).file(directory));

    // then
    assertThat(problems)
        .hasSize(4)
        .startsWith(
            binary + ": is not UTF-8 text",
            missing + ": there is no such file",
            large + ": is larger than 1MiB");
  }

  @Test
  void shouldSurviveTextsThatAreMeantToHarm() {
    // given
    StringBuilder bomb = new StringBuilder("a0: &a0 [x]\n");
    for (int i = 1; i < 60; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    String deep = "channels: " + "[".repeat(1000) + "]".repeat(1000);
    String recursive = "http: &h\n  http: *h\n";

    // when
    List<String> bombProblems = problems(yaml(bomb.toString()));
    List<String> deepProblems = problems(yaml(deep));
    List<String> recursiveProblems = problems(yaml(recursive));

    // then
    assertThat(bombProblems).hasSize(1).first().asString().contains("not YAML");
    assertThat(deepProblems).hasSize(1).first().asString().contains("not YAML");
    assertThat(recursiveProblems).hasSize(1).first().asString().contains("unknown key");
  }

  @Test
  void shouldNotMakeObjectsOfTags() {
    // when
    List<String> problems = problems(yaml("node: !!javax.script.ScriptEngineManager [x]"));

    // then
    assertThat(problems)
        .containsExactly(
            "dragoman.yaml:1: not YAML: Global tag is not allowed:"
                + " tag:yaml.org,2002:javax.script.ScriptEngineManager");
  }

  // --- Sources ---

  @Test
  void shouldPreferFlagToEnvironmentToFileToDefault() throws Exception {
    // given
    ConfigLoader loader =
        new ConfigLoader()
            .flag("http.port=1")
            .environment(Map.of("DRAGOMAN_HTTP_PORT", "2", "DRAGOMAN_KUBEMQ_REST_PORT", "3"))
            .yaml("http.port: 4\nkubemq.rest.port: 5\nconnmix.api.port: 6", "f");

    // when
    ServerConfig config = load(loader);

    // then
    assertThat(config.listener(ListenerName.HTTP).port()).hasValue(1);
    assertThat(config.listener(ListenerName.KUBEMQ_REST).port()).hasValue(3);
    assertThat(config.listener(ListenerName.CONNMIX_API).port()).hasValue(6);
    assertThat(config.listener(ListenerName.CONNMIX_CENTER).port()).hasValue(6787);
    assertThat(config.listener(ListenerName.EVENTHUB).port()).isEqualTo(OptionalInt.empty());
    assertThat(config.listener(ListenerName.CONNMIX_API).explicit()).isTrue();
    assertThat(config.listener(ListenerName.CONNMIX_CENTER).explicit()).isFalse();
  }

  @Test
  void shouldTakeTheLastOfTwoFlags() throws Exception {
    // when
    ServerConfig config = load(new ConfigLoader().flag("http.port=1").flag("http.port=off"));

    // then
    assertThat(config.listener(ListenerName.HTTP).port()).isEmpty();
  }

  @Test
  void shouldBeTheSameFromEverySource() throws Exception {
    // given
    String channels = "[{kind: queue, name: 'a*', maxReceiveCount: 3, deadLetterQueue: dead}]";
    ConfigLoader file =
        yaml(
            """
            durability: async
            durability.asyncSyncMillis: 20
            log:
              retention: {age: 30d, bytes: 10GiB}
            http:
              allowedOrigins: [https://a.example, https://b.example]
              port: off
            channels:
              - kind: queue
                name: a*
                maxReceiveCount: 3
                deadLetterQueue: dead
            """);
    ConfigLoader environment =
        new ConfigLoader()
            .environment(
                Map.of(
                    "DRAGOMAN_DURABILITY", "async",
                    "DRAGOMAN_DURABILITY_ASYNC_SYNC_MILLIS", "20",
                    "DRAGOMAN_LOG_RETENTION_AGE", "30d",
                    "DRAGOMAN_LOG_RETENTION_BYTES", "10 GiB",
                    "DRAGOMAN_HTTP_ALLOWED_ORIGINS", "https://a.example, https://b.example",
                    "DRAGOMAN_HTTP_PORT", "off",
                    "DRAGOMAN_CHANNELS", channels));
    ConfigLoader flags =
        new ConfigLoader()
            .flag("durability=async")
            .flag("durability.asyncSyncMillis=20")
            .flag("log.retention.age=720h")
            .flag("log.retention.bytes=10240MiB")
            .flag("http.allowedOrigins=https://a.example,https://b.example")
            .flag("http.port=OFF")
            .flag("channels=" + channels);

    // when
    ServerConfig config = load(file);

    // then
    assertThat(load(environment)).isEqualTo(config);
    assertThat(load(flags)).isEqualTo(config);
    assertThat(config.durability()).isEqualTo(Durability.ASYNC);
    assertThat(config.logRetention().age()).isEqualTo(Duration.ofDays(30));
    assertThat(config.channels()).hasSize(1).first().returns(Kind.QUEUE, ChannelOverride::kind);
  }

  @Test
  void shouldReadBackWhatItShows() throws Exception {
    // given
    Configuration configuration =
        yaml("""
        data.dir: /var/lib/it's here
        http.allowedOrigins: ['*', https://b.example]
        auth.enabled: false
        channels:
          - {kind: log, name: 'it''s.*', durability: async, retentionCount: unlimited}
        """)
            .load();

    // when
    ServerConfig again = load(yaml(configuration.effective()));

    // then
    assertThat(again)
        .usingRecursiveComparison()
        .ignoringFields("listeners")
        .isEqualTo(configuration.config());
    assertThat(again.dataDir()).isEqualTo(Path.of("/var/lib/it's here"));
  }

  @Test
  void shouldNeverShowSecrets() throws Exception {
    // given
    ConfigLoader loader =
        new ConfigLoader()
            .environment(Map.of("DRAGOMAN_AUTH_JWT_SECRET", "hunter2"))
            .flag("nats.servers=nats://user:hunter3@host:4222")
            .flag(
                "connmix.clients=[{tls: {certificate: c.pem, key: k.pem, keyPassword: hunter4}}]");

    // when
    String shown = loader.load().effective();

    // then
    assertThat(shown)
        .doesNotContain("hunter")
        .contains("auth.jwt.secret: '********'  # DRAGOMAN_AUTH_JWT_SECRET")
        .contains("nats://********@host:4222")
        .contains("keyPassword: '********'");
  }

  @Test
  void shouldSayWhereEachValueWasSet() throws Exception {
    // when
    String shown = yaml("http.port: 1").flag("kubemq.rest.port=2").load().effective();

    // then
    assertThat(shown)
        .contains("http.port: 1  # dragoman.yaml:1\n")
        .contains("kubemq.rest.port: 2  # --set kubemq.rest.port\n")
        .contains("durability: sync\n")
        .contains("# auth.enabled: (unset)\n");
  }

  @Test
  void shouldAcceptAFileWhoseSectionsAreEmpty() throws Exception {
    // when
    ServerConfig config = load(yaml("http:\n# port: 1\nlog:\n"));

    // then
    assertThat(config).isEqualTo(load(yaml("")));
  }

  // --- The environment ---

  @Test
  void shouldGiveEverySettingItsOwnVariable() {
    assertThat(Settings.all().stream().map(Setting::variable))
        .doesNotHaveDuplicates()
        .contains("DRAGOMAN_KUBEMQ_REST_PORT", "DRAGOMAN_DURABILITY_ASYNC_SYNC_MILLIS")
        .allMatch(name -> name.matches("DRAGOMAN(_[A-Z]+)+"));
  }

  @Test
  void shouldIgnoreVariablesThatNobodyWroteForUs() throws Exception {
    // given
    Map<String, String> environment =
        Map.of(
            "DRAGOMAN_JAVA_OPTS", "-Xmx1g",
            "DRAGOMAN_SERVICE_HOST", "10.0.0.1",
            "DRAGOMAN_SERVICE_PORT_HTTP", "8080",
            "DRAGOMAN_PORT", "tcp://10.0.0.1:8080",
            "DRAGOMAN_PORT_8080_TCP", "tcp://10.0.0.1:8080",
            "DRAGOMAN_HEADLESS_SERVICE_HOST", "10.0.0.1",
            "DRAGOMAN_HTTP_PORT", "tcp://10.0.0.1:8080",
            "DRAGOMAN_BIND", "");

    // when
    ServerConfig config = load(new ConfigLoader().environment(environment));

    // then
    assertThat(config).isEqualTo(load(new ConfigLoader()));
  }

  @Test
  void shouldListForeignVariablesAndUseTheOneThatMeansSomething() throws Exception {
    // given
    Map<String, String> environment =
        Map.of(
            "KUBEMQ_TOKEN", "secret-token",
            "KUBEMQ_HOST", "node-7",
            "LISTEN_PORT", "1",
            "SSL_LISTEN_PORT", "3",
            "JWT_SECRET", "secret-too",
            "REST_PORT", "2",
            "HOME", "/root");

    // when
    Configuration configuration = new ConfigLoader().environment(environment).load();

    // then
    assertThat(configuration.config().nodeName()).contains("node-7");
    assertThat(configuration.foreignVariables())
        .containsExactly(
            "JWT_SECRET: the secret of tokens, unless auth.jwt.secret is set",
            "KUBEMQ_HOST: the node's name, unless node.name is set",
            "KUBEMQ_TOKEN: ignored",
            "LISTEN_PORT: eventhub.port, unless that is set or another listener has that port;"
                + " while no tokens are required, not for web pages of other origins",
            "REST_PORT: ignored; here it is kubemq.rest.port",
            "SSL_LISTEN_PORT: Eventhub's; not used in this version");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldReadWhatEventhubsUsersSetInEitherCase(boolean upper) throws Exception {
    // given
    Map<String, String> environment = new HashMap<>();
    Map.of(
            "LISTEN_PORT", "9099",
            "ENABLE_CACHE", "0",
            "ENABLE_KVSTORE", "FALSE",
            "ENABLE_SSE", "false",
            "MAX_CACHE_REQUEST_LIMIT", "7",
            "PING_INTERVAL", "12",
            "HANDSHAKE_TIMEOUT", "5")
        .forEach(
            (name, value) -> environment.put(upper ? name : name.toLowerCase(Locale.ROOT), value));

    // when
    Configuration configuration = new ConfigLoader().environment(environment).load();

    // then
    ServerConfig config = configuration.config();
    assertThat(config.listener(ListenerName.EVENTHUB).port()).hasValue(9099);
    assertThat(config.listener(ListenerName.EVENTHUB).foreign()).isTrue();
    assertThat(config.eventhub().eventLog()).isFalse();
    assertThat(config.eventhub().keyValues()).isFalse();
    assertThat(config.eventhub().sse()).isFalse();
    assertThat(config.eventhub().historyMax()).isEqualTo(7);
    assertThat(config.eventhub().pingInterval()).isEqualTo(Duration.ofSeconds(12));
    assertThat(config.eventhub().handshakeTimeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(configuration.foreignVariables())
        .hasSize(7)
        .allMatch(line -> line.contains(": eventhub.") && line.contains(", unless that is set"));
  }

  @Test
  void shouldPreferOurSettingsToEventhubsVariables() throws Exception {
    // when
    ServerConfig config =
        load(
            yaml("eventhub: {sse: true, port: off}")
                .environment(Map.of("ENABLE_SSE", "0", "LISTEN_PORT", "9099")));

    // then
    assertThat(config.eventhub().sse()).isTrue();
    assertThat(config.listener(ListenerName.EVENTHUB).port()).isEmpty();
  }

  @Test
  void shouldNotBeStoppedByEventhubsVariablesThatCannotBeUsed() throws Exception {
    // given
    Map<String, String> environment =
        Map.of(
            "LISTEN_PORT", "tcp://10.0.0.1:80",
            "ENABLE_CACHE", "maybe",
            "MAX_CACHE_REQUEST_LIMIT", "0",
            "PING_INTERVAL", "30000",
            "DEFAULT_CACHE_TTL", "60");

    // when
    Configuration configuration = new ConfigLoader().environment(environment).load();

    // then
    assertThat(configuration.config()).isEqualTo(load(new ConfigLoader()));
    assertThat(configuration.foreignVariables())
        .hasSize(5)
        .contains("DEFAULT_CACHE_TTL: ignored; here it is eventhub.defaultTtl")
        .allMatch(line -> line.contains(": ignored; "));
  }

  @Test
  void shouldServeEventhubsUsersOnHttpWhereThatHasTheirPort() throws Exception {
    // when
    ServerConfig config = load(new ConfigLoader().environment(Map.of("LISTEN_PORT", "8080")));

    // then
    assertThat(config).isEqualTo(load(new ConfigLoader()));
  }

  @Test
  void shouldPreferOurNodeNameToTheForeignOne() throws Exception {
    // when
    ServerConfig config =
        load(yaml("node.name: ours").environment(Map.of("KUBEMQ_HOST", "theirs")));

    // then
    assertThat(config.nodeName()).contains("ours");
  }

  // --- Who may connect ---

  @Test
  void shouldTakeEventhubsSecretInEitherCaseUnlessThereIsOurs() throws Exception {
    for (String name : List.of("JWT_SECRET", "jwt_secret")) {
      ConfigLoader theirs = new ConfigLoader().environment(Map.of(name, "s3"));
      assertThat(theirs.load().config().jwt().secret()).contains("s3");
      assertThat(theirs.load().config().authEnabled()).isEmpty();
      assertThat(theirs.load().effective()).doesNotContain("s3");
      assertThat(theirs.load().foreignVariables())
          .containsExactly(name + ": the secret of tokens, unless auth.jwt.secret is set");
    }
    assertThat(
            load(yaml("auth.jwt.secret: ours").environment(Map.of("JWT_SECRET", "theirs")))
                .jwt()
                .secret())
        .contains("ours");
  }

  @Test
  void shouldFollowEventhubsWordOnTokensWhereThatIsPossible() throws Exception {
    assertThat(disableAuth("true").authEnabled()).contains(false);
    assertThat(
            load(yaml("bind: 0.0.0.0").environment(Map.of("DISABLE_AUTH", "1", "JWT_SECRET", "s")))
                .authEnabled())
        .contains(false);
    // There is no key.
    assertThat(disableAuth("0").authEnabled()).isEmpty();
    assertThat(disableAuth("maybe").authEnabled()).isEmpty();
    assertThat(
            load(new ConfigLoader().environment(Map.of("DISABLE_AUTH", "false", "JWT_SECRET", "s")))
                .authEnabled())
        .contains(true);
    assertThat(
            load(yaml("auth: {enabled: true, jwt.secret: s}")
                    .environment(Map.of("DISABLE_AUTH", "true")))
                .authEnabled())
        .contains(true);
  }

  private ServerConfig disableAuth(String value) throws ConfigException {
    return load(new ConfigLoader().environment(Map.of("disable_auth", value)));
  }

  @Test
  void shouldRefuseToRequireTokensWithoutAKey() {
    assertThat(problems(yaml("auth.enabled: true")))
        .containsExactly(
            "dragoman.yaml:1: auth.enabled: tokens are required, and there is no key to verify"
                + " them with: set auth.jwt.secret or auth.jwt.keys");
    assertThat(problems(yaml("auth.jwt.algorithms: [none]"))).hasSize(1);
    assertThat(problems(yaml("kubemq.policy: {file: a, data: '[]'}"))).hasSize(1);
  }

  @Test
  void shouldAllowAnyAddressOnceAccessIsDecided() throws Exception {
    assertThat(load(yaml("bind: 0.0.0.0\nauth.enabled: false")).authEnabled()).contains(false);
    assertThat(load(yaml("bind: 0.0.0.0\nauth: {enabled: true, jwt.secret: s}")).authEnabled())
        .contains(true);
    assertThat(load(yaml("bind: 127.0.0.2")).authEnabled()).isEmpty();
    assertThat(load(yaml("bind: '::1'")).authEnabled()).isEmpty();
  }
}
