// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.gateway.connmix.client.RedisServer;
import io.dragoman.lua.RedisReply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Sends the commands of one listener's scripts to Redis. Safe from any thread; never blocks.
 *
 * <p>The client library is loaded when there is a Redis, and not before.
 */
final class ScriptRedis implements AutoCloseable {
  private static final byte[] PUSH = "LPUSH".getBytes(StandardCharsets.US_ASCII);

  private final Map<String, RedisLink> links = new LinkedHashMap<>();

  ScriptRedis(List<RedisServer> servers, ScriptCalls calls) {
    for (RedisServer each : servers) {
      links.put(each.name(), new RedisLink(each, calls));
    }
  }

  /** Why the Redis of this name cannot be used; none when it can. */
  Optional<String> refusal(String name) {
    if (links.isEmpty()) {
      return Optional.of("redis is not available");
    }
    return links.containsKey(name)
        ? Optional.empty()
        : Optional.of("there is no redis with the name " + name);
  }

  CompletionStage<RedisReply> send(String name, List<byte[]> command) {
    RedisLink link = links.get(name);
    if (link == null) {
      return CompletableFuture.failedFuture(new IOException(refusal(name).orElse("")));
    }
    return link.send(command);
  }

  /** Puts a text at the head of a list. */
  CompletionStage<RedisReply> push(String name, String list, byte[] text) {
    return send(name, List.of(PUSH, list.getBytes(StandardCharsets.UTF_8), text));
  }

  @Override
  public void close() {
    // A reference to the method would load the library also where there is no link.
    for (RedisLink each : links.values()) {
      each.close();
    }
  }
}
