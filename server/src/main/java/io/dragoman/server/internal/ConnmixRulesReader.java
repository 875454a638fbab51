// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

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
import io.dragoman.gateway.connmix.client.Template;
import io.dragoman.server.internal.SettingType.InvalidValueException;
import io.dragoman.server.internal.SettingType.Report;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Reads what is to happen with the clients of one listener of connmix. */
final class ConnmixRulesReader {
  private static final SettingType<String> TEXT = SettingTypes.text("a text");
  private static final SettingType<String> KEY = SettingTypes.text("a key of the context");
  private static final SettingType<Template> TEMPLATE = new TemplateType();
  private static final long WAIT_MILLIS = 10_000;
  private static final long CALL_MILLIS = 5_000;
  private static final int CALLS_MAX = 256;

  private final Report report;

  ConnmixRulesReader(Report report) {
    this.report = report;
  }

  /** What is written where a text with places to fill in is expected. */
  private static final class TemplateType implements SettingType<Template> {
    @Override
    public String form() {
      return "a text, in which {ctx.uid} and the like are filled in";
    }

    @Override
    public Template parse(Node node, Report report) throws InvalidValueException {
      try {
        return Template.parse(SettingTypes.text(node, form()));
      } catch (IllegalArgumentException e) {
        throw new InvalidValueException(String.valueOf(e.getMessage()));
      }
    }

    @Override
    public String print(Template value) {
      return value.text();
    }
  }

  /** Empty when something was wrong. */
  Optional<ClientRules> read(ConfigFields fields) {
    ClientRules defaults = ClientRules.DEFAULTS;
    Optional<Auth> auth = fields.node("auth").map(this::auth).orElse(Optional.of(defaults.auth()));
    Map<String, Template> context = new LinkedHashMap<>();
    fields.node("context").ifPresent(node -> templates("context", node, context));
    List<Template> subscribe =
        fields.get("subscribe", SettingTypes.listOf(TEMPLATE), defaults.subscribe());
    Optional<ConfigFields> events =
        fields.node("events").map(node -> new ConfigFields("events", node, report));
    List<Route> onOpen = routes(events, "open", defaults.onOpen());
    List<Route> onMessage = routes(events, "message", defaults.onMessage());
    List<Route> onClose = routes(events, "close", defaults.onClose());
    List<Route> onPing = routes(events, "ping", defaults.onPing());
    boolean faulty = events.map(ConfigFields::faulty).orElse(false);
    WhenFull full = fields.get("full", SettingTypes.oneOf(WhenFull.class), defaults.full());
    int topicSize = fields.get("topicSize", SettingTypes.integer(1, 1 << 30), defaults.topicSize());
    int topicsMax = fields.get("maxTopics", SettingTypes.integer(1, 1 << 20), defaults.topicsMax());
    boolean textPing = fields.get("textPing", SettingTypes.bool(), defaults.textPing());
    String pointer = fields.get("verbPointer", TEXT, Verbs.NONE.pointer());
    if (!pointer.startsWith("/")) {
      fields.error("verbPointer: \"" + pointer + "\" does not begin with a slash");
    }
    Map<String, Verb> verbs = new LinkedHashMap<>();
    fields.node("verbs").ifPresent(node -> verbs(node, verbs));
    Optional<Optional<Gate>> gate =
        fields.node("awaitContext").map(this::gate).orElse(Optional.of(Optional.empty()));
    if (faulty || auth.isEmpty() || gate.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new ClientRules(
            auth.get(),
            context,
            subscribe,
            onOpen,
            onMessage,
            onClose,
            onPing,
            full,
            topicSize,
            topicsMax,
            textPing,
            new Verbs(pointer, verbs),
            gate.get()));
  }

  /** The words of {@code auth.mode}. */
  private enum Mode {
    NONE,
    HTTP,
    JWT,
    BASIC,
    QUEUE
  }

  private Optional<Auth> auth(Node node) {
    ConfigFields fields = new ConfigFields("auth", node, report);
    Mode mode = fields.get("mode", SettingTypes.oneOf(Mode.class), Mode.NONE);
    Optional<Auth> auth =
        switch (mode) {
          case NONE -> Optional.of(new Auth.None());
          case HTTP ->
              fields
                  .need("url", SettingTypes.url())
                  .map(
                      url ->
                          new Auth.Http(
                              url,
                              ConnmixListenersType.millis(fields, "timeout", CALL_MILLIS),
                              fields.get("maxCalls", SettingTypes.integer(1, 65_536), CALLS_MAX)));
          case JWT ->
              Optional.of(
                  new Auth.Jwt(
                      fields.get("query", TEXT, "token"),
                      fields.get("cookie", TEXT, "token"),
                      fields.get("claims", SettingTypes.listOf(TEXT), List.of())));
          case BASIC -> {
            Map<String, String> users = new LinkedHashMap<>();
            fields.node("users").ifPresent(list -> texts("users", list, users));
            if (users.isEmpty()) {
              fields.error("auth.mode basic needs users, as a mapping of names to passwords");
            }
            yield Optional.of(new Auth.Basic(users));
          }
          case QUEUE ->
              fields
                  .need("key", KEY)
                  .map(
                      key ->
                          new Auth.Queue(
                              key, ConnmixListenersType.millis(fields, "timeout", WAIT_MILLIS)));
        };
    return fields.faulty() ? Optional.empty() : auth;
  }

