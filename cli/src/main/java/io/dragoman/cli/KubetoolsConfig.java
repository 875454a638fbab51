// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import io.dragoman.cli.internal.Address;
import io.dragoman.cli.internal.CliException;
import io.dragoman.cli.internal.Console;
import io.dragoman.cli.internal.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Where the broker is, for {@code kubetools}: its file {@code .config.yaml} in the working
 * directory, in the form the old tool wrote; without one, the environment and context of {@code
 * dragoman}. No file is made: a tool that is asked to send should not leave files about.
 */
final class KubetoolsConfig {
  private static final String FILE = ".config.yaml";
  private static final String GRPC_KIND = "1";
  private static final String REST_KIND = "2";
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private KubetoolsConfig() {}

  static Target target(Console console, Path directory, boolean useRest) {
    Target usual = new ConnectionOptions().target(console);
    String clientId = UUID.randomUUID().toString();
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return new Target(
          usual.grpc(),
          usual.rest(),
          usual.http(),
          useRest,
          usual.token(),
          clientId,
          usual.timeout());
    }
    Map<String, String> addresses = new HashMap<>();
    List<Map<String, String>> connections = new ArrayList<>();
    read(file, addresses, connections);
    return new Target(
        connection(connections, GRPC_KIND, usual.grpc()),
        connection(connections, REST_KIND, usual.rest()),
        http(addresses, usual.http()),
        useRest,
        usual.token(),
        clientId,
        TIMEOUT);
  }

  /** The file has one level of names, and a list of flat connections: no need for all of YAML. */
  private static void read(
      Path file, Map<String, String> addresses, List<Map<String, String>> connections) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw CliException.failed(file + ": cannot be read: " + e.getMessage());
    }
    Map<String, String> current = addresses;
    for (String line : lines) {
      String text = line.strip();
      if (text.startsWith("-")) {
        current = new HashMap<>();
        connections.add(current);
        text = text.substring(1).strip();
      } else if (!line.startsWith(" ")) {
        current = addresses;
      }
      int colon = text.indexOf(':');
      if (colon > 0 && !text.startsWith("#")) {
        current.put(text.substring(0, colon).strip(), unquoted(text.substring(colon + 1).strip()));
      }
    }
  }

  private static String unquoted(String value) {
    boolean quoted =
        value.length() > 1
            && (value.charAt(0) == '"' || value.charAt(0) == '\'')
            && value.charAt(value.length() - 1) == value.charAt(0);
    return quoted ? value.substring(1, value.length() - 1) : value;
  }

  private static Address connection(
      List<Map<String, String>> connections, String kind, Address usual) {
    return connections.stream()
        .filter(each -> kind.equals(each.get("kind")))
        .findFirst()
        .map(KubetoolsConfig::address)
        .orElse(usual);
  }

  private static Address address(Map<String, String> connection) {
    if ("true".equals(connection.get("isSecured"))) {
      throw CliException.failed(FILE + ": isSecured: this version does not speak TLS");
    }
    return Address.parse(
        connection.getOrDefault("host", "localhost") + ":" + connection.getOrDefault("port", ""),
        "localhost",
        ConnectionOptions.GRPC_PORT);
  }

  private static Address http(Map<String, String> addresses, Address usual) {
    String stats = addresses.getOrDefault("statsAddress", "");
    int start = stats.indexOf("://");
    if (start < 0) {
      return usual;
    }
    String rest = stats.substring(start + 3);
    int slash = rest.indexOf('/');
    return Address.parse(
        slash < 0 ? rest : rest.substring(0, slash), "localhost", ConnectionOptions.HTTP_PORT);
  }
}
