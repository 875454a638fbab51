// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.crash;

import io.dragoman.conformance.crash.Habits.Deed;
import io.dragoman.kubemq.protocol.QueueMessage;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequest;
import io.dragoman.kubemq.protocol.QueuesDownstreamRequestType;
import io.dragoman.kubemq.protocol.QueuesDownstreamResponse;
import io.dragoman.kubemq.protocol.kubemqGrpc.kubemqStub;
import io.dragoman.testkit.ledger.LedgerEvent.Delivered;
import io.dragoman.testkit.ledger.LedgerEvent.Outcome;
import io.dragoman.testkit.ledger.LedgerEvent.ReceiveCut;
import io.dragoman.testkit.ledger.LedgerEvent.Settle;
import io.dragoman.testkit.ledger.LedgerEvent.SettleEnded;
import io.dragoman.testkit.ledger.LedgerEvent.SettleStarted;
import io.dragoman.testkit.ledger.LedgerEvent.Taken;
import io.dragoman.testkit.ledger.MessageKey;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Consumes a queue over {@code QueuesDownstream}, one poll after the other: acknowledged by itself,
 * or held as a transaction and settled as a whole, in two parts, or not at all.
 */
final class PollConsumer extends Client {
  private static final int POLL_MAX = 10;
  private static final int WAIT_MILLIS = 1000;

  private final String queue;
  private final Habits habits;
  private long requests;

  /** A message of the transaction at hand. */
  private record Held(MessageKey key, long delivery, long sequence, int receiveCount) {}

  /**
   * @param habits where {@code TAKE} is a poll that acknowledges by itself, {@code EXTEND} an
   *     acknowledgement in two parts, {@code LAPSE} to close the transaction and {@code LEAVE} to
   *     vanish
   */
  PollConsumer(Load load, String name, String queue, Habits habits) {
    super(load, name);
    this.queue = queue;
    this.habits = habits;
  }

  @Override
  boolean isWanted() {
    return load().isConsuming();
  }

  @Override
  void work(Incarnation broker) {
    boolean vanished = true;
    while (isWanted() && vanished) {
      try (GrpcSocket<QueuesDownstreamRequest, QueuesDownstreamResponse> stream =
          GrpcSocket.open(broker.grpc(), kubemqStub::queuesDownstream)) {
        vanished = consume(broker, stream);
      }
    }
  }

  /** Whether it is to go on with another stream. */
  private boolean consume(
      Incarnation broker, GrpcSocket<QueuesDownstreamRequest, QueuesDownstreamResponse> stream) {
    while (isWanted()) {
      Deed deed = habits.choose(random());
      int max = 1 + random().nextInt(POLL_MAX);
      QueuesDownstreamResponse polled = poll(broker, stream, max, deed == Deed.TAKE);
      List<Held> held = deed == Deed.TAKE ? List.of() : held(polled);
      if (!held.isEmpty()) {
        if (deed == Deed.LEAVE) {
          return true;
        }
        settle(broker, stream, polled.getTransactionId(), held, deed);
      }
    }
    return false;
  }

  private QueuesDownstreamResponse poll(
      Incarnation broker,
      GrpcSocket<QueuesDownstreamRequest, QueuesDownstreamResponse> stream,
      int max,
      boolean autoAck) {
    long since = ledger().now();
    QueuesDownstreamResponse polled;
    try {
      stream.send(
          request(QueuesDownstreamRequestType.Get)
              .setChannel(queue)
              .setMaxItems(max)
              .setWaitTimeout(WAIT_MILLIS)
              .setAutoAck(autoAck)
              .build());
      polled = stream.next();
    } catch (UncheckedIOException e) {
      record(new ReceiveCut(queue, since, max, autoAck, name()));
      throw e;
    }
    if (polled.getIsError()) {
      load().refused(broker, name(), new Refusal(200, polled.getError()));
    }
    if (autoAck) {
      for (QueueMessage message : polled.getMessagesList()) {
        int count = message.getAttributes().getReceiveCount();
        record(new Taken(keyOf(message), queue, count, since, name()));
        load().pace().consumed(queue);
      }
    }
    return polled;
  }

