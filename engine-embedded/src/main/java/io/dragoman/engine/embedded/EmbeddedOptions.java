// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import io.dragoman.core.spi.Durability;
import java.nio.file.Path;

/**
 * Settings of the embedded engine.
 *
 * @param dataDir where everything is kept; made if need be
 * @param asyncSyncMillis how long an acknowledged write to an async channel may stay unsynced
 * @param readAheadBytesMax messages of all queues held in memory for quick delivery, in bytes
 * @param blockCacheBytes RocksDB's cache of uncompressed blocks
 * @param memtableBytes RocksDB's memory for recent writes, over all column families
 * @param minFreeBytes below this much free space new messages are refused
 * @param channelsMax channels of all kinds that may exist
 * @param commandBytesMax message bytes waiting for the writer before sends are refused
 * @param clockPollMillis longest time between two looks at the clock for what is due
 * @param keysMax keys of the key/value store before new ones are refused
 * @param keyDurability when setting and deleting keys is answered
 */
public record EmbeddedOptions(
    Path dataDir,
    long asyncSyncMillis,
    long readAheadBytesMax,
    long blockCacheBytes,
    long memtableBytes,
    long minFreeBytes,
    int channelsMax,
    long commandBytesMax,
    long clockPollMillis,
    int keysMax,
    Durability keyDurability) {

  private static final long MIB = 1 << 20;

  /** The defaults for a data directory. */
  public static EmbeddedOptions in(Path dataDir) {
    return new EmbeddedOptions(
        dataDir,
        100,
        32 * MIB,
        32 * MIB,
        64 * MIB,
        256 * MIB,
        100_000,
        256 * MIB,
        500,
        1_000_000,
        Durability.SYNC);
  }

  public EmbeddedOptions withAsyncSyncMillis(long millis) {
    return new EmbeddedOptions(
        dataDir,
        millis,
        readAheadBytesMax,
        blockCacheBytes,
        memtableBytes,
        minFreeBytes,
        channelsMax,
        commandBytesMax,
        clockPollMillis,
        keysMax,
        keyDurability);
  }

  /** How much memory caches, recent writes and read-ahead may take. */
  public EmbeddedOptions withMemory(long readAheadBytes, long cacheBytes, long writeBytes) {
    return new EmbeddedOptions(
        dataDir,
        asyncSyncMillis,
        readAheadBytes,
        cacheBytes,
        writeBytes,
        minFreeBytes,
        channelsMax,
        commandBytesMax,
        clockPollMillis,
        keysMax,
        keyDurability);
  }

  /** The bounds at which the engine refuses. */
  public EmbeddedOptions withLimits(long minFree, int channels, long commandBytes) {
    return new EmbeddedOptions(
        dataDir,
        asyncSyncMillis,
        readAheadBytesMax,
        blockCacheBytes,
        memtableBytes,
        minFree,
        channels,
        commandBytes,
        clockPollMillis,
        keysMax,
        keyDurability);
  }

  public EmbeddedOptions withClockPollMillis(long millis) {
    return new EmbeddedOptions(
        dataDir,
        asyncSyncMillis,
        readAheadBytesMax,
        blockCacheBytes,
        memtableBytes,
        minFreeBytes,
        channelsMax,
        commandBytesMax,
        millis,
        keysMax,
        keyDurability);
  }

  /** How many keys there may be, and how safe they are when answered. */
  public EmbeddedOptions withKeys(int max, Durability durability) {
    return new EmbeddedOptions(
        dataDir,
        asyncSyncMillis,
        readAheadBytesMax,
        blockCacheBytes,
        memtableBytes,
        minFreeBytes,
        channelsMax,
        commandBytesMax,
        clockPollMillis,
        max,
        durability);
  }
}
