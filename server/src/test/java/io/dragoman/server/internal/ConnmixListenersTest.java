// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dragoman.gateway.connmix.client.ClientOptions;
import io.dragoman.gateway.connmix.client.ClientRules;
import io.dragoman.gateway.connmix.client.ClientRules.Action;
import io.dragoman.gateway.connmix.client.ClientRules.Auth;
import io.dragoman.gateway.connmix.client.ClientRules.Filter;
import io.dragoman.gateway.connmix.client.ClientRules.Gate;
import io.dragoman.gateway.connmix.client.ClientRules.Headers;
import io.dragoman.gateway.connmix.client.ClientRules.MessageType;
import io.dragoman.gateway.connmix.client.ClientRules.Payload;
import io.dragoman.gateway.connmix.client.ClientRules.Route;
import io.dragoman.gateway.connmix.client.ClientRules.Verb;
import io.dragoman.gateway.connmix.client.ClientRules.Verbs;
import io.dragoman.gateway.connmix.client.ClientRules.WhenFull;
import io.dragoman.gateway.connmix.client.ClientScript;
import io.dragoman.gateway.connmix.client.Framing;
import io.dragoman.gateway.connmix.client.Template;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The list under {@code connmix.clients}. */
final class ConnmixListenersTest {
  private static final String KEY = "a secret that is long enough for tests";

  private static ConfigLoader loader(String list) {
    return new ConfigLoader().yaml("connmix.clients: " + list, "f").flag("auth.jwt.secret=" + KEY);
  }

  private static List<ConnmixListener> read(String list) throws ConfigException {
    return loader(list).load().config().connmix().clients();
  }

  private static ConnmixListener one(String listener) throws ConfigException {
    return read("[" + listener + "]").get(0);
  }

  private static ClientRules rules(String listener) throws ConfigException {
    return one(listener).rules();
  }

  private static Route route(String topic) {
    return Route.to(Template.parse(topic));
  }

  // --- what there is

  @Test
  void shouldHaveOneUnlessToldOtherwise() throws Exception {
    for (String none : List.of("[]", "[{}]")) {
      ConnmixListener listener = read(none).get(0);
      assertThat(listener.port()).isEmpty();
      assertThat(listener.bind()).isEmpty();
      assertThat(listener.options()).isEqualTo(ClientOptions.DEFAULTS);
      assertThat(listener.rules()).isEqualTo(ClientRules.DEFAULTS);
      assertThat(listener.script()).isEmpty();
    }
  }

  @Test
  void shouldReadHowClientsAreTaken() throws Exception {
    ConnmixListener listener =
        one(
            "{port: 7000, bind: 127.0.0.1, path: /app, subprotocols: [a, b], maxMessage: 1KiB,"
                + " readTimeout: 90s, writeTimeout: 3s, pingInterval: 20s, sendQueue: 7,"
                + " slowConsumer: drop}");

    assertThat(listener.port()).isEqualTo(OptionalInt.of(7000));
    assertThat(listener.bind()).contains("127.0.0.1");
    assertThat(listener.options())
        .isEqualTo(
            new ClientOptions(
                ClientOptions.Protocol.WEBSOCKET,
                "/app",
                List.of("a", "b"),
                Optional.empty(),
                1024,
                90_000,
                3_000,
                20_000,
                7,
                ClientOptions.DEFAULTS.sendBufferBytes(),
                ClientOptions.SlowConsumer.DROP));
  }

  @ParameterizedTest
  @CsvSource({
    "line, LINE, 0",
    "JSONL, JSONL, 0",
    "length16, LENGTH16, 0",
    "length32, LENGTH32, 0",
    "fixed:1, FIXED, 1",
    "fixed:512, FIXED, 512"
  })
  void shouldReadFramings(String written, Framing.Kind kind, int size) throws Exception {
    ConnmixListener listener = one("{protocol: tcp, maxPacket: 512, framing: " + written + "}");

    assertThat(listener.options().protocol()).isEqualTo(ClientOptions.Protocol.TCP);
    assertThat(listener.options().framing()).contains(new Framing(kind, size, 512));
  }

