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
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings what one client does to topics, in its order. For one lane.
 *
 * <p>Where what does not fit is dropped, messages follow one another without waiting for the disk.
 * Where it is tried again, only what was taken over together is under way: what comes later must
 * not overtake it. Of that, after a refusal, one message of each topic is handed over first, and
 * more only as topics take them: many clients may wait for the same topic, and all writes of the
 * broker pass the same thread.
 */
final class Outbox {
  private static final int UNDER_WAY_MAX = 256;
  private static final long UNDER_WAY_BYTES_MAX = 1 << 20;

  /** Between attempts at what is full: at first, and when nothing was taken for some time. */
  private static final long RETRY_MILLIS_MIN = 20;

  private static final long RETRY_MILLIS_MAX = 1000;

  /** Attempts in a row that took nothing, at topics whose oldest messages are dropped. */
  private static final int DROPS_MAX = 3;

  private static final long AFTER_END_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int TRY_AGAIN_LATER = 1013;

  private final RuleHandlers shared;
  private final Client client;
  private final LongSupplier nanoTime;
  private final Runnable onProgress;
  private final WhenFull whenFull;
  private final int topicSize;
  private final ArrayDeque<QueueSend> waiting = new ArrayDeque<>();

  /** What was taken over together, but for what is handed over just now. */
  private List<QueueSend> left = List.of();

  /** How many messages are handed over together, by topics; where it is missing, all there are. */
  private final Map<String, Integer> together = new HashMap<>();

  /** Topics that had no room, until it is tried again. */
  private final Set<String> resting = new HashSet<>();

  private long retryMillis = RETRY_MILLIS_MIN;
  private int fruitless;
  private int underWay;
  private long bytes;
  private boolean ended;
  private long endNanos;

  /**
   * @param onProgress is run when something has reached its topic, or never will
   */
  Outbox(RuleHandlers shared, Client client, LongSupplier nanoTime, Runnable onProgress) {
    this.shared = shared;
    this.client = client;
    this.nanoTime = nanoTime;
    this.onProgress = onProgress;
    this.whenFull = shared.rules().full();
    this.topicSize = shared.rules().topicSize();
  }

  /** Whether the client should not be read for now. */
  boolean full() {
    return underWay + waiting.size() >= UNDER_WAY_MAX || bytes >= UNDER_WAY_BYTES_MAX;
  }

  boolean isEmpty() {
    return underWay == 0 && waiting.isEmpty();
  }

  /** The client is gone: what is here already is brought to its topics, for about 10 s. */
  void end() {
    ended = true;
    endNanos = nanoTime.getAsLong() + AFTER_END_NANOS;
  }

  void add(String topic, byte[] body) {
    Message message =
        Message.builder()
            .channel(topic)
            .clientId(Long.toString(client.connection().id()))
            .body(body)
            .build();
    QueueSend send = new QueueSend(message, QueuePolicy.NONE, topicSize);
    bytes += message.weight();
    if (triesAgain()) {
      waiting.add(send);
      next();
    } else if (mayExist(send)) {
      underWay++;
      hand(List.of(send));
    }
  }

  private boolean triesAgain() {
    return whenFull == WhenFull.BLOCK || whenFull == WhenFull.DROP_OLDEST;
  }

  /** Asked when it is about to be handed over: what waits here takes no topic from others. */
  private boolean mayExist(QueueSend send) {
    boolean may = shared.topics().allows(send.message().channel());
    if (!may) {
      bytes -= send.message().weight();
      lost(Lost.TOPICS);
    }
    return may;
  }

  private void next() {
    while (underWay == 0 && !waiting.isEmpty()) {
      left = new ArrayList<>(waiting);
      waiting.clear();
      left.removeIf(send -> !mayExist(send));
      underWay = left.size();
      handLeft();
    }
  }

  /** Hands over the first ones of each topic, but for those that had no room. */
  private void handLeft() {
    List<QueueSend> first = new ArrayList<>();
    List<QueueSend> later = new ArrayList<>();
    Map<String, Integer> counts = new HashMap<>();
    for (QueueSend each : left) {
      String topic = each.message().channel();
      boolean fits = counts.merge(topic, 1, Integer::sum) <= together(topic);
      (fits && !resting.contains(topic) ? first : later).add(each);
    }
    left = later;
    if (!first.isEmpty()) {
      hand(first);
    } else if (!later.isEmpty()) {
      handLater();
    }
  }

  private int together(String topic) {
    return together.getOrDefault(topic, UNDER_WAY_MAX);
  }

  private void hand(List<QueueSend> sends) {
    CompletionStage<List<Result<SendReceipt>>> sent = shared.queues().send(sends);
    LaneStep.of(
        sent,
        client.lane(),
        List.<Result<SendReceipt>>of(),
        outcomes -> handed(sends, outcomes),
        client::failed);
  }

