// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.core.Broker;
import io.dragoman.core.BrokerError;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Message;
import io.dragoman.core.PublishCount;
import io.dragoman.core.Push;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.core.Result;
import io.dragoman.core.SendReceipt;
import io.dragoman.core.Utf8Text;
import io.dragoman.gateway.connmix.client.ClientOptions;
import io.dragoman.gateway.connmix.client.ClientScript;
import io.dragoman.gateway.connmix.client.RedisServer;
import io.dragoman.gateway.connmix.client.internal.ClientTraffic.Lost;
import io.dragoman.lua.HttpAnswer;
import io.dragoman.lua.HttpCall;
import io.dragoman.lua.LogLevel;
import io.dragoman.lua.PublishTally;
import io.dragoman.lua.RedisReply;
import io.dragoman.lua.ScriptHost;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What the scripts of one listener reach: the broker, the web, Redis and the log. Safe from any
 * thread.
 */
final class ScriptMesh implements ScriptHost, AutoCloseable {
  private final Broker broker;
  private final ClientScript script;
  private final ClientTraffic traffic;
  private final Topics topics;
  private final ScriptHttp http;
  private final ScriptRedis redis;
  private final ScriptLines lines;

  ScriptMesh(
      Broker broker, ClientOptions options, ClientScript script, List<RedisServer> redisServers) {
    this.broker = broker;
    this.script = script;
    this.traffic = new ClientTraffic(broker.metrics(), options.protocol());
    this.lines = new ScriptLines(traffic);
    this.topics = new Topics(script.topicsMax(), Set.of(), broker.channels());
    this.http = new ScriptHttp(new ScriptCalls(broker.metrics(), "http"));
    this.redis = new ScriptRedis(redisServers, new ScriptCalls(broker.metrics(), "redis"));
  }

  /** Something was not done; the message says why. */
  private static final class RefusalException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusalException(String message) {
      super(message, null, false, false);
    }
  }

  private static <T> CompletionStage<T> refused(String why) {
    return CompletableFuture.failedFuture(new RefusalException(why));
  }

  private static RefusalException refusal(BrokerError error) {
    return new RefusalException(error.detail());
  }

  @Override
  public CompletionStage<Void> meshSend(String clientId, byte[] data, boolean binary) {
    long id;
    try {
      id = Long.parseLong(clientId);
    } catch (NumberFormatException e) {
      return refused("not a client's id: " + clientId);
    }
    if (isUnfit(data, binary)) {
      return refused("a text has to be valid UTF-8");
    }
    return broker
        .connections()
        .send(id, push("", data, binary))
        .thenAccept(
            sent -> {
              if (sent instanceof Result.Refused<Boolean> no) {
                throw refusal(no.error());
              } else if (!sent.orThrow()) {
                throw new RefusalException("the client does not take what it is sent");
              }
            });
  }

  @Override
  public CompletionStage<PublishTally> meshPublish(String channel, byte[] data, boolean binary) {
    if (isUnfit(data, binary)) {
      return refused("a text has to be valid UTF-8");
    }
    return broker
        .connections()
        .publish(push(channel, data, binary))
        .thenApply(
            outcome -> {
              if (outcome instanceof Result.Refused<PublishCount> no) {
                throw refusal(no.error());
              }
              PublishCount count = outcome.orThrow();
              return new PublishTally(count.taken(), count.failed());
            });
  }

  private static boolean isUnfit(byte[] data, boolean binary) {
    return !binary && !Utf8Text.isValid(data);
  }

  private static Push push(String channel, byte[] data, boolean binary) {
    return new Push(Message.builder().channel(channel).body(data).build(), binary);
  }

  @Override
  public CompletionStage<Long> queuePush(String clientId, String topic, String json) {
    if (!topics.allows(topic)) {
      traffic.lost(Lost.TOPICS, 1);
      return refused("there are as many topics as there may be");
    }
    Message message =
        Message.builder()
            .channel(topic)
            .clientId(clientId)
            .body(json.getBytes(StandardCharsets.UTF_8))
            .build();
    return broker
        .queues()
        .send(List.of(new QueueSend(message, QueuePolicy.NONE, script.topicSize())))
        .thenApply(outcomes -> pushed(topic, outcomes.get(0)));
  }

  /** One event was taken. */
  private Long pushed(String topic, Result<SendReceipt> outcome) {
    if (outcome instanceof Result.Refused<SendReceipt> no) {
      boolean full = no.error().code() == ErrorCode.CHANNEL_FULL;
      traffic.lost(full ? Lost.FULL : Lost.REFUSED, 1);
      if (!full) {
        topics.refused(topic);
      }
      throw refusal(no.error());
    }
    topics.stored(topic);
    return 1L;
  }

  @Override
  public CompletionStage<HttpAnswer> http(HttpCall call) {
    return http.call(call);
  }

  @Override
  public Optional<String> redisRefusal(String name) {
    return redis.refusal(name);
  }

  @Override
  public CompletionStage<RedisReply> redis(String name, List<byte[]> command) {
    return redis.send(name, command);
  }

  @Override
  public CompletionStage<RedisReply> redisPush(
      String name, String clientId, String list, String json) {
    return redis.push(
        name, list, EventBodies.listed(broker.connections().nodeNumber(), clientId, list, json));
  }

  @Override
  public void log(LogLevel level, String line) {
    lines.add(level, line);
  }

  @Override
  public void lineLost() {
    traffic.lineLost();
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public void close() {
    http.close();
    redis.close();
    lines.close();
  }
}
