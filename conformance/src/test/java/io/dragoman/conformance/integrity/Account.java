// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.integrity;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/** What publishers were told and what subscribers were shown. For all threads. */
final class Account {

  private static final int COMPLAINTS_MAX = 50;

  private final Plan plan;

  /** Each event's place by its acknowledgement; 0 when there was none. */
  private final AtomicLongArray[] acknowledged = new AtomicLongArray[Plan.PUBLISHERS];

  /** Each event's place by whoever saw it first; 0 when nobody has. */
  private final AtomicLongArray[] shown = new AtomicLongArray[Plan.PUBLISHERS];

  private final AtomicInteger progress = new AtomicInteger();
  private final AtomicInteger unanswered = new AtomicInteger();
  private final Queue<String> complaints = new ConcurrentLinkedQueue<>();

  Account(Plan plan) {
    this.plan = plan;
    Arrays.setAll(acknowledged, i -> new AtomicLongArray(plan.perPublisher()));
    Arrays.setAll(shown, i -> new AtomicLongArray(plan.perPublisher()));
  }

  void acknowledge(int publisher, int number, long place) {
    acknowledged[publisher].set(number, place);
    progress.incrementAndGet();
  }

  /** Nobody will ever know from an answer whether it was stored. */
  void giveUp() {
    progress.incrementAndGet();
    unanswered.incrementAndGet();
  }

  /** How many events have been published, or given up. */
  int progress() {
    return progress.get();
  }

  int unanswered() {
    return unanswered.get();
  }

  void show(int publisher, int number, long place) {
    if (!shown[publisher].compareAndSet(number, 0, place)
        && shown[publisher].get(number) != place) {
      complain("event %d-%d has two ids", publisher, number);
    }
  }

  void complain(String format, Object... arguments) {
    if (complaints.size() < COMPLAINTS_MAX) {
      complaints.add(String.format(Locale.ROOT, format, arguments));
    }
  }

  List<String> complaints() {
    return List.copyOf(complaints);
  }

  /** What each subscriber must have been shown, now that all is over: complains of what is not. */
  void judge(List<Subscription> subscriptions) {
    for (int publisher = 0; publisher < Plan.PUBLISHERS; publisher++) {
      for (int number = 0; number < plan.perPublisher(); number++) {
        long told = acknowledged[publisher].get(number);
        long seen = shown[publisher].get(number);
        if (told != 0 && seen != 0 && told != seen) {
          complain("event %d-%d was acknowledged with another id", publisher, number);
        }
      }
    }
    subscriptions.forEach(this::judge);
  }

  private void judge(Subscription subscription) {
    for (int publisher = 0; publisher < Plan.PUBLISHERS; publisher++) {
      List<Integer> lost = new ArrayList<>();
      for (int number = 0; number < plan.perPublisher(); number++) {
        boolean wanted = subscription.filter().isFor(plan.topicOf(publisher, number));
        boolean there =
            acknowledged[publisher].get(number) != 0 || shown[publisher].get(number) != 0;
        if (wanted && there && !subscription.has(publisher, number)) {
          lost.add(number);
        }
      }
      if (!lost.isEmpty()) {
        complain(
            "%s lost %d events of publisher %d, the first is %d",
            subscription, lost.size(), publisher, lost.get(0));
      }
    }
  }
}
