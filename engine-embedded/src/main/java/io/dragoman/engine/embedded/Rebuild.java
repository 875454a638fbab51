// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * Goes through all channels of a store that may be damaged, counts what each has lost, and can
 * write what is left into a new store. What the channels should hold is known from their figures in
 * the store and from the {@link Tallies}; whichever is later counts. For one thread.
 */
final class Rebuild {
  private static final int BATCH_BYTES = 1 << 20;
  private static final long DELAYED_IDS_AHEAD = 1L << 40;

  /** A channel that should be there. */
  private static final class Channel {
    final int number;
    final Kind kind;
    final String name;
    final long createdAtNanos;
    byte @Nullable [] state;
    byte @Nullable [] taken;
    boolean stateUnreadable;

    Channel(int number, Kind kind, String name, long createdAtNanos) {
      this.number = number;
      this.kind = kind;
      this.name = name;
      this.createdAtNanos = createdAtNanos;
    }

    // What of it counts: the later one.
    byte @Nullable [] latest() {
      byte[] there = state;
      byte[] account = taken;
      if (there == null || account == null) {
        return there == null ? account : there;
      }
      boolean behind =
          kind == Kind.QUEUE
              ? QueueState.Figures.of(there).before(QueueState.Figures.of(account))
              : LogState.Figures.of(there).before(LogState.Figures.of(account));
      return behind ? account : there;
    }
  }

  private final Store from;
  private final Tallies.Account account;
  private final @Nullable MissingChanges missing;
  private final List<String> damage;
  private final Salvage salvage;
  private final KeySalvage keys;
  private final Map<Integer, Channel> channels = new TreeMap<>();
  private final Map<String, Integer> newest = new HashMap<>();
  private final Map<Integer, Long> delayed = new HashMap<>();
  private final List<Loss> nameless = new ArrayList<>();
  private final List<Loss> losses = new ArrayList<>();
  private final Batch batch = new Batch();
  private @Nullable Store to;
  private int nextNumber = 1;
  private byte @Nullable [] stamps;
  private long nextDelayed;
  private long messages;
  private boolean incomplete;
  private boolean namesLost;

  Rebuild(
      Store from, Tallies.Account account, @Nullable MissingChanges missing, List<String> damage) {
    this.from = from;
    this.account = account;
    this.missing = missing;
    this.damage = damage;
    this.salvage = new Salvage(from);
    this.keys = new KeySalvage(from, salvage, account.keys());
  }

  List<Loss> losses() {
    return losses;
  }

  long messages() {
    return messages;
  }

  /** Whether something besides messages could not be read, which only a new store puts right. */
  boolean incomplete() {
    return incomplete;
  }

  /** Finds out which channels there are and how far they should be. */
  void readChannels() throws RocksDBException {
    byte[] next = salvage.get(from.meta, Keys.NEXT_CHANNEL);
    boolean allRead =
        salvage.scan(
            from.meta,
            Keys.ALL_CHANNELS,
            Keys.AFTER_CHANNELS,
            (key, value) -> {
              Input in = new Input(value);
              add(in.nextInt(), Keys.kindOf(key), Keys.nameOf(key), in.nextLong());
              return true;
            });
    nextNumber = next == null ? 1 : new Input(next).nextInt();
    boolean listLost = !allRead || next == null || missing != null;
    for (Tallies.Channel taken : account.channels().values()) {
      // One whose number was given out and that is not listed was deleted.
      if ((listLost || taken.number() >= nextNumber) && !wasDeleted(taken)) {
        add(taken.number(), taken.kind(), taken.name(), 0);
      }
      Channel channel = channels.get(taken.number());
      if (channel != null) {
        channel.taken = taken.state();
      }
    }
    account.deleted().forEach(this::leaveOut);
    if (!allRead || account.exists() && next == null && !account.channels().isEmpty()) {
      incomplete = true;
      damage.add(
          "the list of channels is damaged; "
              + (account.exists()
                  ? "it is put together from the tally"
                  : "there is no tally to put it together from"));
    }
    for (Channel channel : channels.values()) {
      nextNumber = Math.max(nextNumber, channel.number + 1);
      readState(channel);
    }
    namesLost = !allRead;
    if (namesLost) {
      findNameless(from.queue, Kind.QUEUE);
      findNameless(from.log, Kind.LOG);
    }
    if (!keys.readFigures()) {
      incomplete = true;
      damage.add("the figures of the keys cannot be read; they are made anew");
    }
    stamps = salvage.get(from.meta, Keys.STAMPS);
    byte[] ids = salvage.get(from.meta, Keys.NEXT_DELAYED);
    nextDelayed = ids == null ? DELAYED_IDS_AHEAD : new Input(ids).nextLong();
  }

