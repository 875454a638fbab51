// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import io.dragoman.gateway.connmix.ConnmixAccount;
import io.dragoman.gateway.connmix.HostPattern;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Reads the list under {@code connmix.access.users}. Outside a file it is written as YAML on one
 * line.
 */
final class ConnmixAccountsType implements SettingType<List<ConnmixAccount>> {
  private static final String MASK = "********";

  /** What an account may do. */
  private enum Role {
    READ,
    WRITE
  }

  private static final SettingType<String> NAME = SettingTypes.text("a name without a colon");
  private static final SettingType<String> PASSWORD = SettingTypes.text("a password");
  private static final SettingType<List<Role>> ROLES =
      SettingTypes.listOf(SettingTypes.oneOf(Role.class));
  private static final SettingType<HostPattern> HOST = SettingTypes.hostPattern();

  private static final Map<String, SettingType<?>> FIELDS =
      Map.of("username", NAME, "password", PASSWORD, "roles", ROLES, "host", HOST);

  @Override
  public String form() {
    return "a list of accounts, each with username, password, roles (read, write) and host";
  }

  @Override
  public List<ConnmixAccount> parse(Node node, Report report) throws InvalidValueException {
    Node list = node instanceof ScalarNode text ? YamlText.compose(text) : node;
    if (!(list instanceof SequenceNode sequence)) {
      throw new InvalidValueException("takes " + form());
    }
    List<ConnmixAccount> accounts = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Node item : sequence.getValue()) {
      ConnmixAccount account = account(item, report);
      if (account != null) {
        if (!account.name().isEmpty() && !seen.add(account.name() + " " + account.host())) {
          report.error(item, account.name() + " is there twice for this host");
        }
        accounts.add(account);
      }
    }
    return List.copyOf(accounts);
  }

  private static @Nullable ConnmixAccount account(Node item, Report report) {
    if (!(item instanceof MappingNode mapping)) {
      report.error(item, "an account is a mapping with username, password, roles and host");
      return null;
    }
    Map<String, Object> values = new HashMap<>();
    boolean faulty = false;
    for (NodeTuple tuple : mapping.getValue()) {
      faulty |= !read(tuple, values, report);
    }
    String name = (String) values.getOrDefault("username", "");
    Optional<String> password = Optional.ofNullable((String) values.get("password"));
    if (!faulty && name.isEmpty() && password.isPresent()) {
      report.error(item, "an account with a password needs a username");
      faulty = true;
    }
    if (!faulty && password.isEmpty() && !values.containsKey("host")) {
      report.error(item, "an account without a password needs a host; * lets everybody in");
      faulty = true;
    }
    if (faulty) {
      return null;
    }
    @SuppressWarnings("unchecked")
    List<Role> roles = (List<Role>) values.getOrDefault("roles", List.of(Role.READ, Role.WRITE));
    return new ConnmixAccount(
        name,
        password,
        roles.contains(Role.READ),
        roles.contains(Role.WRITE),
        (HostPattern) values.getOrDefault("host", HostPattern.ALL));
  }

  /** Whether it could be read. */
  private static boolean read(NodeTuple tuple, Map<String, Object> values, Report report) {
    Node key = tuple.getKeyNode();
    String name = key instanceof ScalarNode scalar ? scalar.getValue() : "";
    SettingType<?> type = FIELDS.get(name);
    if (type == null) {
      report.error(
          key,
          ConfigLoader.unknownKey(
              name, " in connmix.access.users", Suggestions.nearest(name, sortedFields())));
      return false;
    }
    try {
      Object value = type.parse(tuple.getValueNode(), report);
      check(name, value);
      if (values.put(name, value) != null) {
        report.error(key, name + " is there twice");
        return false;
      }
      return true;
    } catch (InvalidValueException e) {
      report.error(tuple.getValueNode(), name + ": " + e.getMessage());
      return false;
    }
  }

  private static List<String> sortedFields() {
    return FIELDS.keySet().stream().sorted().toList();
  }

  private static void check(String name, Object value) throws InvalidValueException {
    if (name.equals("username") && ((String) value).indexOf(':') >= 0) {
      throw new InvalidValueException("\"" + value + "\" has a colon, which ends a name");
    }
  }

  /** Without passwords. */
  @Override
  public String print(List<ConnmixAccount> accounts) {
    StringJoiner list = new StringJoiner(", ", "[", "]");
    accounts.forEach(account -> list.add(print(account)));
    return list.toString();
  }

  private static String print(ConnmixAccount account) {
    StringJoiner entry = new StringJoiner(", ", "{", "}");
    if (!account.name().isEmpty()) {
      entry.add("username: " + YamlText.quote(account.name()));
    }
    if (account.password().isPresent()) {
      entry.add("password: '" + MASK + "'");
    }
    StringJoiner roles = new StringJoiner(", ", "[", "]");
    if (account.reads()) {
      roles.add("read");
    }
    if (account.writes()) {
      roles.add("write");
    }
    return entry
        .add("roles: " + roles)
        .add("host: " + YamlText.quote(account.host().toString()))
        .toString();
  }
}
