// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.Kind;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What the store must at least hold: a second account beside it, in the file {@code tally}. After
 * each sync, and before anybody is told, it takes down how far the store is safe, and the state of
 * each channel that changed. So a start can tell a tail that nobody was promised from damage, sees
 * when an older file was put back, and knows whose messages are missing and how many.
 *
 * <p>The file is mapped and never synced on this way: it costs a copy in memory. It survives the
 * process; after a power cut it may be some seconds old, or torn, which its checksums show. An old
 * account is still true: the store holds at least that. So nothing here ever fails for who writes:
 * what cannot be taken down is left as it was.
 *
 * <p>The figures of all keys have a place like a channel's, under a number that no channel has.
 *
 * <p>The head and each channel's state have two halves, written in turn, so that one is always
 * whole. A channel has a place as long as it exists; places of deleted ones are used again, the
 * longest free first, so that the latest deletions are remembered. Places come in parts: first the
 * states of a part, which change all the time, then its names, which do not. Numbers are big
 * endian.
 *
 * <pre>
 * head:  crc(4) format(4) turn(8) sequence(8) manifest number(8), size(8), crc(8)
 * state: crc(4) number(4) turn(8) length(2) state; an empty one says that the channel was deleted
 * name:  crc(4) number(4) kind(1) length(2) name
 * </pre>
 *
 * Safe from any thread.
 */
final class Tallies implements AutoCloseable {
  /** The number under which the figures of the keys are. */
  static final int KEYS = Integer.MAX_VALUE;

  private static final int FORMAT = 2;
  private static final int HEAD_BYTES = 48;
  private static final int HEAD_HALF = 128;
  private static final int FIRST_PART = 4096;
  private static final int STATE_HEAD = 18;
  private static final int STATE_HALF = 128;
  private static final int NAME_HEAD = 11;
  private static final int NAME = 1152;
  private static final int PLACE = 2 * STATE_HALF + NAME;
  private static final int PLACES_PER_PART = 128;
  private static final int NAMES = 2 * STATE_HALF * PLACES_PER_PART;
  private static final int PART = PLACE * PLACES_PER_PART;
  private static final int DELETIONS_KEPT = 1024;
  private static final int DAMAGE_TEXTS_MAX = 10;
  private static final ByteBuffer ZEROS = ByteBuffer.allocate(PART).asReadOnlyBuffer();

  /**
   * @param sequence RocksDB's number of the last change known to be safe
   * @param manifest which manifest was in use, how much of it there was, and its checksum
   */
  record Head(long turn, long sequence, Manifest manifest) {}

  /** How far a manifest is known: its number, bytes, and their checksum; number 0 when unknown. */
  record Manifest(long number, long size, long crc) {
    static final Manifest UNKNOWN = new Manifest(0, 0, 0);
  }

  /** A channel's last safe state; no state when it was deleted. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Channel(int number, Kind kind, String name, byte[] state) {}

  /** Where a channel's states are, and how often they were written. */
  private static final class Place {
    final int index;
    long turn;

    Place(int index, long turn) {
      this.index = index;
      this.turn = turn;
    }
  }

  /**
   * What a file holds.
   *
   * @param exists also false when the file is of another format, and so tells nothing
   * @param head of turn 0 when none could be read
   * @param channels by number, those that were not deleted
   * @param deleted numbers of channels deleted lately: since the last start, and if there were
   *     many, at least the last thousand
   * @param keys the figures of all keys; null when there never was one
   * @param damage where it is unreadable, for people
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Account(
      boolean exists,
      Head head,
      Map<Integer, Channel> channels,
      Set<Integer> deleted,
      byte @Nullable [] keys,
      List<String> damage,
      Places places) {}

  /** Where the channels of an account are. */
  static final class Places {
    private final Map<Integer, Place> byNumber = new HashMap<>();
  }

  /** Brings a file's contents to disk. */
  interface Sync {
    void force(FileChannel file) throws IOException;
  }

  /** What is known when there is no file. */
  static final Account NOTHING =
      new Account(
          false,
          new Head(0, 0, Manifest.UNKNOWN),
          Map.of(),
          Set.of(),
          null,
          List.of(),
          new Places());

  private final FileChannel file;
  private final Sync sync;
  private final MappedByteBuffer heads;
  private final Places read;
  private final List<MappedByteBuffer> parts = new ArrayList<>();
  private final Map<Integer, Place> places = new HashMap<>();
  private final ArrayDeque<Integer> blank = new ArrayDeque<>();
  private final ArrayDeque<Integer> deleted = new ArrayDeque<>();
  private final CRC32C crc = new CRC32C();
  private Head head;
  private boolean changed;
  private boolean noRoom;