  // By a batch that can be read and was not accounted for yet, or as its name has another channel.
  private boolean wasDeleted(Tallies.Channel taken) {
    return missing != null && missing.deleted().contains(taken.number())
        || newest.getOrDefault(taken.kind().label() + " " + taken.name(), 0) > taken.number();
  }

  // What was deleted stays deleted, also when the store lost the deletion.
  private void leaveOut(int number) {
    nextNumber = Math.max(nextNumber, number + 1);
    Channel deleted = channels.remove(number);
    if (deleted != null) {
      incomplete = true;
      damage.add(
          deleted.kind.label()
              + " "
              + deleted.name
              + " was deleted, which the store has lost; what is left of it is left out");
    }
  }

  // Messages of channels that neither the list nor the tally names.
  private void findNameless(Family family, Kind kind) throws RocksDBException {
    int number = salvage.channel(family, 1);
    while (number > 0) {
      if (!channels.containsKey(number) && !account.deleted().contains(number)) {
        countNameless(family, kind, number);
      }
      number = salvage.channel(family, number + 1);
    }
  }

  private void countNameless(Family family, Kind kind, int number) throws RocksDBException {
    long[] count = {0};
    salvage.messages(family, number, 0, Salvage.END, (sequence, record) -> count[0]++);
    if (count[0] > 0) {
      nextNumber = Math.max(nextNumber, number + 1);
      nameless.add(nameless(kind, number, count[0]));
    }
  }

  private static Loss nameless(Kind kind, int number, long messages) {
    String what = "they can be read, but nothing says what the channel is called";
    return new Loss(kind, "number " + number, messages, what);
  }

  private void add(int number, Kind kind, String name, long createdAtNanos) {
    channels.computeIfAbsent(number, key -> new Channel(number, kind, name, createdAtNanos));
    newest.merge(kind.label() + " " + name, number, Math::max);
  }

  private void readState(Channel channel) {
    if (!channel.kind.stored()) {
      return;
    }
    try {
      channel.state = from.get(from.meta, Keys.state(channel.number));
    } catch (RocksDBException e) {
      incomplete = true;
      channel.stateUnreadable = true;
      damage.add(
          "the figures of "
              + channel.kind.label()
              + " "
              + channel.name
              + " cannot be read; "
              + (channel.taken == null ? "they are made anew" : "they are taken from the tally"));
    }
  }

  /** The number that the next channel gets. */
  int nextNumber() {
    return nextNumber;
  }

  /** Says how far each channel is, and the keys. */
  void states(MissingChanges to) {
    to.beginKeys(keys.figures());
    for (Channel channel : channels.values()) {
      if (channel.kind.stored() && !channel.stateUnreadable) {
        to.begin(channel.number, channel.kind == Kind.LOG, channel.state);
      }
    }
  }

  /**
   * Reads all messages and counts what is lost.
   *
   * @param target where to write what can be read; null to only look
   */
  void readMessages(@Nullable Store target) throws RocksDBException {
    to = target;
    losses.clear();
    losses.addAll(nameless);
    messages = 0;
    delayed.clear();
    readDelayed();
    for (Channel channel : channels.values()) {
      if (channel.kind == Kind.QUEUE) {
        readQueue(channel);
      } else if (channel.kind == Kind.LOG) {
        readLog(channel);
      }
      write(
          meta -> {
            Bytes entry = new Bytes(12);
            entry.putInt(channel.number);
            entry.putLong(channel.createdAtNanos);
            batch.put(meta.meta, Keys.channel(channel.kind, channel.name), entry.toArray());
          });
    }
    readKeys();
    write(
        meta -> {
          Bytes number = new Bytes(4);
          number.putInt(nextNumber);
          batch.put(meta.meta, Keys.NEXT_CHANNEL, number.toArray());
          Bytes id = new Bytes(8);
          id.putLong(nextDelayed);
          batch.put(meta.meta, Keys.NEXT_DELAYED, id.toArray());
          // Without it, ids from before are unknown.
          if (stamps != null) {
            batch.put(meta.meta, Keys.STAMPS, stamps);
          }
        });
    flush();
  }