  @Test
  void shouldTakeLinesOverTcpUnlessToldOtherwise() throws Exception {
    assertThat(one("{protocol: tcp}").options().framing())
        .contains(new Framing(Framing.Kind.LINE, 0, 65_535));
  }

  @Test
  void shouldReadWhoIsLetIn() throws Exception {
    assertThat(rules("{auth: {mode: none}}").auth()).isEqualTo(new Auth.None());
    assertThat(rules("{auth: {mode: http, url: 'http://a.example/b'}}").auth())
        .isEqualTo(new Auth.Http(URI.create("http://a.example/b"), 5_000, 256));
    assertThat(
            rules("{auth: {mode: http, url: 'https://a.example', timeout: 1s, maxCalls: 2}}")
                .auth())
        .isEqualTo(new Auth.Http(URI.create("https://a.example"), 1_000, 2));
    assertThat(rules("{auth: {mode: jwt}}").auth())
        .isEqualTo(new Auth.Jwt("token", "token", List.of()));
    assertThat(rules("{auth: {mode: jwt, query: q, cookie: c, claims: [sub, x]}}").auth())
        .isEqualTo(new Auth.Jwt("q", "c", List.of("sub", "x")));
    assertThat(rules("{auth: {mode: basic, users: {ann: secret, bob: '1'}}}").auth())
        .isEqualTo(new Auth.Basic(Map.of("ann", "secret", "bob", "1")));
    assertThat(rules("{auth: {mode: queue, key: uid}}").auth())
        .isEqualTo(new Auth.Queue("uid", 10_000));
    assertThat(rules("{auth: {mode: queue, key: uid, timeout: 2s}}").auth())
        .isEqualTo(new Auth.Queue("uid", 2_000));
  }

  @Test
  void shouldReadWhereEventsGo() throws Exception {
    ClientRules rules =
        rules(
            "{events: {open: life, close: {topic: none}, ping: [pings],"
                + " message: [{topic: 'a-{query.b}', when: {type: binary, /op: go, /n: 7},"
                + " payload: full, headers: first, context: [uid]}, {topic: rest,"
                + " headers: always}]}, full: drop-oldest, topicSize: 9, maxTopics: 8}");

    assertThat(rules.onOpen()).containsExactly(route("life"));
    assertThat(rules.onPing()).containsExactly(route("pings"));
    assertThat(rules.onClose()).hasSize(1);
    assertThat(rules.onClose().get(0).topic()).isEmpty();
    assertThat(rules.onMessage())
        .containsExactly(
            new Route(
                Optional.of(Template.parse("a-{query.b}")),
                new Filter(MessageType.BINARY, Map.of("/op", "go", "/n", "7")),
                Payload.FULL,
                Headers.FIRST,
                Optional.of(List.of("uid"))),
            new Route(
                Optional.of(Template.parse("rest")),
                Filter.ALL,
                Payload.FRAME,
                Headers.ALWAYS,
                Optional.empty()));
    assertThat(rules.full()).isEqualTo(WhenFull.DROP_OLDEST);
    assertThat(rules.topicSize()).isEqualTo(9);
    assertThat(rules.topicsMax()).isEqualTo(8);
  }

  @Test
  void shouldReadWhatClientsDoThemselves() throws Exception {
    ClientRules rules =
        rules(
            "{context: {a: '{claim.sub}'}, subscribe: ['u:{ctx.uid}', all], textPing: off,"
                + " verbPointer: /do/it, verbs: {join: {does: subscribe},"
                + " tell: {does: publish, channel: c, data: d, allow: ['x:*'],"
                + " requireContext: uid}},"
                + " awaitContext: {when: {/op: auth}, key: uid, timeout: 3s}}");

    assertThat(rules.context()).isEqualTo(Map.of("a", Template.parse("{claim.sub}")));
    assertThat(rules.subscribe())
        .containsExactly(Template.parse("u:{ctx.uid}"), Template.parse("all"));
    assertThat(rules.textPing()).isFalse();
    assertThat(rules.verbs())
        .isEqualTo(
            new Verbs(
                "/do/it",
                Map.of(
                    "join",
                    new Verb(
                        Action.SUBSCRIBE,
                        Template.parse("{message.channel}"),
                        Template.parse("{message.data}"),
                        List.of(),
                        Optional.empty()),
                    "tell",
                    new Verb(
                        Action.PUBLISH,
                        Template.parse("c"),
                        Template.parse("d"),
                        List.of(Template.parse("x:*")),
                        Optional.of("uid")))));
    assertThat(rules.gate())
        .contains(new Gate(new Filter(MessageType.ANY, Map.of("/op", "auth")), "uid", 3_000));
  }

