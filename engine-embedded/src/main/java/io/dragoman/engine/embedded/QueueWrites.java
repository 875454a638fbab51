// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Message;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.core.Result;
import io.dragoman.core.SendReceipt;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.Write;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Storing what is sent to queues, now or held back. Writer thread only, but for preparing. */
final class QueueWrites {
  private static final long SECOND = 1_000_000_000L;

  /** A message and its record, encoded by the thread that brought it. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Prepared(QueueSend send, byte[] record) {
    static Prepared of(QueueSend send) {
      return new Prepared(send, Records.ofQueue(send.message(), send.policy()));
    }
  }

  private final Writer writer;
  private final ChannelTable channels;
  private final Queues queues;
  private final DelaySchedule delays;

  QueueWrites(Writer writer, ChannelTable channels, Queues queues, DelaySchedule delays) {
    this.writer = writer;
    this.channels = channels;
    this.queues = queues;
    this.delays = delays;
  }

  /** Why this message cannot be stored, or null. */
  @Nullable Result<SendReceipt> refusal(QueueSend send) {
    BrokerError error = refusal(List.of(new Write.ToQueue(send)));
    return error == null ? null : Result.refused(error);
  }

  /** Why these cannot all be stored, or null: together they may be too many. */
  @Nullable BrokerError refusal(List<Write> writes) {
    Set<String> newLogs = new HashSet<>();
    Map<String, Integer> entering = new HashMap<>();
    int newQueues = 0;
    for (Write write : writes) {
      if (write instanceof Write.ToQueue queue) {
        String name = queue.send().message().channel();
        int earlier = entering.merge(name, 1, Integer::sum) - 1;
        QueueState state = channels.queue(name);
        newQueues += state == null && earlier == 0 ? 1 : 0;
        long max = channels.queueSettings(name).maxMessages();
        long there = state == null ? 0 : state.waiting() + state.delayed;
        if (max > 0 && there + earlier >= max) {
          return new BrokerError(
              ErrorCode.CHANNEL_FULL, "queue " + name + " holds " + max + " messages");
        }
        int waitingMax = queue.send().waitingMax();
        long waiting = state == null ? 0 : state.waiting();
        if (waitingMax > 0 && waiting + earlier >= waitingMax) {
          return new BrokerError(
              ErrorCode.CHANNEL_FULL,
              "in queue " + name + " " + waiting + " messages wait, of " + waitingMax);
        }
      } else {
        String name = ((Write.ToLog) write).message().channel();
        if (channels.log(name) == null) {
          newLogs.add(name);
        }
      }
    }
    return channels.room() < newQueues + newLogs.size() ? ChannelTable.FULL : null;
  }

  SendReceipt store(Prepared prepared) {
    Message message = prepared.send.message();
    QueuePolicy policy = prepared.send.policy();
    QueueState queue = channels.openQueue(message.channel(), queues);
    long now = writer.now();
    long due = policy.delaySeconds() == 0 ? 0 : now + policy.delaySeconds() * SECOND;
    long expiresAt =
        policy.expirationSeconds() == 0
            ? 0
            : Math.max(now, due) + policy.expirationSeconds() * SECOND;
    if (due == 0) {
      queues.enterNew(queue, prepared.record, fresh(message, policy, expiresAt));
    } else {
      delays.add(queue, prepared.record, due, expiresAt);
    }
    return new SendReceipt(message.id(), now, expiresAt, due);
  }

  Durability durability(String queue) {
    QueueState state = channels.queue(queue);
    return state == null ? Durability.SYNC : state.durability();
  }

  /** A held-back message as it enters its queue. */
  static QueueMessage content(QueueMessage held, long expiresAt) {
    QueuePolicy policy = held.policy();
    return fresh(
        held.message(),
        new QueuePolicy(
            policy.expirationSeconds(), 0, policy.maxReceiveCount(), policy.deadLetterQueue()),
        expiresAt);
  }

  private static QueueMessage fresh(Message message, QueuePolicy policy, long expiresAt) {
    return new QueueMessage(message, policy, 0, 0, 1, "", expiresAt, 0);
  }
}