  private void readKeys() throws RocksDBException {
    keys.read(
        (key, record) ->
            put(
                target -> {
                  batch.put(target.keys, key, record);
                  long expiresAt = KeyRecords.expiresAt(record, record.length);
                  if (expiresAt != 0) {
                    batch.put(target.keys, KeyRecords.due(expiresAt, key));
                  }
                }));
    Loss loss = keys.loss(missing == null ? 0 : missing.keyChanges());
    if (loss != null) {
      losses.add(loss);
    }
    KeyRecords.Figures mended = keys.mended();
    if (mended != null) {
      write(target -> batch.put(target.meta, KeyRecords.FIGURES, mended.encoded()));
    }
  }

  private void readQueue(Channel channel) throws RocksDBException {
    byte[] latest = channel.latest();
    QueueState.Figures known =
        latest == null
            ? new QueueState.Figures(1, 1, 0, 0, 0, 0, 0, 0, 0, 0)
            : QueueState.Figures.of(latest);
    byte[] loaded = channel.state;
    QueueState.Figures there = loaded == null ? known : QueueState.Figures.of(loaded);
    long end = Math.max(known.next(), there.next());
    // count, bytes, first, damaged, behind the last
    long[] found = {0, 0, Long.MAX_VALUE, 0, end};
    Salvage.Unreadable unreadable =
        salvage.messages(
            from.queue,
            channel.number,
            there.head(),
            latest == null ? Salvage.END : end,
            (sequence, record) -> {
              found[4] = Math.max(found[4], sequence + 1);
              if (!sound(() -> Records.toQueueMessage(record, channel.name, sequence))) {
                found[3]++;
                return;
              }
              found[0]++;
              found[1] += record.length;
              found[2] = Math.min(found[2], sequence);
              put(
                  target -> {
                    batch.put(target.queue, Keys.message(channel.number, sequence), record);
                    long expiresAt = Records.expiresAt(record);
                    if (expiresAt != 0) {
                      batch.put(target.expiry, Keys.expiry(expiresAt, channel.number, sequence));
                    }
                  });
            });
    messages += found[0];
    long held = delayed.getOrDefault(channel.number, 0L);
    if (latest == null) {
      tellQueueWithoutFigures(channel, found[0] + held, found[3], unreadable);
    } else {
      tellQueue(channel, known, there, found[0], held, unreadable);
    }
    QueueState.Figures mended =
        new QueueState.Figures(
            Math.min(found[2], found[4]),
            found[4],
            Math.max(known.entered(), found[0]),
            found[0],
            found[1],
            held,
            known.expired(),
            known.expiredUnreported(),
            known.deadLettered(),
            known.writes() + 1);
    write(target -> batch.put(target.meta, Keys.state(channel.number), mended.encoded()));
  }

  private void tellQueueWithoutFigures(
      Channel channel, long found, long damaged, Salvage.Unreadable unreadable) {
    if (found + damaged > 0 || !unreadable.isEmpty()) {
      String what =
          "its figures are lost: nothing says how many messages there were, and some that were"
              + " consumed may be delivered again";
      long lost = damaged + unreadable.count();
      String among = unreadable.isEmpty() ? "" : "; at most, " + unreadable.text();
      losses.add(new Loss(Kind.QUEUE, channel.name, lost, what + among));
    }
  }

  private void tellQueue(
      Channel channel,
      QueueState.Figures known,
      QueueState.Figures there,
      long found,
      long held,
      Salvage.Unreadable unreadable) {
    Loss tail = channel.state == null ? null : Loss.ofQueueTail(channel.name, known, there);
    MissingChanges.Missing changes = missing == null ? null : missing.missing().get(channel.number);
    long counted = Math.max(0, there.stored() - found) + Math.max(0, there.delayed() - held);
    long fromChanges = changes == null ? 0 : changes.messages + changes.delayed;
    long lost = Math.max(counted, fromChanges);
    List<String> what = new ArrayList<>();
    if (!unreadable.isEmpty() && counted > 0) {
      what.add("among " + unreadable.text());
    }
    if (changes != null) {
      what.addAll(changes.ranges);
    }
    if (channel.state == null && found == 0 && counted > 0) {
      what.add("all that was in it");
    }
    long delayedLost = Math.max(there.delayed() - held, changes == null ? 0 : changes.delayed);
    if (delayedLost > 0) {
      what.add(delayedLost + " delayed");
    }
    // Each message that is lost leaves room for one that is there though it was consumed.
    long again = found - there.stored() + (changes == null ? 0 : changes.messages);
    if (again > 0) {
      what.add(
          (found < there.stored() + again ? "up to " : "")
              + again
              + " that were consumed may be delivered again");
    }
    if (tail != null) {
      lost += tail.messages();
      what.add(tail.what());
    }
    if (lost > 0 || tail != null || again > 0) {
      losses.add(new Loss(Kind.QUEUE, channel.name, lost, String.join("; ", what)));
    }
  }