  @Test
  void shouldReadScripts() throws Exception {
    ConnmixListener listener =
        one(
            "{protocol: tcp, maxPacket: 1KiB, entry: a.lua, byteCodeExpires: 0s,"
                + " options: {b: c}, topicSize: 5, maxTopics: 6, textPing: false}");

    assertThat(listener.script())
        .contains(new ClientScript(Path.of("a.lua"), 0, Map.of("b", "c"), 5, 6, false));
    assertThat(listener.options().framing().orElseThrow().packetBytesMax()).isEqualTo(1024);
  }

  /** What may be a secret is not shown, and the rest is. */
  @Test
  void shouldNotShowSecrets() throws Exception {
    Configuration configuration =
        loader(
                "[{auth: {mode: basic, users: {ann: xyzzy}}},"
                    + " {port: 1, entry: a.lua, options: {key: plugh}}]")
            .load();
    assertThat(configuration.effective())
        .contains("basic", "a.lua")
        .doesNotContain("xyzzy", "plugh");
    assertThat(configuration.config().toString()).doesNotContain("xyzzy");
  }

  // --- what is wrong

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x|takes a list of listeners",
        "{port: 1}|takes a list of listeners",
        "[x]|connmix.clients is a mapping of keys to values",
        "[{prot: 1}]|unknown key \"prot\" in connmix.clients; did you mean \"port\"?",
        "[{port: off}]|a listener has a port",
        "[{port: 70000}]|port: \"70000\" is not a port",
        "[{port: 1, port: 2}]|port is there twice",
        "[{}, {path: /other}]|only one of the listeners can do without a port of its own",
        "[{port: 7000}, {port: 7000}]|7000 is also the port of connmix.clients",
        "[{port: 6789}]|6789 is also the port of connmix.api.port",
        "[{bind: '[::1'}]|\"[::1\" is not an address of any host",
        "[{bind: 0.0.0.0}]|0.0.0.0 can be reached from other machines",
        "[{protocol: udp}]|protocol: \"udp\" is not websocket or tcp",
        "[{path: chat}]|path: \"chat\" does not begin with a slash",
        "[{maxMessage: 0}]|maxMessage: \"0\" is not a size",
        "[{maxMessage: 1TiB}]|maxMessage: \"1TiB\" is not a size",
        "[{readTimeout: 1ms}]|readTimeout: \"1ms\" is not a duration",
        "[{pingInterval: 30}]|pingInterval: \"30\" is not a duration",
        "[{sendQueue: 0}]|sendQueue: \"0\" is not a number from 1",
        "[{slowConsumer: wait}]|slowConsumer: \"wait\" is not close or drop",
        "[{framing: line}]|framing and maxPacket are for protocol tcp",
        "[{maxPacket: 10}]|framing and maxPacket are for protocol tcp",
        "[{protocol: tcp, framing: lines}]|framing: \"lines\" is not line, jsonl",
        "[{protocol: tcp, framing: 'fixed:0'}]|framing: \"fixed:0\" is not line, jsonl",
        "[{protocol: tcp, framing: 'fixed:x'}]|framing: \"fixed:x\" is not line, jsonl",
        "[{protocol: tcp, framing: 'fixed:-1'}]|framing: \"fixed:-1\" is not line, jsonl",
        "[{protocol: tcp, framing: fixed}]|framing: \"fixed\" is not line, jsonl",
        "[{protocol: tcp, framing: 'fixed:11', maxPacket: 10}]|framing: \"fixed:11\" is not line",
        "[{auth: jwt}]|auth is a mapping of keys to values",
        "[{auth: {mode: oauth}}]|mode: \"oauth\" is not none or http or jwt or basic or queue",
        "[{auth: {mode: http}}]|auth needs url",
        "[{auth: {mode: http, url: 'ftp://a'}}]|url: \"ftp://a\" is not an http or https URL",
        "[{auth: {mode: http, url: 'http://a', maxCalls: 0}}]|maxCalls: \"0\" is not a number",
        "[{auth: {mode: basic}}]|auth.mode basic needs users",
        "[{auth: {mode: basic, users: {}}}]|auth.mode basic needs users",
        "[{auth: {mode: queue}}]|auth needs key",
        "[{auth: {mode: queue, key: a, url: 'http://a'}}]|unknown key \"url\" in auth",
        "[{protocol: tcp, auth: {mode: jwt}}]|clients over tcp send no headers",
        "[{protocol: tcp, auth: {mode: basic, users: {a: b}}}]|clients over tcp send no headers",
        "[{context: {a: '{b}'}}]|a: {b} is none of {query.",
        "[{context: {a: '{query.'}}]|a: a { without }",
        "[{context: {[a]: b}}]|a key is a word",
        "[{context: &a {b: *a}}]|b: takes a single value",
        "[{subscribe: ['{ctx.}']}]|subscribe: {ctx.} is none of",
        "[{subscribe: ['{remote_addr.x}']}]|subscribe: {remote_addr.x} is none of",
        "[{events: chat}]|events is a mapping of keys to values",
        "[{events: {messages: a}}]|unknown key \"messages\" in events; did you mean \"message\"?",
        "[{events: {message: {when: {type: text}}}}]|a route needs topic, which may be none",
        "[{events: {message: '{a}'}}]|topic: {a} is none of",
        "[{events: {message: {topic: a, when: {op: b}}}}]|op is neither type nor a JSON pointer",
        "[{events: {message: {topic: a, when: {type: json}}}}]|type: \"json\" is not any or text",
        "[{events: {message: {topic: a, payload: all}}}]|payload: \"all\" is not frame or full",
        "[{events: {message: {topic: a, headers: once}}}]|headers: \"once\" is not never or first",
        "[{full: wait}]|full: \"wait\" is not error or close or block or drop-oldest",
        "[{topicSize: 0}]|topicSize: \"0\" is not a number from 1",
        "[{maxTopics: 0}]|maxTopics: \"0\" is not a number from 1",
        "[{textPing: maybe}]|textPing: \"maybe\" is not true or false",
        "[{verbPointer: op}]|verbPointer: \"op\" does not begin with a slash",
        "[{verbs: [join]}]|verbs is a mapping of keys to values",
        "[{verbs: {join: {channel: a}}}]|verb join needs does",
        "[{verbs: {join: {does: jump}}}]|does: \"jump\" is not subscribe or unsubscribe",
        "[{verbs: {join: {does: ping, permit: a}}}]|unknown key \"permit\" in verb join",
        "[{verbs: {join: {does: publish, data: '{x}'}}}]|data: {x} is none of",
        "[{awaitContext: {timeout: 1s}}]|awaitContext needs key",
        "[{awaitContext: {key: a, timeout: 4h}}]|timeout: \"4h\" is not a duration",
        "[{byteCodeExpires: 1s}]|byteCodeExpires is for a listener with entry",
        "[{options: {a: b}}]|options is for a listener with entry",
        "[{entry: a.lua, auth: {mode: none}}]|auth is not for a listener with entry",
        "[{entry: a.lua, verbs: {}}]|verbs is not for a listener with entry",
        "[{entry: a.lua, options: [a]}]|options is a mapping of keys to values",
        "[{entry: a.lua, byteCodeExpires: 2d}]|byteCodeExpires: \"2d\" is not a duration"
      })
  void shouldSayWhatIsWrong(String list, String problem) {
    ConfigLoader loader = loader(list);

    List<String> problems = catchThrowableOfType(ConfigException.class, loader::load).problems();

    assertThat(problems).hasSize(1).first().asString().startsWith("f:1: ").contains(problem);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[{auth: {mode: jwt}}]", "[{port: 1}, {auth: {mode: jwt}}]"})
  void shouldNeedAKeyForTokens(String list) {
    ConfigLoader loader = new ConfigLoader().yaml("connmix.clients: " + list, "f");
    assertThat(catchThrowableOfType(ConfigException.class, loader::load).problems())
        .singleElement()
        .asString()
        .contains("auth.mode jwt needs a key");
  }
}