  private Tallies(FileChannel file, Account account, Sync sync) throws IOException {
    this.file = file;
    this.sync = sync;
    this.head = account.head();
    this.read = account.places();
    if (!account.exists()) {
      file.truncate(0);
    }
    if (file.size() < FIRST_PART) {
      fill(file.size(), FIRST_PART);
    }
    heads = file.map(FileChannel.MapMode.READ_WRITE, 0, FIRST_PART);
  }

  /** Opens for writing what {@link #read} has read. {@link #begin} comes next. */
  static Tallies open(Path path, Account account) throws IOException {
    return open(path, account, file -> file.force(false));
  }

  static Tallies open(Path path, Account account, Sync sync) throws IOException {
    FileChannel file =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      return new Tallies(file, account, sync);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /**
   * Takes down which channels there are, with their states, in place of all that was read. What
   * belongs to none of them is cleared: it may be torn, and would be taken for damage each time.
   */
  synchronized void begin(Collection<Channel> channels) throws IOException {
    int last = -1;
    for (Channel channel : channels) {
      Place known = read.byNumber.get(channel.number);
      if (known != null) {
        places.put(channel.number, known);
        last = Math.max(last, known.index);
      }
    }
    long kept = partAt((last + PLACES_PER_PART) / PLACES_PER_PART);
    if (file.size() > kept) {
      file.truncate(kept);
    }
    while (partAt(parts.size()) < kept) {
      addPart();
    }
    Set<Integer> owned = new TreeSet<>();
    places.values().forEach(place -> owned.add(place.index));
    blank.removeAll(owned);
    blank.stream().filter(index -> !isBlank(index)).forEach(this::clear);
    channels.forEach(this::put);
    read.byNumber.clear();
  }

  /** The store is safe up to here. */
  synchronized void safe(long sequence) {
    write(new Head(head.turn + 1, Math.max(sequence, head.sequence), head.manifest));
  }

  synchronized void manifest(Manifest manifest) {
    write(new Head(head.turn + 1, head.sequence, manifest));
  }

  synchronized Manifest manifest() {
    return head.manifest;
  }

  /** A channel's state is safe, or the channel is gone. */
  synchronized void put(Channel channel) {
    boolean gone = channel.state.length == 0;
    Place place = places.get(channel.number);
    if (place == null && gone || channel.state.length > STATE_HALF - STATE_HEAD) {
      return;
    }
    if (place == null) {
      place = newPlace(channel);
      if (place == null) {
        return;
      }
      // Twice, so that also the first state cannot be lost by tearing the next.
      putState(place, channel);
    }
    putState(place, channel);
    changed = true;
    if (gone) {
      places.remove(channel.number);
      deleted.add(place.index);
    }
  }

  /** Brings the account itself to disk. What is put meanwhile does not wait for that. */
  void force() throws IOException {
    synchronized (this) {
      noRoom = false;
      if (!changed) {
        return;
      }
      changed = false;
    }
    try {
      sync.force(file);
    } catch (IOException e) {
      synchronized (this) {
        changed = true;
      }
      throw e;
    }
  }

  @Override
  public void close() {
    try (file) {
      force();
    } catch (IOException e) {
      Loggers.STORAGE.warn("cannot sync what is known of the store: {}", e.getMessage());
    }
  }

  private void write(Head next) {
    ByteBuffer half = heads.slice((int) (next.turn & 1) * HEAD_HALF, HEAD_BYTES);
    half.putInt(4, FORMAT);
    half.putLong(8, next.turn);
    half.putLong(16, next.sequence);
    half.putLong(24, next.manifest.number);
    half.putLong(32, next.manifest.size);
    half.putLong(40, next.manifest.crc);
    half.putInt(0, crcOf(crc, half, HEAD_BYTES));
    head = next;
    changed = true;
  }

  private void putState(Place place, Channel channel) {
    // A process that is killed leaves what it has written in this order, unless it is reordered.
    VarHandle.releaseFence();
    place.turn++;
    ByteBuffer half = stateOf(part(place.index), place.index, (int) (place.turn & 1));
    half.putInt(4, channel.number);
    half.putLong(8, place.turn);
    half.putShort(16, (short) channel.state.length);
    half.put(STATE_HEAD, channel.state);
    half.putInt(0, crcOf(crc, half, STATE_HEAD + channel.state.length));
  }

  // Null when there is none: the channel is not accounted for until there is.
  private @Nullable Place newPlace(Channel channel) {
    byte[] name = channel.name.getBytes(StandardCharsets.UTF_8);
    if (name.length > NAME - NAME_HEAD || !findPlace()) {
      return null;
    }
    int index = blank.remove();
    ByteBuffer place = nameOf(part(index), index);
    place.putInt(4, channel.number);
    place.put(8, Keys.kindCode(channel.kind));
    place.putShort(9, (short) name.length);
    place.put(NAME_HEAD, name);
    place.putInt(0, crcOf(crc, place, NAME_HEAD + name.length));
    Place made = new Place(index, 0);
    places.put(channel.number, made);
    return made;
  }

  private boolean findPlace() {
    if (blank.isEmpty() && deleted.size() < DELETIONS_KEPT && !noRoom) {
      try {
        addPart();
      } catch (IOException e) {
        noRoom = true;
        Loggers.STORAGE.warn("new channels are not accounted for: {}", e.getMessage());
      }
    }
    if (blank.isEmpty() && !deleted.isEmpty()) {
      int index = deleted.remove();
      clear(index);
      blank.add(index);
    }
    return !blank.isEmpty();
  }

  private boolean isBlank(int index) {
    ByteBuffer part = part(index);
    return equalsZeros(stateOf(part, index, 0))
        && equalsZeros(stateOf(part, index, 1))
        && equalsZeros(nameOf(part, index));
  }

  private static boolean equalsZeros(ByteBuffer some) {
    return some.mismatch(ZEROS.slice(0, some.limit())) < 0;
  }

  // The states first: a name without them tells nothing.
  private void clear(int index) {
    ByteBuffer part = part(index);
    for (int half = 0; half < 2; half++) {
      stateOf(part, index, half).put(0, ZEROS, 0, STATE_HALF);
    }
    VarHandle.releaseFence();
    nameOf(part, index).put(0, ZEROS, 0, NAME);
    VarHandle.releaseFence();
  }

  // Filled with zeros first: a mapped page for which the disk has no room would end the process.
  private void addPart() throws IOException {
    int number = parts.size();
    long end = partAt(number + 1);
    if (file.size() < end) {
      fill(Math.max(partAt(number), file.size()), end);
    }
    parts.add(file.map(FileChannel.MapMode.READ_WRITE, partAt(number), PART));
    for (int i = 0; i < PLACES_PER_PART; i++) {
      blank.add(number * PLACES_PER_PART + i);
    }
  }

  private void fill(long from, long to) throws IOException {
    long at = from;
    while (at < to) {
      at += file.write(ZEROS.slice(0, (int) (to - at)), at);
    }
  }

  private ByteBuffer part(int index) {
    return parts.get(index / PLACES_PER_PART);
  }

  private static long partAt(int part) {
    return FIRST_PART + (long) part * PART;
  }

  private static ByteBuffer stateOf(ByteBuffer part, int index, int half) {
    return part.slice((index % PLACES_PER_PART * 2 + half) * STATE_HALF, STATE_HALF);
  }

  private static ByteBuffer nameOf(ByteBuffer part, int index) {
    return part.slice(NAMES + index % PLACES_PER_PART * NAME, NAME);
  }

  private static int crcOf(CRC32C crc, ByteBuffer place, int length) {
    crc.reset();
    crc.update(place.slice(4, length - 4));
    return (int) crc.getValue();
  }

  /** Reads a file, which need not exist. */
  static Account read(Path path) throws IOException {
    if (!Files.exists(path)) {
      return NOTHING;
    }
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      return new Reading().read(file);
    }
  }