  /** What was found of a log. */
  private static final class FoundLog {
    final Salvage.Unreadable lost = new Salvage.Unreadable();
    long expected;
    long first;
    long bytes;
    long messages;
    long stubs;
    long indexedFrom;
    long latestMillis;
    long lastTimestamp;

    /** When the record behind the last lost one was stored. */
    long lostBefore;

    /** Notes that nothing was found before this sequence. */
    boolean gap(long sequence) {
      if (sequence > expected) {
        lost.add(expected, sequence - 1);
        return true;
      }
      return false;
    }

    void add(long sequence, byte[] record) {
      long timestamp = Records.timestamp(record);
      if (gap(sequence)) {
        lostBefore = timestamp;
      }
      expected = sequence + 1;
      first = first == 0 ? sequence : first;
      bytes += record.length;
      lastTimestamp = Math.max(lastTimestamp, timestamp);
      if (Records.isExpired(record)) {
        stubs++;
      } else {
        messages++;
      }
      if (indexedFrom == 0 && Records.eventTime(record) != 0) {
        indexedFrom = sequence;
      }
      if (indexedFrom != 0) {
        latestMillis = Math.max(latestMillis, millis(record));
      }
    }

    // What is lost may have had any time up to what came behind it.
    LogState.Extra extra(LogState.Extra known) {
      long lostMillis = TimeUnit.NANOSECONDS.toMillis(lostBefore);
      return new LogState.Extra(
          indexedFrom,
          stubs,
          known.expired(),
          Math.max(known.trimmedUpTo(), lostBefore),
          Math.max(known.goneMillis(), lostMillis),
          latestMillis);
    }
  }

  private void readLog(Channel channel) throws RocksDBException {
    byte[] latest = channel.latest();
    LogState.Figures known =
        latest == null
            ? new LogState.Figures(1, 1, 0, 0, 0, 0, LogState.Extra.NONE)
            : LogState.Figures.of(latest);
    FoundLog found = new FoundLog();
    found.expected = known.first();
    salvage.messages(
        from.log,
        channel.number,
        known.first(),
        latest == null ? Salvage.END : known.next(),
        (sequence, record) -> {
          if (sound(() -> Records.checkLog(record))) {
            found.add(sequence, record);
            putLogRecord(channel.number, sequence, record, found);
          }
        });
    if (found.gap(known.next())) {
      found.lostBefore = Math.max(known.lastTimestamp(), found.lastTimestamp);
    }
    Salvage.Unreadable lost = found.lost;
    byte[] gaps = lost.isEmpty() ? null : salvage.get(from.meta, Keys.gaps(channel.number));
    Salvage.Unreadable newlyLost = lost.without(Salvage.Unreadable.of(gaps));
    messages += found.messages;
    boolean positions = readPositions(channel);
    if (!newlyLost.isEmpty() || !positions) {
      String what = newlyLost.text();
      if (!positions) {
        what += (what.isEmpty() ? "" : "; ") + "positions of durable subscribers, which begin anew";
      }
      losses.add(new Loss(Kind.LOG, channel.name, newlyLost.count(), what));
    }
    long next = Math.max(known.next(), found.expected);
    LogState.Figures mended =
        new LogState.Figures(
            found.first == 0 ? next : found.first,
            next,
            found.bytes,
            Math.max(known.lastTimestamp(), found.lastTimestamp),
            known.trimmed(),
            known.writes() + 1,
            found.extra(known.extra()));
    write(
        target -> {
          batch.put(target.meta, Keys.state(channel.number), mended.encoded());
          if (!lost.isEmpty()) {
            batch.put(target.meta, Keys.gaps(channel.number), lost.encoded());
          }
        });
  }

