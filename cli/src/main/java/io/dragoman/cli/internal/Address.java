// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

/**
 * A host and a port.
 *
 * @param host a name or a numeric address, without brackets
 */
public record Address(String host, int port) {
  private static final int PORT_MAX = 65535;

  /**
   * Reads {@code host}, {@code host:port}, {@code :port}, {@code port} or {@code [v6]:port}, with
   * or without {@code http://} before and a slash after it.
   *
   * @throws CliException for anything else
   */
  public static Address parse(String text, String hostDefault, int portDefault) {
    String rest = text.strip();
    int scheme = rest.indexOf("://");
    if (scheme >= 0) {
      rest = rest.substring(scheme + 3);
    }
    if (rest.endsWith("/")) {
      rest = rest.substring(0, rest.length() - 1);
    }
    if (!rest.isEmpty() && rest.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return new Address(hostDefault, port(rest, text));
    }
    int bracket = rest.lastIndexOf(']');
    int colon = rest.lastIndexOf(':');
    boolean bareSix = bracket < 0 && colon != rest.indexOf(':');
    int port = portDefault;
    if (!bareSix && colon > bracket) {
      port = port(rest.substring(colon + 1), text);
      rest = rest.substring(0, colon);
    }
    if (rest.startsWith("[") && rest.endsWith("]")) {
      rest = rest.substring(1, rest.length() - 1);
    }
    if (rest.contains("/") || rest.contains(" ")) {
      throw invalid(text);
    }
    return new Address(rest.isEmpty() ? hostDefault : rest, port);
  }

  private static int port(String digits, String text) {
    try {
      int port = Integer.parseInt(digits);
      if (port >= 1 && port <= PORT_MAX) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Told below, with the whole text.
    }
    throw invalid(text);
  }

  private static CliException invalid(String text) {
    return CliException.usage("'" + text + "' is no address; use HOST, HOST:PORT or PORT");
  }

  /** As in a URL. */
  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