  private void handed(List<QueueSend> sends, List<Result<SendReceipt>> outcomes) {
    List<QueueSend> again = new ArrayList<>();
    boolean overloaded = false;
    boolean last = isLast();
    for (int i = 0; i < sends.size(); i++) {
      QueueSend send = sends.get(i);
      BrokerError error = i < outcomes.size() ? error(outcomes.get(i)) : LaneStep.FAULT;
      if (error != null && triesAgain() && !last && isRoom(error)) {
        again.add(send);
        overloaded |= error.code() == ErrorCode.OVERLOADED;
        continue;
      }
      if (error == null) {
        stored(send.message().channel());
      } else {
        refused(send, error);
      }
      done(send);
    }
    if (triesAgain()) {
      goOn(again, again.size() < sends.size(), overloaded);
      next();
    }
    onProgress.run();
  }

  private void stored(String topic) {
    shared.topics().stored(topic);
    together.computeIfPresent(topic, (name, count) -> count < UNDER_WAY_MAX ? count + 1 : null);
  }

  private static @Nullable BrokerError error(Result<SendReceipt> outcome) {
    return outcome instanceof Result.Refused<SendReceipt> refused ? refused.error() : null;
  }

  /** Whether it was refused for want of room, which there may be later. */
  private static boolean isRoom(BrokerError error) {
    return error.code() == ErrorCode.CHANNEL_FULL || error.code() == ErrorCode.OVERLOADED;
  }

  /** Whether what is refused now is lost. */
  private boolean isLast() {
    return ended && nanoTime.getAsLong() - endNanos > 0
        || whenFull == WhenFull.DROP_OLDEST && fruitless >= DROPS_MAX;
  }

  private void refused(QueueSend send, BrokerError error) {
    if (error.code() == ErrorCode.CHANNEL_FULL) {
      lost(Lost.FULL);
      if (whenFull == WhenFull.CLOSE) {
        client.close(TRY_AGAIN_LATER, "the topic is full");
      }
    } else {
      shared.topics().refused(send.message().channel());
      lost(Lost.REFUSED);
    }
  }

  private void done(QueueSend send) {
    underWay--;
    bytes -= send.message().weight();
  }

  // ---- trying again

  private void goOn(List<QueueSend> again, boolean progress, boolean overloaded) {
    if (progress) {
      fruitless = 0;
      retryMillis = RETRY_MILLIS_MIN;
    }
    Map<String, Integer> full = new LinkedHashMap<>();
    again.forEach(each -> full.put(each.message().channel(), 0));
    again.addAll(left);
    left = again;
    if (full.isEmpty()) {
      handLeft();
    } else if (whenFull == WhenFull.DROP_OLDEST && !overloaded) {
      fruitless += progress ? 0 : 1;
      makeRoom(full);
    } else {
      full.keySet().forEach(topic -> together.put(topic, 1));
      resting.addAll(full.keySet());
      handLeft();
    }
  }

  private void handLater() {
    shared.after(
        retryMillis,
        client.lane(),
        () -> {
          resting.clear();
          handLeft();
        });
    retryMillis = Math.min(retryMillis * 2, RETRY_MILLIS_MAX);
  }

  /** Drops as many of the oldest, in each of these topics, as are to be handed over next. */
  private void makeRoom(Map<String, Integer> full) {
    for (QueueSend each : left) {
      full.computeIfPresent(each.message().channel(), (topic, count) -> count + 1);
    }
    forgetOldest(full);
    full.replaceAll((topic, count) -> Math.min(count, Math.min(topicSize, together(topic))));
    makeRoom(full.entrySet().iterator(), false);
  }

  /** Of what does not fit into a topic even when it is empty, the oldest need not go there. */
  private void forgetOldest(Map<String, Integer> counts) {
    Map<String, Integer> behind = new HashMap<>(counts);
    left.removeIf(
        each -> {
          Integer count = behind.computeIfPresent(each.message().channel(), (t, n) -> n - 1);
          if (count == null || count < topicSize) {
            return false;
          }
          lost(Lost.OLDEST);
          done(each);
          return true;
        });
  }

  private void makeRoom(Iterator<Map.Entry<String, Integer>> topics, boolean made) {
    if (!topics.hasNext()) {
      if (made) {
        handLeft();
      } else {
        handLater();
      }
      return;
    }
    Map.Entry<String, Integer> topic = topics.next();
    long leaseNanos = TimeUnit.SECONDS.toNanos(30);
    Call<Received> oldest =
        shared
            .queues()
            .receive(topic.getKey(), new ReceiveOptions(topic.getValue(), 0, leaseNanos));
    LaneStep.guarded(
        oldest.result(), client.lane(), taken -> drop(taken, topics, made), client::failed);
  }

  private void drop(
      Result<Received> taken, Iterator<Map.Entry<String, Integer>> topics, boolean made) {
    if (taken instanceof Result.Ok<Received> ok && !ok.value().deliveries().isEmpty()) {
      List<Delivery> deliveries = ok.value().deliveries();
      shared.traffic().lost(Lost.OLDEST, deliveries.size());
      LaneStep.guarded(
          shared
              .queues()
              .settle(deliveries.stream().map(Delivery::receipt).toList(), Settlement.ACK),
          client.lane(),
          settled -> makeRoom(topics, true),
          client::failed);
    } else {
      makeRoom(topics, made);
    }
  }

  private void lost(Lost reason) {
    shared.traffic().lost(reason, 1);
  }
}
