// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client;

import java.util.Optional;

/**
 * A Redis that scripts may send commands to.
 *
 * @param name what scripts call it
 * @param host its address or host name
 * @param port its port
 * @param username empty: Redis' user {@code default}
 * @param password empty: it asks for none
 * @param database the number of its database
 * @param poolSize connections that the scripts of one listener may have to it, and so commands that
 *     are under way at once
 * @param idleMillis how long a connection that nobody uses stays open
 * @param timeoutMillis the longest that a command may take, with the wait for a connection
 */
public record RedisServer(
    String name,
    String host,
    int port,
    Optional<String> username,
    Optional<String> password,
    int database,
    int poolSize,
    long idleMillis,
    long timeoutMillis) {

  /** What scripts get that name none. */
  public static final String DEFAULT_NAME = "default";

  /** Checks the bounds. */
  public RedisServer {
    if (port < 1 || database < 0 || poolSize < 1 || idleMillis < 1 || timeoutMillis < 1) {
      throw new IllegalArgumentException("bounds must be positive");
    }
  }

  /** Never shows the password. */
  @Override
  public String toString() {
    return "RedisServer[name=%s, host=%s, port=%d, username=%s, database=%d]"
        .formatted(name, host, port, username.orElse(""), database);
  }
}