  private List<Route> routes(Optional<ConfigFields> events, String name, List<Route> absent) {
    Optional<Node> node = events.flatMap(fields -> fields.node(name));
    if (node.isEmpty()) {
      return absent;
    }
    List<Route> routes = new ArrayList<>();
    if (node.get() instanceof SequenceNode list) {
      list.getValue().forEach(each -> route(each).ifPresent(routes::add));
    } else {
      route(node.get()).ifPresent(routes::add);
    }
    return routes;
  }

  /** A topic alone, or a mapping. */
  private Optional<Route> route(Node node) {
    if (node instanceof ScalarNode) {
      return topic(node)
          .map(
              topic ->
                  new Route(topic, Filter.ALL, Payload.FRAME, Headers.NEVER, Optional.empty()));
    }
    ConfigFields fields = new ConfigFields("a route", node, report);
    Optional<Optional<Template>> topic = fields.node("topic").flatMap(this::topic);
    if (!fields.has("topic")) {
      fields.error("a route needs topic, which may be none");
    }
    Filter when = fields.node("when").map(this::filter).orElse(Filter.ALL);
    Payload payload = fields.get("payload", SettingTypes.oneOf(Payload.class), Payload.FRAME);
    Headers headers = fields.get("headers", SettingTypes.oneOf(Headers.class), Headers.NEVER);
    Optional<List<String>> context = fields.find("context", SettingTypes.listOf(TEXT));
    if (fields.faulty() || topic.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new Route(topic.get(), when, payload, headers, context));
  }

  /** Within: empty when nothing is to be told. */
  private Optional<Optional<Template>> topic(Node node) {
    try {
      Template topic = TEMPLATE.parse(node, report);
      return Optional.of(topic.text().equals("none") ? Optional.empty() : Optional.of(topic));
    } catch (InvalidValueException e) {
      report.error(node, "topic: " + e.getMessage());
      return Optional.empty();
    }
  }

  private Filter filter(Node node) {
    ConfigFields fields = new ConfigFields("when", node, report);
    MessageType type = fields.get("type", SettingTypes.oneOf(MessageType.class), MessageType.ANY);
    Map<String, String> equal = new LinkedHashMap<>();
    for (Map.Entry<String, Node> each : fields.all().entrySet()) {
      if (each.getKey().startsWith("/")) {
        fields.find(each.getKey(), TEXT).ifPresent(value -> equal.put(each.getKey(), value));
      } else if (!each.getKey().equals("type")) {
        fields.error(
            each.getValue(),
            each.getKey() + " is neither type nor a JSON pointer, which begins with a slash");
      }
    }
    boolean unused = fields.faulty();
    return new Filter(type, equal);
  }

  private void verbs(Node node, Map<String, Verb> verbs) {
    ConfigFields fields = new ConfigFields("verbs", node, report);
    fields.all().forEach((name, each) -> verb(name, each).ifPresent(verb -> verbs.put(name, verb)));
    boolean unused = fields.faulty();
  }

  private Optional<Verb> verb(String name, Node node) {
    ConfigFields fields = new ConfigFields("verb " + name, node, report);
    Optional<Action> action = fields.need("does", SettingTypes.oneOf(Action.class));
    Template channel = fields.get("channel", TEMPLATE, Template.parse("{message.channel}"));
    Template data = fields.get("data", TEMPLATE, Template.parse("{message.data}"));
    List<Template> allow = fields.get("allow", SettingTypes.listOf(TEMPLATE), List.of());
    Optional<String> key = fields.find("requireContext", KEY);
    if (fields.faulty() || action.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new Verb(action.get(), channel, data, allow, key));
  }

  private Optional<Optional<Gate>> gate(Node node) {
    ConfigFields fields = new ConfigFields("awaitContext", node, report);
    Filter when = fields.node("when").map(this::filter).orElse(Filter.ALL);
    Optional<String> key = fields.need("key", KEY);
    long millis = ConnmixListenersType.millis(fields, "timeout", WAIT_MILLIS);
    if (fields.faulty() || key.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(Optional.of(new Gate(when, key.get(), millis)));
  }

  private void templates(String where, Node node, Map<String, Template> templates) {
    ConfigFields fields = new ConfigFields(where, node, report);
    for (String each : List.copyOf(fields.all().keySet())) {
      fields.find(each, TEMPLATE).ifPresent(value -> templates.put(each, value));
    }
  }

  private void texts(String where, Node node, Map<String, String> texts) {
    ConfigFields fields = new ConfigFields(where, node, report);
    for (String each : List.copyOf(fields.all().keySet())) {
      fields.find(each, TEXT).ifPresent(value -> texts.put(each, value));
    }
  }
}