  private List<Held> held(QueuesDownstreamResponse polled) {
    List<Held> held = new ArrayList<>();
    for (QueueMessage message : polled.getMessagesList()) {
      Held each =
          new Held(
              keyOf(message),
              ledger().nextDelivery(),
              message.getAttributes().getSequence(),
              message.getAttributes().getReceiveCount());
      record(new Delivered(each.key(), each.delivery(), queue, each.receiveCount(), name()));
      held.add(each);
    }
    return held;
  }

  private void settle(
      Incarnation broker,
      GrpcSocket<QueuesDownstreamRequest, QueuesDownstreamResponse> stream,
      String transaction,
      List<Held> held,
      Deed deed) {
    Settle settle =
        switch (deed) {
          case REJECT -> Settle.REJECT;
          case MOVE -> Settle.MOVE;
          default -> Settle.ACK;
        };
    boolean closes = deed == Deed.LAPSE;
    if (!closes) {
      String target = settle == Settle.MOVE ? habits.moveTo() : "";
      held.forEach(each -> record(new SettleStarted(each.key(), each.delivery(), settle, target)));
    }
    try {
      for (QueuesDownstreamRequest.Builder request : requests(deed, held)) {
        stream.send(request.setRefTransactionId(transaction).build());
      }
      end(broker, stream.next(), transaction, closes ? List.of() : held);
    } catch (UncheckedIOException e) {
      String cause = String.valueOf(e.getCause());
      if (!closes) {
        held.forEach(
            each -> record(new SettleEnded(each.key(), each.delivery(), Outcome.UNKNOWN, cause)));
      }
      throw e;
    }
    if (settle != Settle.REJECT && !closes || held.get(0).receiveCount() > 1) {
      held.forEach(each -> load().pace().consumed(queue));
    }
  }

  private List<QueuesDownstreamRequest.Builder> requests(Deed deed, List<Held> held) {
    return switch (deed) {
      case REJECT -> List.of(request(QueuesDownstreamRequestType.NAckAll));
      case MOVE ->
          List.of(
              request(QueuesDownstreamRequestType.ReQueueAll).setReQueueChannel(habits.moveTo()));
      case LAPSE -> List.of(request(QueuesDownstreamRequestType.CloseByClient));
      case EXTEND -> {
        QueuesDownstreamRequest.Builder part = request(QueuesDownstreamRequestType.AckRange);
        part.addSequenceRange(held.get(0).sequence());
        yield held.size() == 1
            ? List.of(part)
            : List.of(part, request(QueuesDownstreamRequestType.AckAll));
      }
      default -> List.of(request(QueuesDownstreamRequestType.AckAll));
    };
  }

  /** The one answer is that the transaction is over: all that was asked for is done. */
  private void end(
      Incarnation broker, QueuesDownstreamResponse answer, String transaction, List<Held> settled) {
    String error = answer.getError();
    if (error.isEmpty()
        && !(answer.getTransactionComplete() && answer.getTransactionId().equals(transaction))) {
      throw new AssertionError("not the end of " + transaction + ": " + answer);
    }
    Outcome outcome = error.isEmpty() ? Outcome.OK : Outcome.UNKNOWN;
    for (Held each : settled) {
      record(new SettleEnded(each.key(), each.delivery(), outcome, error));
    }
    if (!error.isEmpty()) {
      load().refused(broker, name(), new Refusal(200, error));
    }
  }

  private QueuesDownstreamRequest.Builder request(QueuesDownstreamRequestType type) {
    return QueuesDownstreamRequest.newBuilder()
        .setRequestID(name() + "/" + ++requests)
        .setClientID(name())
        .setRequestTypeData(type);
  }

  private static MessageKey keyOf(QueueMessage message) {
    String body = message.getBody().toStringUtf8();
    return MessageKey.parse(body.substring(0, body.indexOf(' ')));
  }
}
