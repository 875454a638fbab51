// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Lane;
import io.dragoman.core.LaneStep;
import io.dragoman.core.LogHistory;
import io.dragoman.core.LogRecord;
import io.dragoman.core.LogStart;
import io.dragoman.core.Result;
import io.dragoman.transport.WriteListener;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The history of one subscription on its way to its client: piece by piece, each when the one
 * before has been written and the subscription's turn has come. For one lane.
 *
 * <p>What is not written yet is held if there is room for it. Otherwise only its places are, and it
 * is read again, so that clients that do not read hold up nobody else's history.
 */
final class HistoryPart implements InTurn.Waiter {
  private static final Logger LOG = LoggerFactory.getLogger("dragoman.eventhub");

  /** Records in one piece, as they are in the log; at least one record. */
  private static final int PIECE_BYTES = 256 << 10;

  /** What a piece is when there is little room, for there is always this for everybody. */
  private static final int PIECE_BYTES_MIN = 32 << 10;

  private static final int READ_MAX = 1_000;

  /** Where pieces go. On the lane. */
  interface Sink {

    /**
     * Sends a piece of history, whatever waits.
     *
     * @param written hears when it has left
     * @return the bytes that it has become
     */
    int sendPiece(List<LogRecord> records, WriteListener written);

    /** What is left cannot be sent. */
    void failed(BrokerError reason);
  }

  /** Where a record is. */
  private record Place(String channel, long sequence, long timestampNanos) {}

  private final GatewayContext context;
  private final Lane lane;
  private final InTurn turns;
  private final Sink sink;
  private final Runnable then;

  /** What is left, or only its places. */
  private @Nullable List<LogRecord> records;

  private @Nullable List<Place> places;
  private int next;

  /** Room for what was read, until what is left of it has its own. */
  private long read;

  /** Room for the records that are held. */
  private long held;

  private boolean closed;

  /**
   * @param read room for reading, which this is to give back
   * @param then runs when all has been sent
   */
  HistoryPart(
      GatewayContext context,
      Lane lane,
      InTurn turns,
      LogHistory history,
      long read,
      Sink sink,
      Runnable then) {
    this.context = context;
    this.lane = lane;
    this.turns = turns;
    this.records = new ArrayList<>(history.records());
    this.read = read;
    this.sink = sink;
    this.then = then;
  }

  /** Sends what the client takes at once; the rest later. */
  void start() {
    try {
      turns.await(this);
    } finally {
      hold();
    }
  }

  /** No more of it is sent. */
  void close() {
    if (!closed) {
      closed = true;
      records = null;
      places = null;
      turns.done(this);
      giveBack();
    }
  }

  private void giveBack() {
    context.historiesRead().giveBack(read);
    context.historiesHeld().giveBack(held);
    read = 0;
    held = 0;
  }

  /** Keeps what is left, or where it is. */
  private void hold() {
    List<LogRecord> left = records;
    if (left != null && read > 0) {
      long bytes = 0;
      for (int i = next; i < left.size(); i++) {
        bytes += weight(left.get(i));
      }
      if (context.historiesHeld().tryTake(bytes)) {
        held = bytes;
      } else {
        records = null;
        places = places(left.subList(next, left.size()));
        next = 0;
      }
    }
    context.historiesRead().giveBack(read);
    read = 0;
  }

  private static List<Place> places(List<LogRecord> records) {
    List<Place> places = new ArrayList<>(records.size());
    for (LogRecord each : records) {
      places.add(new Place(each.message().channel(), each.sequence(), each.timestampNanos()));
    }
    return places;
  }

  @Override
  public void goOn() {
    if (closed) {
      turns.done(this);
    } else if (records != null) {
      sendHeld(records);
    } else if (places != null && next < places.size()) {
      readOn(places);
    } else {
      end();
    }
  }

  private void end() {
    close();
    then.run();
  }

