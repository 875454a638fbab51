// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.Call;
import io.dragoman.core.Delivery;
import io.dragoman.core.Lane;
import io.dragoman.core.LaneStep;
import io.dragoman.core.MessageRoom;
import io.dragoman.core.Queues;
import io.dragoman.core.ReceiveOptions;
import io.dragoman.core.Received;
import io.dragoman.core.Result;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The polls of one stream that wait: for messages, or for the client to take earlier answers. For
 * one lane.
 */
final class Polls {
  static final int WAITING_MAX = 1000;

  private static final int MESSAGES_DEFAULT = 200_000;
  private static final int WAIT_MILLIS_MIN = 1000;

  /** One poll. Of its request it has only what it needs, as it may wait for long. */
  static final class Poll {
    private final QueuesDownstreamRequest request;
    private final long held;
    private final long deadlineNanos;
    private @Nullable Call<Received> call;

    /** The client does not take its answers for now. */
    private boolean postponed;

    private Poll(QueuesDownstreamRequest asked, @Nullable InboundBudget bodies) {
      this.request = kept(asked);
      this.held = bodies == null ? 0 : bodies.claim(request.getSerializedSize());
      this.deadlineNanos =
          System.nanoTime()
              + TimeUnit.MILLISECONDS.toNanos(Math.max(WAIT_MILLIS_MIN, request.getWaitTimeout()));
    }

    private static QueuesDownstreamRequest kept(QueuesDownstreamRequest request) {
      return QueuesDownstreamRequest.newBuilder()
          .setRequestID(request.getRequestID())
          .setRequestTypeDataValue(request.getRequestTypeDataValue())
          .setChannel(request.getChannel())
          .setMaxItems(request.getMaxItems())
          .setWaitTimeout(request.getWaitTimeout())
          .setAutoAck(request.getAutoAck())
          .build();
    }

    QueuesDownstreamRequest request() {
      return request;
    }

    private ReceiveOptions options(MessageRoom room) {
      return new ReceiveOptions(
          request.getMaxItems() <= 0 ? MESSAGES_DEFAULT : request.getMaxItems(),
          Math.max(0, deadlineNanos - System.nanoTime()),
          ReceiveOptions.UNTIL_SETTLED,
          QueueRules.ANSWER_BYTES_MAX,
          room);
    }
  }

  /** Who gets what a poll gave. */
  interface Outcomes {
    void polled(Poll poll, Result<Received> outcome);
  }

  private final Queues queues;
  private final Lane lane;
  private final PollAnswers budget;
  private final Outcomes outcomes;
  private final Consumer<RuntimeException> guard;
  private final @Nullable InboundBudget bodies = InboundBudget.current();
  private final Set<Poll> started = new HashSet<>();
  private final ArrayDeque<Poll> postponed = new ArrayDeque<>();

  /**
   * @param guard hears that an outcome could not be dealt with
   */
  Polls(
      Queues queues,
      Lane lane,
      PollAnswers budget,
      Outcomes outcomes,
      Consumer<RuntimeException> guard) {
    this.queues = queues;
    this.lane = lane;
    this.budget = budget;
    this.outcomes = outcomes;
    this.guard = guard;
  }

  boolean isFull() {
    return started.size() + postponed.size() >= WAITING_MAX;
  }

  boolean isEmpty() {
    return started.isEmpty() && postponed.isEmpty();
  }

  void start(QueuesDownstreamRequest request) {
    start(new Poll(request, bodies));
  }

  /** Lets it wait until the client has taken more, as part of its waiting time. */
  void postpone(QueuesDownstreamRequest request) {
    postpone(new Poll(request, bodies));
  }

  void postpone(Poll poll) {
    budget.postponed();
    poll.postponed = true;
    postponed.add(poll);
  }

  /** The client has taken enough: what was postponed goes on, in order. */
  void startPostponed() {
    List<Poll> polls = List.copyOf(postponed);
    postponed.clear();
    polls.forEach(this::start);
  }

  private void start(Poll poll) {
    poll.postponed = false;
    PollAnswers.Fetch fetch = budget.new Fetch();
    Call<Received> call = queues.receive(poll.request.getChannel(), poll.options(fetch));
    poll.call = call;
    started.add(poll);
    // What was not needed is there for others at once, and not only when the lane comes to it.
    CompletionStage<Result<Received>> fetched =
        call.result().whenComplete((outcome, fault) -> fetch.fetched(bytes(outcome)));
    LaneStep.guarded(
        fetched,
        lane,
        outcome -> {
          started.remove(poll);
          try {
            outcomes.polled(poll, outcome);
          } finally {
            fetch.end();
            giveBack(poll);
          }
        },
        guard);
  }

  private static long bytes(@Nullable Result<Received> outcome) {
    long bytes = 0;
    if (outcome instanceof Result.Ok<Received> ok) {
      for (Delivery delivery : ok.value().deliveries()) {
        bytes += delivery.message().message().weight();
      }
    }
    return bytes;
  }

  /** It waits no longer, unless it was postponed again. */
  private void giveBack(Poll poll) {
    if (bodies != null && !poll.postponed) {
      bodies.giveBack(poll.held);
    }
  }

  /** Gives up those that nobody needs any more; what was taken for them goes back. */
  void cancel(Predicate<QueuesDownstreamRequest> which) {
    for (Poll poll : List.copyOf(postponed)) {
      if (which.test(poll.request)) {
        postponed.remove(poll);
        poll.postponed = false;
        giveBack(poll);
      }
    }
    for (Poll poll : new ArrayList<>(started)) {
      if (poll.call != null && which.test(poll.request)) {
        poll.call.cancel();
      }
    }
  }
}
