// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.integrity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * All subscribers, on one thread. Each stays for some events, goes in one of several ways, and
 * comes back when others have had some hundreds, to ask for what it has missed; some come for the
 * first time when much has been published; some do not read for a while.
 */
final class Audience implements Runnable {

  private static final int SUBSCRIBERS = 50;

  /**
   * The last of them come late, but while all that there is fits into the 8 MiB of one subscriber's
   * history.
   */
  private static final int EARLY = 40;

  /** Those with so small a buffer that not reading is felt by the broker. */
  private static final int SLOW_EVERY = 7;

  private static final int SLOW_BUFFER_BYTES = 4096;
  private static final long SELECT_MILLIS = 5;

  /** What a subscriber does when it has heard enough. */
  enum Turn {
    /** Ends the connection without a word. */
    DROP,
    /** Asks the broker to end the connection. */
    DISCONNECT,
    /** Unsubscribes, and keeps the connection. */
    UNSUBSCRIBE,
    /** Does not read for a while. */
    REST
  }

  private enum State {
    AWAY,
    SUBSCRIBED,
    RESTING,
    DISCONNECTING,
    UNSUBSCRIBING,
    UNSUBSCRIBED,
    LEAVING,
    GONE
  }

  private static final class Seat {
    private final Listener listener;
    private State state = State.AWAY;
    private SelectionKey key;
    private boolean fresh;
    private int turnAt;
    private int backAt;

    Seat(Listener listener, boolean fresh, int backAt) {
      this.listener = listener;
      this.fresh = fresh;
      this.backAt = backAt;
    }
  }

  private final Account account;
  private final Supplier<URI> server;
  private final BooleanSupplier over;
  private final boolean mayBreak;
  private final Random random;
  private final int step;
  private final List<Seat> seats = new ArrayList<>();
  private final Map<Turn, Integer> turns = new EnumMap<>(Turn.class);
  private final CountDownLatch begun = new CountDownLatch(EARLY);
  private final Selector selector;
  private int broken;

  /**
   * @param over whether everything has been published
   * @param mayBreak whether connections may end by themselves
   */
  Audience(
      Plan plan,
      Account account,
      Supplier<URI> server,
      BooleanSupplier over,
      boolean mayBreak,
      Random random) {
    this.account = account;
    this.server = server;
    this.over = over;
    this.mayBreak = mayBreak;
    this.random = random;
    int total = plan.perPublisher() * Plan.PUBLISHERS;
    this.step = total / 20;
    long begin = System.currentTimeMillis() - 1000;
    for (int i = 0; i < SUBSCRIBERS; i++) {
      int number = i;
      List<Subscription> subscriptions =
          plan.filters(i).stream()
              .map(filter -> new Subscription(plan, account, number, filter, begin))
              .toList();
      boolean early = i < EARLY;
      Listener listener =
          new Listener(account, plan, subscriptions, i % SLOW_EVERY == 0 ? SLOW_BUFFER_BYTES : 0);
      seats.add(new Seat(listener, early, early ? 0 : random.nextInt(total / 2)));
    }
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<Subscription> subscriptions() {
    return seats.stream().flatMap(each -> each.listener.subscriptions().stream()).toList();
  }

  /** How often each was done. */
  Map<Turn, Integer> turns() {
    return turns;
  }

  /** How many connections have ended by themselves. */
  int broken() {
    return broken;
  }

  /** Waits until all that come early have subscribed. */
  void awaitBegun() throws InterruptedException {
    begun.await();
  }

  @Override
  public void run() {
    try (selector) {
      while (!Thread.currentThread().isInterrupted()
          && !seats.stream().allMatch(each -> each.state == State.GONE)) {
        selector.select(key -> read((Seat) key.attachment()), SELECT_MILLIS);
        for (Seat each : seats) {
          act(each);
        }
      }
      for (Seat each : seats) {
        if (each.listener.connected()) {
          each.listener.drop();
        }
      }
    } catch (IOException | RuntimeException e) {
      account.complain("the audience has ended: %s", e);
    }
  }

  private void read(Seat seat) {
    try {
      if (!seat.listener.read()) {
        ended(seat, "the end of the connection");
      }
    } catch (IOException e) {
      ended(seat, e.toString());
    }
  }

  private void ended(Seat seat, String how) {
    seat.key.cancel();
    try {
      seat.listener.drop();
    } catch (IOException e) {
      // It has ended all the same.
    }
    if (seat.state == State.LEAVING) {
      seat.state = State.GONE;
      return;
    }
    if (seat.state == State.DISCONNECTING) {
      comeBackLater(seat);
    } else if (mayBreak) {
      broken++;
      seat.backAt = 0;
    } else {
      account.complain("%s: %s", seat.listener.subscriptions().get(0), how);
    }
    seat.state = State.AWAY;
  }

  private void act(Seat seat) {
    try {
      switch (seat.state) {
        case AWAY -> {
          if (due(seat)) {
            comeBack(seat);
          }
        }
        case SUBSCRIBED -> subscribed(seat);
        case RESTING -> {
          if (due(seat)) {
            seat.key.interestOps(SelectionKey.OP_READ);
            stay(seat);
          }
        }
        case UNSUBSCRIBING -> {
          if (!seat.listener.unsubscribing()) {
            seat.state = State.UNSUBSCRIBED;
          }
        }
        case UNSUBSCRIBED -> {
          if (due(seat)) {
            seat.listener.subscribe(false);
            stay(seat);
          }
        }
        case DISCONNECTING, LEAVING, GONE -> {
          // What happens next is up to the broker.
        }
      }
    } catch (IOException e) {
      if (seat.listener.connected()) {
        ended(seat, e.toString());
      }
    }
  }

  private boolean due(Seat seat) {
    return account.progress() >= seat.backAt || over.getAsBoolean();
  }

  private void comeBack(Seat seat) throws IOException {
    try {
      seat.key = seat.listener.connect(server.get()).register(selector, SelectionKey.OP_READ, seat);
    } catch (IOException e) {
      if (!mayBreak) {
        account.complain("%s: %s", seat.listener.subscriptions().get(0), e);
      }
      return;
    }
    seat.listener.subscribe(seat.fresh);
    stay(seat);
  }

  private void stay(Seat seat) {
    seat.state = State.SUBSCRIBED;
    seat.turnAt = 1 + random.nextInt(step);
  }

  private void subscribed(Seat seat) throws IOException {
    if (!seat.listener.confirmed()) {
      return;
    }
    if (seat.fresh) {
      seat.fresh = false;
      begun.countDown();
    }
    if (over.getAsBoolean()) {
      if (seat.listener.complete()) {
        seat.listener.disconnect();
        seat.state = State.LEAVING;
      }
    } else if (seat.listener.heard() >= seat.turnAt) {
      turn(seat, Turn.values()[random.nextInt(Turn.values().length)]);
    }
  }

  private void turn(Seat seat, Turn turn) throws IOException {
    turns.merge(turn, 1, Integer::sum);
    comeBackLater(seat);
    switch (turn) {
      case DROP -> {
        seat.key.cancel();
        seat.listener.drop();
        seat.state = State.AWAY;
      }
      case DISCONNECT -> {
        seat.listener.disconnect();
        seat.state = State.DISCONNECTING;
      }
      case UNSUBSCRIBE -> {
        seat.listener.unsubscribeAll();
        seat.state = State.UNSUBSCRIBING;
      }
      case REST -> {
        seat.key.interestOps(0);
        seat.state = State.RESTING;
      }
    }
  }

  private void comeBackLater(Seat seat) {
    seat.backAt = account.progress() + random.nextInt(step);
  }
}