  /** Makes an account of a file. */
  private static final class Reading {
    private final CRC32C crc = new CRC32C();
    private final Map<Integer, Channel> channels = new TreeMap<>();
    private final Set<Integer> deleted = new TreeSet<>();
    private final List<String> damage = new ArrayList<>();
    private final Places places = new Places();
    private byte @Nullable [] keys;
    private Head head = NOTHING.head();
    private boolean otherFormat;
    private int damagedPlaces;

    /** A state or a name as found; of no channel when it is not sound. */
    @SuppressWarnings("ArrayRecordComponent") // never compared by it
    private record Found(int number, long turn, byte kind, byte[] bytes) {
      private static final int BLANK = 0;
      private static final int TORN = -1;

      static Found none(int number) {
        return new Found(number, 0, (byte) 0, new byte[0]);
      }
    }

    Account read(FileChannel file) throws IOException {
      ByteBuffer heads = readAt(file, 0, FIRST_PART);
      readHead(heads.slice(0, HEAD_BYTES));
      readHead(heads.slice(HEAD_HALF, HEAD_BYTES));
      if (otherFormat) {
        return NOTHING;
      }
      if (head.turn == 0) {
        damage.add("no readable head");
      }
      long size = file.size();
      for (int i = 0; partAt(i) < size; i++) {
        ByteBuffer part = readAt(file, partAt(i), PART);
        for (int j = 0; j < PLACES_PER_PART; j++) {
          readPlace(part, i * PLACES_PER_PART + j);
        }
      }
      if (damagedPlaces > DAMAGE_TEXTS_MAX) {
        damage.add((damagedPlaces - DAMAGE_TEXTS_MAX) + " more places of channels");
      }
      return new Account(true, head, channels, deleted, keys, damage, places);
    }

