// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.gateway.connmix.client.RedisServer;
import io.dragoman.gateway.connmix.client.internal.ScriptCalls.Outcome;
import io.dragoman.lua.RedisReply;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.commons.pool2.PooledObject;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionFactory;
import redis.clients.jedis.ConnectionPool;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The connections to one Redis. Safe from any thread; never blocks.
 *
 * <p>The library's calls block, so each command under way has a thread, which is there while there
 * are commands. A connection is made when it is needed; where it cannot be made the command fails,
 * and the next one tries again. Nothing is sent twice: a command whose answer was lost may have
 * been done.
 */
final class RedisLink implements AutoCloseable {
  /** Commands that may wait for a connection. */
  private static final int WAITING_MAX = 256;

  private static final int ANSWER_BYTES_MAX = 4 << 20;

  /**
   * What each value of an answer counts beside its bytes. Many small ones take an event loop long
   * to hand over: at most 16 Ki are.
   */
  private static final int VALUE_BYTES = 256;

  private static final long THREAD_IDLE_SECONDS = 10;

  /** A connection that was unused for longer is asked whether it still is one. */
  private static final Duration TRUSTED = Duration.ofSeconds(1);

  /** What would change a connection for the scripts that get it later, or keep it. */
  private static final Set<String> OF_CONNECTIONS =
      Set.of(
          "ASKING",
          "AUTH",
          "CLIENT",
          "DISCARD",
          "EXEC",
          "HELLO",
          "MONITOR",
          "MULTI",
          "PSUBSCRIBE",
          "PSYNC",
          "PUNSUBSCRIBE",
          "QUIT",
          "READONLY",
          "READWRITE",
          "REPLCONF",
          "RESET",
          "SCRIPT DEBUG",
          "SELECT",
          "SSUBSCRIBE",
          "SUBSCRIBE",
          "SUNSUBSCRIBE",
          "SYNC",
          "UNSUBSCRIBE",
          "UNWATCH",
          "WATCH");

