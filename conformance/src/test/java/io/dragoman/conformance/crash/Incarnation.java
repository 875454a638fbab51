// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.crash;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A broker as its clients know it, from its start to its end. */
final class Incarnation {

  private final int number;
  private final BrokerProcess process;
  private final URI rest;
  private final URI grpc;
  private final CountDownLatch ending = new CountDownLatch(1);
  private final AtomicInteger clients = new AtomicInteger();

  Incarnation(int number, BrokerProcess process) {
    this.number = number;
    this.process = process;
    this.rest = process.rest();
    this.grpc = process.grpc();
  }

  int number() {
    return number;
  }

  BrokerProcess process() {
    return process;
  }

  URI rest() {
    return rest;
  }

  URI grpc() {
    return grpc;
  }

  /** A client begins to work with it. */
  void enter() {
    clients.incrementAndGet();
  }

  /** A client has read all there was to read from it. */
  void leave() {
    clients.decrementAndGet();
  }

  boolean isAbandoned() {
    return clients.get() == 0;
  }

  /** It is about to be told to end: from now on its clients may be cut off and refused. */
  void end() {
    ending.countDown();
  }

  boolean isEnding() {
    return ending.getCount() == 0;
  }

  boolean isEndingWithin(Duration limit) {
    try {
      return ending.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