    private void readHead(ByteBuffer half) {
      if (half.getInt(0) != crcOf(crc, half, HEAD_BYTES)) {
        return;
      }
      if (half.getInt(4) != FORMAT) {
        otherFormat = true;
      } else if (half.getLong(8) > head.turn) {
        Manifest manifest = new Manifest(half.getLong(24), half.getLong(32), half.getLong(40));
        head = new Head(half.getLong(8), half.getLong(16), manifest);
      }
    }

    private void readPlace(ByteBuffer part, int index) {
      Found name = readName(nameOf(part, index));
      Found one = readState(stateOf(part, index, 0));
      Found other = readState(stateOf(part, index, 1));
      Found state = newest(name, one, other);
      if (state != null && state.bytes.length == 0) {
        deleted.add(state.number);
      } else if (state != null && state.number == KEYS) {
        keys = state.bytes;
        places.byNumber.put(KEYS, new Place(index, state.turn));
      } else if (state != null && name.number == state.number) {
        String text = new String(name.bytes, StandardCharsets.UTF_8);
        Kind kind = Keys.kindOf(name.kind);
        channels.put(state.number, new Channel(state.number, kind, text, state.bytes));
        places.byNumber.put(state.number, new Place(index, state.turn));
      } else if (state != null) {
        damaged("the name of channel number " + state.number);
      } else if (one.number == Found.TORN && other.number == Found.TORN) {
        // One of them may be torn by the end of the process that was writing it.
        damaged(
            name.number > 0
                ? "the place of channel number " + name.number
                : "the place of a channel");
      }
    }

    // Of the channel that the name says, when it says one: in a place that was just being used
    // again a state may be of the channel before.
    private static @Nullable Found newest(Found name, Found one, Found other) {
      Found newest = null;
      for (Found each : List.of(one, other)) {
        boolean fits = each.number > 0 && (name.number <= 0 || name.number == each.number);
        if (fits && (newest == null || each.turn > newest.turn)) {
          newest = each;
        }
      }
      return newest;
    }

    private Found readState(ByteBuffer half) {
      int length = half.getShort(16);
      if (equalsZeros(half)) {
        return Found.none(Found.BLANK);
      }
      boolean sound =
          length >= 0
              && length <= STATE_HALF - STATE_HEAD
              && half.getInt(0) == crcOf(crc, half, STATE_HEAD + length);
      return sound
          ? new Found(half.getInt(4), half.getLong(8), (byte) 0, bytes(half, STATE_HEAD, length))
          : Found.none(Found.TORN);
    }

    private Found readName(ByteBuffer place) {
      int length = place.getShort(9);
      boolean sound =
          length >= 0
              && length <= NAME - NAME_HEAD
              && place.getInt(0) == crcOf(crc, place, NAME_HEAD + length);
      return sound
          ? new Found(place.getInt(4), 0, place.get(8), bytes(place, NAME_HEAD, length))
          : Found.none(Found.TORN);
    }

    private void damaged(String what) {
      if (++damagedPlaces <= DAMAGE_TEXTS_MAX) {
        damage.add(what);
      }
    }

    private static byte[] bytes(ByteBuffer from, int at, int length) {
      byte[] bytes = new byte[length];
      from.get(at, bytes);
      return bytes;
    }

    private static ByteBuffer readAt(FileChannel file, long from, int length) throws IOException {
      ByteBuffer data = ByteBuffer.allocate(length);
      long at = from;
      while (data.hasRemaining()) {
        int read = file.read(data, at);
        if (read < 0) {
          break;
        }
        at += read;
      }
      return data.rewind();
    }
  }
}