  private void putLogRecord(int number, long sequence, byte[] record, FoundLog found)
      throws RocksDBException {
    long expiresAt = Records.logExpiresAt(record);
    long millis = millis(record);
    boolean indexed = found.indexedFrom != 0 && !Records.isExpired(record);
    put(
        target -> {
          batch.put(target.log, Keys.message(number, sequence), record);
          if (indexed) {
            batch.put(target.index, Keys.timed(number, millis, sequence));
          }
          if (expiresAt != 0) {
            batch.put(target.index, Keys.logExpiry(expiresAt, number, sequence));
          }
        });
  }

  private static long millis(byte[] record) {
    long eventTime = Records.eventTime(record);
    return eventTime != 0 ? eventTime : TimeUnit.NANOSECONDS.toMillis(Records.timestamp(record));
  }

  private boolean readPositions(Channel channel) throws RocksDBException {
    byte[] prefix = Keys.prefix(channel.number);
    List<byte[][]> found = new ArrayList<>();
    boolean all =
        salvage.scan(
            from.position,
            prefix,
            Store.after(prefix),
            (key, value) -> {
              found.add(new byte[][] {key, value});
              return true;
            });
    for (byte[][] position : found) {
      put(target -> batch.put(target.position, position[0], position[1]));
    }
    return all;
  }

  // By due time; behind what cannot be read, by the queues' own lists.
  private void readDelayed() throws RocksDBException {
    byte[][] last = {{'d'}};
    boolean all =
        salvage.read(
            from.delayed,
            new byte[] {'d'},
            new byte[] {'d' + 1},
            (key, record) -> {
              last[0] = key;
              takeDelayed(key, record);
            });
    for (Channel channel : channels.values()) {
      if (!all && channel.kind == Kind.QUEUE) {
        readDelayedOf(channel, last[0]);
      }
    }
    delayed.forEach(
        (number, count) -> {
          if (namesLost && !channels.containsKey(number)) {
            losses.add(nameless(Kind.QUEUE, number, count));
          }
        });
  }

  private void readDelayedOf(Channel channel, byte[] behind) throws RocksDBException {
    salvage.read(
        from.delayed,
        Keys.delayedByQueue(channel.number, 0, 0),
        Keys.delayedByQueue(channel.number, Long.MAX_VALUE, Long.MAX_VALUE),
        (key, empty) -> {
          long due = (long) Keys.LONG.get(key, 5);
          byte[] byDue = Keys.delayedByDue(due, channel.number, (long) Keys.LONG.get(key, 13));
          byte[] record =
              java.util.Arrays.compareUnsigned(byDue, behind) > 0
                  ? salvage.get(from.delayed, byDue)
                  : null;
          if (record != null) {
            takeDelayed(byDue, record);
          }
        });
  }

  private void takeDelayed(byte[] key, byte[] record) throws RocksDBException {
    int number = (int) Keys.INT.get(key, 9);
    long id = (long) Keys.LONG.get(key, 13);
    if (account.deleted().contains(number) || !sound(() -> Records.toQueueMessage(record, "", 0))) {
      return;
    }
    delayed.merge(number, 1L, Long::sum);
    if (!channels.containsKey(number)) {
      return;
    }
    messages++;
    nextDelayed = Math.max(nextDelayed, id + 1);
    long due = (long) Keys.LONG.get(key, 1);
    put(
        target -> {
          batch.put(target.delayed, key, record);
          batch.put(target.delayed, Keys.delayedByQueue(number, due, id));
        });
  }

  private static boolean sound(Runnable decoding) {
    try {
      decoding.run();
      return true;
    } catch (CorruptRecordException e) {
      return false;
    }
  }

  private void put(java.util.function.Consumer<Store> change) throws RocksDBException {
    write(change);
    if (batch.sizeBytes() > BATCH_BYTES) {
      flush();
    }
  }

  private void write(java.util.function.Consumer<Store> change) {
    Store target = to;
    if (target != null) {
      change.accept(target);
    }
  }

  private void flush() throws RocksDBException {
    Store target = to;
    if (target != null && !batch.isEmpty()) {
      target.write(batch);
    }
    batch.clear();
  }
}
