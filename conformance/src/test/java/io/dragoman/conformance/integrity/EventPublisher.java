// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.integrity;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.dragoman.conformance.RawWebSocket;
import io.dragoman.conformance.RawWebSocket.Frame;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Publishes its part of the plan, some at once, on a thread of its own. When its connection ends,
 * what was not answered stays so, and it goes on with what comes next.
 */
final class EventPublisher implements Runnable {

  private static final int IN_FLIGHT = 32;
  private static final long RETRY_NANOS = 20_000_000;
  private static final Pattern ANSWER =
      Pattern.compile(
          "\\{\"id\":(\\d+),\"jsonrpc\":\"2.0\",\"result\":\\{\"action\":\"publish\","
              + "\"id\":\"(\\d+)-(\\d+)\",\"status\":\"ok\",\"topic\":\"([^\"]+)\"}}");

  private final Plan plan;
  private final Account account;
  private final int publisher;
  private final Supplier<URI> server;
  private final boolean mayBreak;
  private int next;

  /**
   * @param mayBreak whether connections may end
   */
  EventPublisher(
      Plan plan, Account account, int publisher, Supplier<URI> server, boolean mayBreak) {
    this.plan = plan;
    this.account = account;
    this.publisher = publisher;
    this.server = server;
    this.mayBreak = mayBreak;
  }

  @Override
  public void run() {
    while (next < plan.perPublisher() && !Thread.currentThread().isInterrupted()) {
      ArrayDeque<Integer> waiting = new ArrayDeque<>();
      try (RawWebSocket socket = RawWebSocket.connect(server.get(), "/")) {
        publish(socket, waiting);
      } catch (UncheckedIOException e) {
        if (!mayBreak) {
          account.complain("publisher %d: %s", publisher, e);
          return;
        }
        waiting.forEach(each -> account.giveUp());
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  private void publish(RawWebSocket socket, ArrayDeque<Integer> waiting) {
    long last = 0;
    while (next < plan.perPublisher() || !waiting.isEmpty()) {
      while (waiting.size() < IN_FLIGHT && next < plan.perPublisher()) {
        int number = next++;
        waiting.add(number);
        socket.sendText(
            "{\"id\":%d,\"jsonrpc\":\"2.0\",\"method\":\"publish\",\"params\":{\"topic\":\"%s\",\"message\":\"%s\"}}"
                .formatted(
                    number,
                    plan.topic(plan.topicOf(publisher, number)),
                    Plan.text(publisher, number)));
      }
      last = answer(socket, waiting, last);
    }
  }

  /** Reads the next answer, and gives the place that it tells. */
  private long answer(RawWebSocket socket, ArrayDeque<Integer> waiting, long last) {
    Frame frame = socket.readFrame();
    if (frame.opcode() == RawWebSocket.PING) {
      socket.send(RawWebSocket.PONG, frame.text().getBytes(US_ASCII));
      return last;
    }
    Matcher answer = ANSWER.matcher(frame.text());
    int number = waiting.element();
    if (!answer.matches()
        || Integer.parseInt(answer.group(1)) != number
        || !answer.group(4).equals(plan.topic(plan.topicOf(publisher, number)))) {
      throw new IllegalStateException("answer to " + number + ": " + frame);
    }
    long place = Long.parseLong(answer.group(2)) * 1_000_000 + Long.parseLong(answer.group(3));
    if (place <= last) {
      throw new IllegalStateException("ids do not increase: " + frame);
    }
    waiting.remove();
    account.acknowledge(publisher, number, place);
    return place;
  }
}