  private void sendHeld(List<LogRecord> all) {
    long room = pieceBytes();
    int end = next;
    long bytes = 0;
    while (end < all.size() && (end == next || bytes + weight(all.get(end)) <= room)) {
      bytes += weight(all.get(end));
      end++;
    }
    List<LogRecord> piece = List.copyOf(all.subList(next, end));
    // What has its room given back is not held.
    Collections.fill(all.subList(next, end), null);
    next = end;
    if (held > 0) {
      context.historiesHeld().giveBack(bytes);
      held -= bytes;
    }
    if (next == all.size()) {
      records = null;
    }
    send(piece);
  }

  private int pieceBytes() {
    return context.historiesHeld().hasRoomFor(PIECE_BYTES) ? PIECE_BYTES : PIECE_BYTES_MIN;
  }

  private static int weight(LogRecord record) {
    return record.message().weight();
  }

  /** Sends a piece, and goes on when it is written, or ends this. */
  private void send(List<LogRecord> piece) {
    boolean last = records == null && (places == null || next == places.size());
    if (piece.isEmpty()) {
      turns.await(this);
      return;
    }
    Unsent unsent = new Unsent(!last);
    unsent.bytes(sink.sendPiece(piece, unsent));
    if (last) {
      end();
    } else {
      turns.done(this);
    }
  }

  /** A piece on its way. */
  private final class Unsent implements WriteListener {
    private final boolean more;
    private long bytes;
    private boolean written;

    Unsent(boolean more) {
      this.more = more;
    }

    /** When it is known. */
    void bytes(int size) {
      if (!written) {
        bytes = size;
        context.historiesHeld().change(size);
      }
    }

    @Override
    public void written(boolean ok) {
      written = true;
      context.historiesHeld().giveBack(bytes);
      if (more && ok && !closed) {
        try {
          turns.await(HistoryPart.this);
        } catch (RuntimeException | Error e) {
          // Whoever calls listeners of writes has nobody to tell.
          LOG.error("a history could not go on", e);
          failed(LaneStep.FAULT);
        }
      }
    }
  }

  /** Reads places that follow one another in one log. */
  private void readOn(List<Place> all) {
    Place first = all.get(next);
    int end = next + 1;
    while (end < all.size() && end - next < READ_MAX && follows(first, end - next, all.get(end))) {
      end++;
    }
    int count = end - next;
    int bytes = pieceBytes();
    LaneStep.guarded(
        context
            .broker()
            .logs()
            .read(first.channel, new LogStart.AtSequence(first.sequence), count, bytes),
        lane,
        outcome -> readOn(all, count, outcome),
        cause -> failed(LaneStep.FAULT));
  }

  private static boolean follows(Place first, int distance, Place place) {
    return place.sequence == first.sequence + distance && place.channel.equals(first.channel);
  }

  private void readOn(List<Place> all, int count, Result<List<LogRecord>> outcome) {
    if (closed) {
      return;
    }
    if (outcome instanceof Result.Refused<List<LogRecord>> refused) {
      failed(refused.error());
      return;
    }
    // Some may be gone since, and be followed by others; and a log of the same name may be another.
    List<LogRecord> found = outcome.orThrow();
    List<LogRecord> wanted = new ArrayList<>(found.size());
    int end = next + count;
    long reached = all.get(end - 1).sequence;
    for (LogRecord each : found) {
      long index = next + each.sequence() - all.get(next).sequence;
      if (index < end && all.get((int) index).timestampNanos == each.timestampNanos()) {
        wanted.add(each);
      }
    }
    if (!found.isEmpty()) {
      reached = Math.min(reached, found.get(found.size() - 1).sequence());
    }
    next += (int) (reached - all.get(next).sequence) + 1;
    send(wanted);
  }

  private void failed(BrokerError reason) {
    if (closed) {
      return;
    }
    close();
    if (reason.code() != ErrorCode.SHUTTING_DOWN) {
      sink.failed(reason);
    }
  }
}
