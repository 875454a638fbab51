// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.LogPosition;
import io.dragoman.core.Message;
import io.dragoman.core.Metrics;
import io.dragoman.core.Result;
import io.dragoman.core.SendReceipt;
import io.dragoman.core.spi.ChannelStore;
import io.dragoman.core.spi.Durability;
import io.dragoman.core.spi.Engine;
import io.dragoman.core.spi.EngineContext;
import io.dragoman.core.spi.EngineException;
import io.dragoman.core.spi.EngineState;
import io.dragoman.core.spi.EventTransport;
import io.dragoman.core.spi.Guarantees;
import io.dragoman.core.spi.KeyValueStore;
import io.dragoman.core.spi.LogStore;
import io.dragoman.core.spi.QueueStore;
import io.dragoman.core.spi.Recovery;
import io.dragoman.core.spi.RequestTransport;
import io.dragoman.core.spi.Write;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * The engine of a broker on one machine. One thread decides and writes, one waits for the disk, two
 * read. An answer to a sync channel means that the change is on disk; compound steps are one batch,
 * whole or not at all. A write or sync that fails is final: nothing is acknowledged after it until
 * the broker is started again, and what is stored can still be read.
 */
public final class EmbeddedEngine implements Engine {
  private static final int READER_THREADS = 2;
  private static final long NOT_LIVE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final EmbeddedOptions options;
  private final Condition condition = new Condition();
  private final LoopbackEvents events = new LoopbackEvents();
  private final LoopbackRequests requests = new LoopbackRequests();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private volatile @Nullable Running running;

  /** The parts that exist between start and close. */
  private record Running(
      DataDirectory directory,
      Store store,
      Tallies tallies,
      ManifestWatch manifest,
      Writer writer,
      Syncer syncer,
      Readers readers,
      ChannelTable channels,
      Queues queueOperations,
      Logs logOperations,
      QueueWrites writes,
      DelaySchedule delays,
      QueueStore queues,
      LogStore logs,
      ChannelStore channelStore,
      KeyTable keyTable,
      KeyValueStore keyValues) {}

  public EmbeddedEngine(EmbeddedOptions options) {
    this.options = options;
  }

  @Override
  public String name() {
    return "embedded";
  }

  @Override
  public Guarantees guarantees() {
    return new Guarantees(Guarantees.Acknowledgement.DISK, true, true, true, true, true);
  }

