// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import io.dragoman.gateway.connmix.client.ClientOptions;
import io.dragoman.gateway.connmix.client.ClientOptions.Protocol;
import io.dragoman.gateway.connmix.client.ClientOptions.SlowConsumer;
import io.dragoman.gateway.connmix.client.ClientRules;
import io.dragoman.gateway.connmix.client.ClientScript;
import io.dragoman.gateway.connmix.client.Framing;
import io.dragoman.transport.TlsFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.StringJoiner;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Reads the list under {@code connmix.clients}. Outside a file it is written on one line. */
final class ConnmixListenersType implements SettingType<List<ConnmixListener>> {
  private static final int PACKET_BYTES_MAX = 64 << 20;
  private static final Duration LONGEST = Duration.ofHours(3);

  private static final Duration CERTIFICATE_RELOAD = Duration.ofMinutes(1);
  private static final Duration CERTIFICATE_RELOAD_LONGEST = Duration.ofDays(1);

  /** Mappings of names to what may be secret: of users, and of what scripts are told. */
  private static final Set<String> SECRETS = Set.of("users", "options");

  private static final String KEY_PASSWORD = "keyPassword";

  private static final String MASK = "********";

  @Override
  public String form() {
    return "a list of listeners, described on the page [connmix](connmix.md#clients)";
  }

  @Override
  public List<ConnmixListener> parse(Node node, Report report) throws InvalidValueException {
    Node list = node instanceof ScalarNode text ? YamlText.compose(text) : node;
    if (!(list instanceof SequenceNode sequence)) {
      throw new InvalidValueException("takes " + form());
    }
    List<ConnmixListener> listeners = new ArrayList<>();
    for (Node item : sequence.getValue()) {
      listener(item, report).ifPresent(listeners::add);
    }
    if (listeners.stream().filter(each -> each.port().isEmpty()).count() > 1) {
      report.error(list, "only one of the listeners can do without a port of its own");
    }
    return List.copyOf(listeners);
  }

  /** Passes faults on, and remembers that there were any. */
  private static final class Faults implements Report {
    private final Report report;
    private boolean any;

    Faults(Report report) {
      this.report = report;
    }

    @Override
    public void error(Node at, String message) {
      any = true;
      report.error(at, message);
    }
  }

  private static Optional<ConnmixListener> listener(Node item, Report report) {
    Faults faults = new Faults(report);
    Optional<ConnmixListener> listener = read(item, faults);
    // What has a fault may have a form that cannot even be shown.
    return faults.any ? Optional.empty() : listener.map(each -> each.as(written(item)));
  }

  private static Optional<ConnmixListener> read(Node item, Report report) {
    ConfigFields fields = new ConfigFields("connmix.clients", item, report);
    Optional<OptionalInt> given = fields.find("port", SettingTypes.port());
    if (given.isPresent() && given.get().isEmpty()) {
      fields.error("a listener has a port");
    }
    OptionalInt port = given.orElse(OptionalInt.empty());
    Optional<String> bind = fields.find("bind", SettingTypes.text("an address or host name"));
    Optional<Node> tlsNode = fields.node("tls");
    Optional<TlsFiles> tls = tlsNode.flatMap(node -> tls(node, report));
    Optional<ClientOptions> options = options(fields);
    ConnmixScriptReader scripts = new ConnmixScriptReader(report);
    boolean scripted = ConnmixScriptReader.isMeant(fields);
    Optional<ClientScript> script = Optional.empty();
    Optional<ClientRules> rules = Optional.of(ClientRules.DEFAULTS);
    if (scripted) {
      script = scripts.read(fields);
    } else {
      scripts.refuseRest(fields);
      rules = new ConnmixRulesReader(report).read(fields);
    }
    boolean tlsFaulty = tlsNode.isPresent() && tls.isEmpty();
    if (fields.faulty()
        || tlsFaulty
        || options.isEmpty()
        || rules.isEmpty()
        || scripted && script.isEmpty()) {
      return Optional.empty();
    }
    ClientRules.Auth auth = rules.get().auth();
    if (options.get().protocol() == Protocol.TCP
        && (auth instanceof ClientRules.Auth.Jwt || auth instanceof ClientRules.Auth.Basic)) {
      fields.error("clients over tcp send no headers: auth.mode is none, http or queue");
      return Optional.empty();
    }
    return Optional.of(
        new ConnmixListener(port, bind, tls, options.get(), rules.get(), script, ""));
  }

