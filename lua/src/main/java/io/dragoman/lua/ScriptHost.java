// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * What scripts reach beside their connections. Called on the lane of the runtime, from inside a
 * callback; must not block.
 *
 * <p>A stage may complete on any thread: the callback waits, and goes on on its lane. One that has
 * completed already costs no wait. One that fails gives the script its exception's message as the
 * error. Every stage must complete: nothing else ends the wait, not even the connection's end.
 */
public interface ScriptHost {

  /**
   * Sends to any connection by its id.
   *
   * @param clientId what the script says, in any form
   */
  CompletionStage<Void> meshSend(String clientId, byte[] data, boolean binary);

  CompletionStage<PublishTally> meshPublish(String channel, byte[] data, boolean binary);

  /**
   * Puts an event into a topic.
   *
   * @param clientId the connection whose callback does it
   * @param json the text of JSON: what the script gave, if that was one, and an object with a frame
   *     if it was another string
   * @return what the script is told, such as how many were taken
   */
  CompletionStage<Long> queuePush(String clientId, String topic, String json);

  /** Does an HTTP request. The stage completes within the call's time, one way or the other. */
  CompletionStage<HttpAnswer> http(HttpCall call);

  /**
   * Why scripts cannot use the Redis of this name; none when they can, whether or not it answers.
   */
  Optional<String> redisRefusal(String name);

  /**
   * Sends a command to a Redis. The stage completes within the time that the host allows, one way
   * or the other; what was sent may have been done also when it failed.
   *
   * @param command its name and its arguments
   */
  CompletionStage<RedisReply> redis(String name, List<byte[]> command);

  /**
   * Puts an event at the head of a list in a Redis, as backends take it from there: what an event
   * of a topic of the list's name would tell them.
   *
   * @param clientId the connection whose callback does it
   * @param json as for {@link #queuePush}
   */
  CompletionStage<RedisReply> redisPush(String name, String clientId, String list, String json);

  /** A line of a script's log, or of ours about the script: not many, and none of them long. */
  void log(LogLevel level, String line);

  /** A line was left out, as there were too many. */
  void lineLost();

  /** A clock that does not jump; its start means nothing. */
  long nanoTime();
}