  @Override
  public Recovery start(EngineContext context) throws EngineException {
    long begin = System.nanoTime();
    Running started = open(context);
    running = started;
    started.syncer.start();
    started.writer.start(started.syncer);
    return new Recovery(
        messages(started),
        started.channels.count(),
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
  }

  // Whatever goes wrong, the directory is free for the next try.
  private Running open(EngineContext context) throws EngineException {
    DataDirectory directory = DataDirectory.open(options.dataDir());
    Store store = null;
    Tallies tallies = null;
    boolean opened = false;
    try {
      new Replacement(directory).check();
      StoreDoctor.clear(directory);
      Tallies.Account account = Tallies.read(directory.tally());
      checkFiles(directory, account);
      store = Store.open(directory.store(), options);
      tallies = Tallies.open(directory.tally(), account);
      store.account(tallies);
      Running started = wire(context, directory, store, tallies);
      load(started, account);
      takeManifest(started);
      opened = true;
      return started;
    } catch (IOException e) {
      throw new EngineException(
          "cannot use data directory " + directory.path() + ": " + e.getMessage(), e);
    } finally {
      if (!opened) {
        if (store != null) {
          store.closeWithoutFlush();
        }
        if (tallies != null) {
          tallies.close();
        }
        directory.close();
      }
    }
  }

  // Before RocksDB, which would drop what does not fit, or refuse for a tail nobody was promised.
  private static void checkFiles(DataDirectory directory, Tallies.Account account)
      throws IOException, EngineException {
    StoreCheck check = StoreCheck.of(directory, account);
    if (!check.damage().isEmpty()) {
      throw new EngineException(Damaged.text(directory.path(), check.damage()));
    }
    for (String place : account.damage()) {
      Loggers.STORAGE.warn("{} is damaged ({}) and is made anew", directory.tally(), place);
    }
    check.cutTails();
    for (StoreCheck.Tail tail : check.tails()) {
      Loggers.STORAGE.info(
          "dropped a torn end of {} from byte {} on: nothing in it was acknowledged",
          tail.file(),
          tail.from());
    }
  }

  @Override
  public EngineState state() {
    Running now = running;
    if (now == null) {
      return new EngineState(false, true, "not started");
    }
    BrokerError error = condition.refusesNew();
    boolean live = now.writer.alive() && now.syncer.alive() && now.writer.beat() < NOT_LIVE_NANOS;
    String detail = error == null ? condition.damage() : error.detail();
    return new EngineState(error == null && live, live, live ? detail : "the writer is stuck");
  }

  @Override
  public EventTransport events() {
    return events;
  }

  @Override
  public RequestTransport requests() {
    return requests;
  }

  @Override
  public LogStore logs() {
    return running().logs;
  }

  @Override
  public QueueStore queues() {
    return running().queues;
  }

  @Override
  public ChannelStore channels() {
    return running().channelStore;
  }

  @Override
  public KeyValueStore keyValues() {
    return running().keyValues;
  }

  @Override
  public CompletionStage<Result<List<SendReceipt>>> commit(List<Write> writes) {
    Running now = running();
    // Many writes may share one body, but each record has its own: asked before there are any.
    long bytes = 0;
    for (Write write : writes) {
      bytes += Records.estimate(message(write));
    }
    if (writes.size() > 1 && bytes > now.writer.bytesMax()) {
      return CompletableFuture.completedFuture(tooLarge(writes, bytes, now.writer.bytesMax()));
    }
    if (!now.writer.reserve(bytes)) {
      return CompletableFuture.completedFuture(Result.refused(Writer.OVERLOADED));
    }
    long reserved = bytes;
    List<Object> prepared;
    try {
      prepared = prepared(writes);
    } catch (RuntimeException | Error e) {
      now.writer.unreserve(reserved);
      throw e;
    }
    CompletableFuture<Result<List<SendReceipt>>> future = new CompletableFuture<>();
    now.writer.submit(
        () -> {
          now.writer.unreserve(reserved);
          commit(now, writes, prepared, future);
        });
    return future;
  }

  private static Message message(Write write) {
    return write instanceof Write.ToQueue queue
        ? queue.send().message()
        : ((Write.ToLog) write).message();
  }

  private static Result<List<SendReceipt>> tooLarge(List<Write> writes, long bytes, long bytesMax) {
    return Result.refused(
        ErrorCode.TOO_LARGE,
        "stored in "
            + writes.size()
            + " channels the message takes "
            + bytes
            + " bytes, over the limit of "
            + bytesMax);
  }

  private static List<Object> prepared(List<Write> writes) {
    List<Object> prepared = new ArrayList<>(writes.size());
    for (Write write : writes) {
      prepared.add(
          write instanceof Write.ToQueue queue
              ? QueueWrites.Prepared.of(queue.send())
              : Records.ofLog(message(write)));
    }
    return prepared;
  }

  @Override
  public void releaseWaiting() {
    Running now = running();
    now.writer.submit(() -> releaseWaiting(now));
  }

  private static void releaseWaiting(Running now) {
    now.channels.queuesAndAwaited().forEach(now.queueOperations::releaseWaiting);
  }

  @Override
  public void close(Duration grace) {
    Running now = running;
    if (now == null) {
      return;
    }
    if (!stopped.compareAndSet(false, true)) {
      return;
    }
    // A command like any other: what was asked for before is still done, what comes after is not.
    AtomicBoolean sound = new AtomicBoolean();
    now.writer.submit(
        () -> {
          sound.set(condition.storageFailure() == null);
          releaseWaiting(now);
          condition.stopping();
        });
    try {
      now.writer.quiesce(grace);
      now.readers.stop();
      now.writer.stop();
      now.syncer.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (now.writer.alive() || now.syncer.alive() || !now.readers.stopped()) {
      // Freeing the store under a thread that uses it would take the process down.
      Loggers.STORAGE.warn("the store is left open: not all of its threads have ended");
      return;
    }
    if (sound.get()) {
      now.store.close();
      takeManifest(now);
    } else {
      now.store.closeWithoutFlush();
    }
    now.tallies.close();
    now.directory.close();
  }

  private static void takeManifest(Running now) {
    try {
      now.manifest.takeNow();
    } catch (IOException e) {
      Loggers.STORAGE.warn("cannot copy the store's manifest: {}", e.getMessage());
    }
  }

  private Running wire(
      EngineContext context, DataDirectory directory, Store store, Tallies tallies) {
    Metrics metrics = context.metrics();
    EngineMetrics meters = new EngineMetrics(metrics);
    Writer writer = new Writer(store, context.clock(), condition, meters, metrics, options);
    Syncer syncer =
        new Syncer(
            store,
            condition,
            options.asyncSyncMillis(),
            metrics,
            marks -> writer.submit(() -> marks.forEach(m -> m.queue().safeUpTo(m.sequence()))));
    Readers readers =
        new Readers(
            READER_THREADS,
            () -> {
              meters.unreadable.increment();
              condition.damaged();
            });
    ReadAhead readAhead = new ReadAhead(options.readAheadBytesMax());
    metrics.gauge(
        "dragoman_queue_read_ahead_bytes",
        "Queue messages held in memory for quick delivery.",
        readAhead::bytes);
    ChannelTable channels =
        new ChannelTable(store, writer, context.channelSettings(), options.channelsMax());
    Queues queues = new Queues(store, writer, meters, readAhead, readers, channels);
    Logs logs = new Logs(store, writer, readers, channels, context.clock(), meters);
    DelaySchedule delays = new DelaySchedule(store, writer, readers, channels, queues);
    QueueWrites writes = new QueueWrites(writer, channels, queues, delays);
    writer.addDuty(delays);
    writer.addDuty(queues.expirySweep());
    writer.addDuty(logs.expirySweep());
    writer.addDuty(new LogRetention(store, writer, readers, channels, logs));
    KeyTable keys = new KeyTable(store, writer, readers, meters, metrics, options.keysMax());
    writer.addDuty(new KeySweep(store, writer, readers, keys));
    writer.addDuty(new FailureWatch(condition, channels, queues));
    SpaceWatch space =
        new SpaceWatch(writer, directory, condition, readers, options.minFreeBytes());
    space.look();
    writer.addDuty(space);
    ManifestWatch manifest = new ManifestWatch(directory, store, tallies, readers);
    writer.addDuty(manifest);
    return new Running(
        directory,
        store,
        tallies,
        manifest,
        writer,
        syncer,
        readers,
        channels,
        queues,
        logs,
        writes,
        delays,
        new EmbeddedQueueStore(writer, channels, queues, writes, delays, readers),
        new EmbeddedLogStore(store, writer, readers, channels, logs, meters),
        new EmbeddedChannelStore(writer, channels, queues, logs, delays),
        keys,
        new EmbeddedKeyValueStore(
            store, writer, readers, keys, context.clock(), options.keyDurability(), metrics));
  }

  private static void load(Running started, Tallies.Account account)
      throws IOException, EngineException {
    Path data = started.directory.path();
    try {
      started.channels.load(started.queueOperations, started.logOperations);
      started.logOperations.loaded();
      started.delays.load();
      started.keyTable.load();
    } catch (RocksDBException | CorruptRecordException e) {
      throw new EngineException(
          Damaged.text(
              data, List.of(new StoreCheck.Damage("store", String.valueOf(e.getMessage())))),
          e);
    }
    List<Loss> losses = new ArrayList<>(started.channels.compare(account));
    Loss keys = started.keyTable.compare(account);
    if (keys != null) {
      losses.add(keys);
    }
    if (!losses.isEmpty()) {
      throw new EngineException(Damaged.textOfLosses(data, losses));
    }
    List<Tallies.Channel> tallies = new ArrayList<>(started.channels.tallies());
    tallies.addAll(started.keyTable.tallies());
    started.tallies.begin(tallies);
    started.tallies.safe(started.store.sequence());
  }

  private static long messages(Running started) {
    long messages = 0;
    for (QueueState queue : started.channels.queues()) {
      messages += queue.stored + queue.delayed;
    }
    for (LogState log : started.channels.logs()) {
      messages += log.messages();
    }
    return messages;
  }

  private static void commit(
      Running now,
      List<Write> writes,
      List<Object> prepared,
      CompletableFuture<Result<List<SendReceipt>>> future) {
    BrokerError refused = now.writer.refusesNew();
    if (refused == null) {
      refused = now.writes.refusal(writes);
    }
    if (refused != null) {
      future.complete(Result.refused(refused));
      return;
    }
    List<SendReceipt> receipts = new ArrayList<>(writes.size());
    for (int i = 0; i < writes.size(); i++) {
      receipts.add(store(now, writes.get(i), prepared.get(i)));
    }
    now.writer.onSafe(Durability.SYNC, Outcome.completing(future, receipts));
  }

  private static SendReceipt store(Running now, Write write, Object prepared) {
    if (prepared instanceof QueueWrites.Prepared queue) {
      return now.writes.store(queue);
    }
    Message message = message(write);
    LogPosition position = now.logOperations.append(message, (byte[]) prepared);
    return new SendReceipt(message.id(), position.timestampNanos(), 0, 0);
  }

  private Running running() {
    return Objects.requireNonNull(running, "the engine is not running");
  }
}
