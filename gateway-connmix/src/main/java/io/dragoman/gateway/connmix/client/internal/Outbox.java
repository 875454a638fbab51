// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.Call;
import io.dragoman.core.Delivery;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.LaneStep;
import io.dragoman.core.Message;
import io.dragoman.core.QueuePolicy;
import io.dragoman.core.QueueSend;
import io.dragoman.core.ReceiveOptions;
import io.dragoman.core.Received;
import io.dragoman.core.Result;
import io.dragoman.core.SendReceipt;
import io.dragoman.core.Settlement;
import io.dragoman.gateway.connmix.client.Client;
import io.dragoman.gateway.connmix.client.ClientRules.WhenFull;
import io.dragoman.gateway.connmix.client.internal.ClientTraffic.Lost;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Brings what one client does to topics, in its order. For one lane.
 *
 * <p>Where what does not fit is dropped, messages follow one another without waiting for the disk.
 * Where it is tried again, only what was handed over together is under way: what comes later must
 * not overtake it.
 */
final class Outbox {
  private static final int UNDER_WAY_MAX = 256;
  private static final long UNDER_WAY_BYTES_MAX = 1 << 20;

  /** Between attempts at a topic that is full. */
  private static final long RETRY_MILLIS = 20;

  /** Attempts at a topic whose oldest messages are dropped, all of which consumers may have. */
  private static final int DROPS_MAX = 3;

  /** Attempts for a client that is gone: about 10 s. */
  private static final int ATTEMPTS_AFTER_END = 500;

  private static final int TRY_AGAIN_LATER = 1013;

  private final RuleHandlers shared;
  private final Client client;
  private final Runnable onProgress;
  private final ArrayDeque<QueueSend> waiting = new ArrayDeque<>();
  private int underWay;
  private long bytes;
  private boolean ended;

  /**
   * @param onProgress is run when something has reached its topic, or never will
   */
  Outbox(RuleHandlers shared, Client client, Runnable onProgress) {
    this.shared = shared;
    this.client = client;
    this.onProgress = onProgress;
  }

  /** Whether the client should not be read for now. */
  boolean full() {
    return underWay + waiting.size() >= UNDER_WAY_MAX || bytes >= UNDER_WAY_BYTES_MAX;
  }

  boolean isEmpty() {
    return underWay == 0 && waiting.isEmpty();
  }

  /** The client is gone: what is here already is brought to its topics, for a while. */
  void end() {
    ended = true;
  }

  void add(String topic, byte[] body) {
    if (!shared.topics().allows(topic)) {
      lost(Lost.TOPICS);
      return;
    }
    Message message =
        Message.builder()
            .channel(topic)
            .clientId(Long.toString(client.connection().id()))
            .body(body)
            .build();
    QueueSend send = new QueueSend(message, QueuePolicy.NONE, shared.rules().topicSize());
    bytes += message.weight();
    WhenFull full = shared.rules().full();
    if (full == WhenFull.ERROR || full == WhenFull.CLOSE) {
      underWay++;
      hand(List.of(send), 0);
    } else {
      waiting.add(send);
      next();
    }
  }

  private void next() {
    if (underWay > 0 || waiting.isEmpty()) {
      return;
    }
    List<QueueSend> together = List.copyOf(waiting);
    waiting.clear();
    underWay = together.size();
    hand(together, 0);
  }

  private void hand(List<QueueSend> sends, int attempts) {
    CompletionStage<List<Result<SendReceipt>>> sent = shared.queues().send(sends);
    LaneStep.of(
        sent,
        client.lane(),
        List.<Result<SendReceipt>>of(),
        outcomes -> handed(sends, outcomes, attempts),
        client::failed);
  }

  private void handed(List<QueueSend> sends, List<Result<SendReceipt>> outcomes, int attempts) {
    List<QueueSend> again = new ArrayList<>();
    for (int i = 0; i < sends.size(); i++) {
      QueueSend send = sends.get(i);
      Result<SendReceipt> outcome =
          i < outcomes.size() ? outcomes.get(i) : Result.refused(LaneStep.FAULT);
      if (outcome instanceof Result.Refused<SendReceipt> refused) {
        if (refused(refused.error(), attempts)) {
          again.add(send);
          continue;
        }
      }
      underWay--;
      bytes -= send.message().weight();
    }
    if (!again.isEmpty()) {
      tryAgain(again, attempts + 1);
    }
    next();
    onProgress.run();
  }

  /** Whether it is to be tried again. */
  private boolean refused(BrokerError error, int attempts) {
    if (error.code() != ErrorCode.CHANNEL_FULL) {
      lost(Lost.REFUSED);
      return false;
    }
    switch (shared.rules().full()) {
      case BLOCK -> {
        if (!ended || attempts < ATTEMPTS_AFTER_END) {
          return true;
        }
      }
      case DROP_OLDEST -> {
        if (attempts < DROPS_MAX) {
          return true;
        }
      }
      case CLOSE -> client.close(TRY_AGAIN_LATER, "the topic is full");
      case ERROR -> {}
    }
    lost(Lost.FULL);
    return false;
  }

  private void tryAgain(List<QueueSend> sends, int attempts) {
    if (shared.rules().full() == WhenFull.DROP_OLDEST) {
      dropOldest(sends, attempts);
    } else {
      shared.after(RETRY_MILLIS, client.lane(), () -> hand(sends, attempts));
    }
  }

  /** Of the first one's topic, as many as are to go there. */
  private void dropOldest(List<QueueSend> sends, int attempts) {
    String topic = sends.get(0).message().channel();
    int wanted = 0;
    for (QueueSend each : sends) {
      wanted += each.message().channel().equals(topic) ? 1 : 0;
    }
    long leaseNanos = TimeUnit.SECONDS.toNanos(30);
    Call<Received> oldest =
        shared.queues().receive(topic, new ReceiveOptions(wanted, 0, leaseNanos));
    LaneStep.guarded(
        oldest.result(), client.lane(), taken -> drop(taken, sends, attempts), client::failed);
  }

  private void drop(Result<Received> taken, List<QueueSend> sends, int attempts) {
    if (taken instanceof Result.Ok<Received> ok && !ok.value().deliveries().isEmpty()) {
      List<Delivery> deliveries = ok.value().deliveries();
      shared.traffic().lost(Lost.OLDEST, deliveries.size());
      LaneStep.guarded(
          shared
              .queues()
              .settle(deliveries.stream().map(Delivery::receipt).toList(), Settlement.ACK),
          client.lane(),
          settled -> hand(sends, attempts),
          client::failed);
    } else {
      shared.after(RETRY_MILLIS, client.lane(), () -> hand(sends, attempts));
    }
  }

  private void lost(Lost reason) {
    shared.traffic().lost(reason, 1);
  }
}
