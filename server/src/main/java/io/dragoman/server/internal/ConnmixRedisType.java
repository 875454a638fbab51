// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import io.dragoman.gateway.connmix.client.RedisServer;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Reads the list under {@code connmix.redis}. Outside a file it is written as YAML on one line. */
final class ConnmixRedisType implements SettingType<List<RedisServer>> {
  private static final String MASK = "********";
  private static final String ADDRESS = "localhost:6379";
  private static final int DATABASE_MAX = 1 << 20;
  private static final int POOL_SIZE = 20;
  private static final int POOL_SIZE_MAX = 256;
  private static final Duration IDLE = Duration.ofMinutes(5);
  private static final Duration IDLE_LEAST = Duration.ofSeconds(1);
  private static final Duration IDLE_LONGEST = Duration.ofDays(1);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration TIMEOUT_LEAST = Duration.ofMillis(10);
  private static final Duration TIMEOUT_LONGEST = Duration.ofMinutes(10);

  @Override
  public String form() {
    return "a list, each with name, addr, username, password, db, poolSize, idleTimeout and"
        + " timeout";
  }

  @Override
  public List<RedisServer> parse(Node node, Report report) throws InvalidValueException {
    Node list = node instanceof ScalarNode text ? YamlText.compose(text) : node;
    if (!(list instanceof SequenceNode sequence)) {
      throw new InvalidValueException("takes " + form());
    }
    List<RedisServer> servers = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Node item : sequence.getValue()) {
      Optional<RedisServer> server = server(item, report);
      if (server.isPresent() && !names.add(server.get().name())) {
        report.error(item, "the name " + server.get().name() + " is there twice");
      }
      server.ifPresent(servers::add);
    }
    return List.copyOf(servers);
  }

  private static Optional<RedisServer> server(Node item, Report report) {
    ConfigFields fields = new ConfigFields("connmix.redis", item, report);
    String name = fields.get("name", SettingTypes.text("a name"), RedisServer.DEFAULT_NAME);
    String address = fields.get("addr", SettingTypes.hostAndPort(), ADDRESS);
    Optional<String> username = fields.find("username", SettingTypes.text("a name"));
    Optional<String> password = fields.find("password", SettingTypes.text("a password"));
    int database = fields.get("db", SettingTypes.integer(0, DATABASE_MAX), 0);
    int poolSize = fields.get("poolSize", SettingTypes.integer(1, POOL_SIZE_MAX), POOL_SIZE);
    Duration idle =
        fields.get("idleTimeout", SettingTypes.duration(IDLE_LEAST, IDLE_LONGEST), IDLE);
    Duration timeout =
        fields.get("timeout", SettingTypes.duration(TIMEOUT_LEAST, TIMEOUT_LONGEST), TIMEOUT);
    if (fields.has("username") && !fields.has("password")) {
      fields.error("a username needs a password");
    }
    if (fields.faulty()) {
      return Optional.empty();
    }
    URI uri = URI.create("redis://" + address);
    return Optional.of(
        new RedisServer(
            name,
            uri.getHost(),
            uri.getPort(),
            username,
            password,
            database,
            poolSize,
            idle.toMillis(),
            timeout.toMillis()));
  }

  /** Without passwords. */
  @Override
  public String print(List<RedisServer> servers) {
    StringJoiner list = new StringJoiner(", ", "[", "]");
    servers.forEach(each -> list.add(print(each)));
    return list.toString();
  }

  private static String print(RedisServer server) {
    StringJoiner entry = new StringJoiner(", ", "{", "}");
    entry.add("name: " + YamlText.quote(server.name()));
    entry.add("addr: " + YamlText.quote(server.host() + ":" + server.port()));
    server.username().ifPresent(name -> entry.add("username: " + YamlText.quote(name)));
    server.password().ifPresent(secret -> entry.add("password: '" + MASK + "'"));
    return entry
        .add("db: " + server.database())
        .add("poolSize: " + server.poolSize())
        .add("idleTimeout: " + Units.printDuration(Duration.ofMillis(server.idleMillis())))
        .add("timeout: " + Units.printDuration(Duration.ofMillis(server.timeoutMillis())))
        .toString();
  }
}