  /** Empty when something was wrong. The files are read when the listener is opened. */
  private static Optional<TlsFiles> tls(Node node, Report report) {
    ConfigFields fields = new ConfigFields("tls", node, report);
    Optional<Path> certificate = fields.need("certificate", SettingTypes.file());
    Optional<Path> key = fields.need("key", SettingTypes.file());
    Optional<String> password = fields.find(KEY_PASSWORD, SettingTypes.text("a password"));
    Duration reload =
        fields.get(
            "reload",
            SettingTypes.duration(Duration.ZERO, CERTIFICATE_RELOAD_LONGEST),
            CERTIFICATE_RELOAD);
    if (fields.faulty() || certificate.isEmpty() || key.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new TlsFiles(certificate.get(), key.get(), password, reload));
  }

  private static Optional<ClientOptions> options(ConfigFields fields) {
    ClientOptions defaults = ClientOptions.DEFAULTS;
    Protocol protocol =
        fields.get("protocol", SettingTypes.oneOf(Protocol.class), defaults.protocol());
    int packetBytesMax =
        (int) (long) fields.get("maxPacket", SettingTypes.size(1, PACKET_BYTES_MAX), 65_535L);
    String framing = fields.get("framing", SettingTypes.text("a framing"), "line");
    Optional<Framing> read =
        protocol == Protocol.TCP ? framing(framing, packetBytesMax) : Optional.empty();
    String path = fields.get("path", SettingTypes.text("a path"), defaults.path());
    boolean faulty = false;
    if (protocol == Protocol.TCP && read.isEmpty()) {
      fields.error(
          "framing: \""
              + framing
              + "\" is not line, jsonl, length16, length32 or fixed:N with N up to maxPacket");
      faulty = true;
    }
    if (!path.startsWith("/")) {
      fields.error("path: \"" + path + "\" does not begin with a slash");
      faulty = true;
    }
    if (protocol == Protocol.WEBSOCKET && (fields.has("framing") || fields.has("maxPacket"))) {
      fields.error("framing and maxPacket are for protocol tcp");
    }
    List<String> subprotocols =
        fields.get(
            "subprotocols", SettingTypes.listOf(SettingTypes.text("a subprotocol")), List.of());
    long messageBytes = fields.get("maxMessage", SettingTypes.size(1, PACKET_BYTES_MAX), 65_535L);
    long readMillis = millis(fields, "readTimeout", defaults.readTimeoutMillis());
    long writeMillis = millis(fields, "writeTimeout", defaults.writeTimeoutMillis());
    long pingMillis = millis(fields, "pingInterval", defaults.pingMillis());
    int sendQueue =
        fields.get("sendQueue", SettingTypes.integer(1, 1 << 20), defaults.sendQueueMax());
    SlowConsumer slow =
        fields.get("slowConsumer", SettingTypes.oneOf(SlowConsumer.class), defaults.slowConsumer());
    if (faulty) {
      return Optional.empty();
    }
    return Optional.of(
        new ClientOptions(
            protocol,
            path,
            subprotocols,
            read,
            (int) messageBytes,
            readMillis,
            writeMillis,
            pingMillis,
            sendQueue,
            defaults.sendBufferBytes(),
            slow));
  }

  /** Empty if it is none. */
  private static Optional<Framing> framing(String text, int packetBytesMax) {
    String word = text.toLowerCase(Locale.ROOT);
    String fixed = "fixed:";
    try {
      int size = word.startsWith(fixed) ? Integer.parseInt(word.substring(fixed.length())) : 0;
      Framing.Kind kind =
          Framing.Kind.valueOf((size > 0 ? "fixed" : word).toUpperCase(Locale.ROOT));
      return Optional.of(new Framing(kind, size, packetBytesMax));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  static long millis(ConfigFields fields, String name, long absent) {
    return fields
        .get(name, SettingTypes.duration(Duration.ofMillis(10), LONGEST), Duration.ofMillis(absent))
        .toMillis();
  }

  @Override
  public String print(List<ConnmixListener> listeners) {
    StringJoiner list = new StringJoiner(", ", "[", "]");
    listeners.forEach(each -> list.add(each.written()));
    return list.toString();
  }

  /** The text of a tree on one line. Passwords, and what may be such, are not shown. */
  private static String written(Node node) {
    if (node instanceof MappingNode mapping) {
      StringJoiner members = new StringJoiner(", ", "{", "}");
      for (NodeTuple each : mapping.getValue()) {
        String key = ((ScalarNode) each.getKeyNode()).getValue();
        boolean secret =
            key.equals(KEY_PASSWORD)
                || SECRETS.contains(key) && each.getValueNode() instanceof MappingNode;
        members.add(
            YamlText.plain(key)
                + ": "
                + (secret ? "'" + MASK + "'" : written(each.getValueNode())));
      }
      return members.toString();
    }
    if (node instanceof SequenceNode sequence) {
      StringJoiner items = new StringJoiner(", ", "[", "]");
      sequence.getValue().forEach(each -> items.add(written(each)));
      return items.toString();
    }
    return YamlText.plain(((ScalarNode) node).getValue());
  }
}