  private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);

  private final RedisServer server;
  private final ScriptCalls calls;
  private final ThreadPoolExecutor threads;
  private final ConnectionPool connections;
  private final AtomicBoolean faultLogged = new AtomicBoolean();

  RedisLink(RedisServer server, ScriptCalls calls) {
    this.server = server;
    this.calls = calls;
    this.threads =
        new ThreadPoolExecutor(
            server.poolSize(),
            server.poolSize(),
            THREAD_IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING_MAX),
            task -> {
              Thread made = new Thread(task, "dragoman-connmix-redis");
              made.setDaemon(true);
              return made;
            });
    threads.allowCoreThreadTimeOut(true);
    this.connections =
        new ConnectionPool(
            new Factory(new HostAndPort(server.host(), server.port()), settings(server)),
            bounds(server));
  }

  private static JedisClientConfig settings(RedisServer server) {
    return DefaultJedisClientConfig.builder()
        .user(server.username().orElse(null))
        .password(server.password().orElse(null))
        .database(server.database())
        .timeoutMillis(Math.toIntExact(server.timeoutMillis()))
        // The protocol that every Redis begins with, and nothing said about us: no round trip more.
        .serverDefaultProtocol()
        .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
        .build();
  }

  private static ConnectionPoolConfig bounds(RedisServer server) {
    ConnectionPoolConfig bounds = new ConnectionPoolConfig();
    bounds.setJmxEnabled(false);
    bounds.setMaxTotal(server.poolSize());
    bounds.setMaxIdle(server.poolSize());
    bounds.setBlockWhenExhausted(false);
    bounds.setTestOnBorrow(true);
    bounds.setTestWhileIdle(false);
    bounds.setMinEvictableIdleDuration(Duration.ofMillis(server.idleMillis()));
    return bounds;
  }

  /** Asks connections whether they still are only after a while, and says nothing about it. */
  private static final class Factory extends ConnectionFactory {
    Factory(HostAndPort address, JedisClientConfig settings) {
      super(address, settings);
    }

    @Override
    public boolean validateObject(PooledObject<Connection> pooled) {
      try {
        return pooled.getIdleDuration().compareTo(TRUSTED) < 0 || pooled.getObject().ping();
      } catch (JedisException e) {
        return false;
      }
    }
  }

  /**
   * Sends a command.
   *
   * @param command its name and its arguments
   * @return what fails with why, in words for scripts
   */
  CompletionStage<RedisReply> send(List<byte[]> command) {
    String word = upper(command.get(0));
    if (word.equals("SCRIPT") && command.size() > 1) {
      // One of its kinds; the others are for all.
      word += " " + upper(command.get(1));
    }
    if (OF_CONNECTIONS.contains(word)) {
      return failed(word + " is for one connection, and scripts share theirs");
    }
    CompletableFuture<RedisReply> answer = new CompletableFuture<>();
    try {
      threads.execute(() -> run(command, answer));
    } catch (RejectedExecutionException e) {
      calls.count(Outcome.REFUSED);
      return failed("too many commands are under way");
    }
    return answer
        .orTimeout(server.timeoutMillis(), TimeUnit.MILLISECONDS)
        .handle(
            (reply, fault) -> {
              calls.count(reply == null ? Outcome.FAILED : Outcome.ANSWERED);
              if (reply == null) {
                throw new CompletionException(new IOException(words(fault)));
              }
              return reply;
            });
  }

  private static String upper(byte[] word) {
    return new String(word, StandardCharsets.ISO_8859_1).toUpperCase(Locale.ROOT);
  }

  private static <T> CompletionStage<T> failed(String why) {
    return CompletableFuture.failedFuture(new IOException(why));
  }

  private void run(List<byte[]> command, CompletableFuture<RedisReply> answer) {
    // Who asked has been told that it took too long; it must not be done after that.
    if (answer.isDone()) {
      return;
    }
    try (Connection connection = connections.getResource()) {
      // To get one may have taken as long.
      if (!answer.isDone()) {
        ask(connection, command, answer);
      }
    } catch (Throwable e) {
      // It could not be made; or it broke and could not be replaced, and the script has its answer.
      fail(answer, e);
    }
  }

  private void ask(
      Connection connection, List<byte[]> command, CompletableFuture<RedisReply> answer) {
    try {
      CommandArguments arguments = new CommandArguments(() -> command.get(0));
      command.subList(1, command.size()).forEach(arguments::add);
      answer.complete(new Reading().reply(connection.executeCommand(arguments)));
    } catch (JedisException | IOException e) {
      // A command that takes long says nothing about the other connections.
      if (connection.isBroken() && !(e.getCause() instanceof SocketTimeoutException)) {
        // Those that nobody uses now are most likely as dead.
        connections.clear();
      }
      fail(answer, e);
    } catch (Throwable e) {
      // Nobody knows what has been sent and read.
      connection.setBroken();
      fail(answer, e);
    }
  }

  private void fail(CompletableFuture<RedisReply> answer, Throwable e) {
    if (e instanceof JedisDataException) {
      answer.complete(new RedisReply.Fault(String.valueOf(e.getMessage())));
    } else if (e instanceof JedisException || e instanceof IOException) {
      answer.completeExceptionally(e);
    } else {
      answer.completeExceptionally(new IOException("the command failed, and the log says why"));
      if (!faultLogged.getAndSet(true)) {
        LOG.error(
            "A command to redis {} failed for a reason of the broker's own, and more may: {}",
            server.name(),
            withoutPassword(e));
      }
    }
  }

  /** Of what the library throws nobody knows what it names. */
  private String withoutPassword(Throwable e) {
    String text = e + Arrays.toString(e.getStackTrace());
    return server.password().map(password -> text.replace(password, "***")).orElse(text);
  }

  /** Makes ours of the library's values, as long as they are not too much for a script. */
  private static final class Reading {
    private long bytes;

    RedisReply reply(@Nullable Object value) throws IOException {
      bytes += VALUE_BYTES;
      if (value instanceof byte[] text) {
        bytes += text.length;
      }
      if (bytes > ANSWER_BYTES_MAX) {
        throw new IOException("the answer is too large");
      }
      if (value == null) {
        return new RedisReply.Nothing();
      } else if (value instanceof byte[] text) {
        return new RedisReply.Bytes(text);
      } else if (value instanceof Long whole) {
        return new RedisReply.Whole(whole);
      } else if (value instanceof JedisDataException fault) {
        return new RedisReply.Fault(String.valueOf(fault.getMessage()));
      } else if (value instanceof List<?> values) {
        List<RedisReply> replies = new ArrayList<>(values.size());
        for (Object each : values) {
          replies.add(reply(each));
        }
        return new RedisReply.Several(replies);
      }
      throw new IOException("the answer cannot be understood");
    }
  }

  private static String words(Throwable fault) {
    Throwable cause = fault;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof TimeoutException || cause instanceof SocketTimeoutException) {
      return "the command took too long";
    }
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return fault instanceof JedisConnectionException
        ? "redis cannot be reached: " + message
        : message;
  }

  @Override
  public void close() {
    threads.shutdownNow();
    connections.close();
  }
}
