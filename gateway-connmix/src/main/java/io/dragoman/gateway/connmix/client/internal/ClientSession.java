// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.Connection;
import io.dragoman.core.ConnectionListener;
import io.dragoman.core.Lane;
import io.dragoman.core.LaneStep;
import io.dragoman.core.PushBatch;
import io.dragoman.core.Result;
import io.dragoman.gateway.connmix.client.Admission;
import io.dragoman.gateway.connmix.client.Client;
import io.dragoman.gateway.connmix.client.ClientHandler;
import io.dragoman.gateway.connmix.client.Introduction;
import io.dragoman.gateway.connmix.client.PacketCodec;
import io.dragoman.transport.WriteListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client, from the moment it asks to be let in until it is gone. It has a connection of the
 * broker's all that time, so that whoever decides about it can name it; what is pushed to it before
 * it is let in is not taken. For one lane.
 */
abstract class ClientSession implements Client, ConnectionListener {
  /** The close code of who went away without one. */
  static final int ABNORMAL = 1006;

  private static final Admission FAULT = new Admission.Refused(500, LaneStep.FAULT.detail());

  final EndpointContext context;
  private final Lane lane;
  private final Introduction introduction;
  private final ByteBufAllocator allocator;
  private FrameEncoder encoder;
  private @Nullable Connection connection;
  private @Nullable ClientHandler handler;
  private boolean opened;
  private boolean closed;

  /** Pushes that may be waiting: those since the socket's buffer was empty, or since a mark. */
  private int waiting;

  /** Whether it will be told how far the client has read. */
  private boolean marked;

  ClientSession(
      EndpointContext context, Lane lane, Introduction introduction, ByteBufAllocator allocator) {
    this.context = context;
    this.lane = lane;
    this.introduction = introduction;
    this.allocator = allocator;
    this.encoder = context.encoder();
  }

  // ---- the socket

  abstract long pendingBytes();

  /** Writes, to be flushed at the end of the lane's turn. */
  abstract void write(ByteBuf frames, @Nullable WriteListener listener);

  abstract boolean socketOpen();

  // ---- coming and going

  /** Asks whether the client is let in, and tells. */
  final void begin(Consumer<Admission> then) {
    Result<Connection> made = context.broker().connections().open(lane, this);
    if (made instanceof Result.Refused<Connection> refused) {
      BrokerError error = refused.error();
      closed = true;
      then.accept(new Admission.Refused(503, error.detail()));
      return;
    }
    connection = made.orThrow();
    CompletionStage<Admission> asked;
    try {
      asked = ask();
    } catch (RuntimeException | Error e) {
      ended(ABNORMAL, "");
      throw e;
    }
    LaneStep.of(
        asked,
        lane,
        FAULT,
        admission -> {
          if (!closed) {
            then.accept(admission);
          }
        },
        this::failed);
  }

  private CompletionStage<Admission> ask() {
    ClientHandler made = context.handlers().handler(this);
    handler = made;
    PacketCodec own = made.codec();
    if (own != null) {
      encoder = FrameEncoder.of(own);
    }
    return made.admit();
  }

  /** The client was let in. */
  final void opened() {
    opened = true;
    handler().onOpen();
  }

  /** The client is gone, or not let in. */
  final void ended(int code, String reason) {
    if (closed) {
      return;
    }
    closed = true;
    opened = false;
    if (connection != null) {
      connection.close();
    }
    if (handler != null) {
      handler.onClose(code, reason);
    }
  }

  final boolean isClosed() {
    return closed;
  }

  final ClientHandler handler() {
    ClientHandler made = handler;
    if (made == null) {
      throw new IllegalStateException("no handler yet");
    }
    return made;
  }

  final void message(ByteBuf payload, boolean binary) {
    context.traffic().received();
    handler().onMessage(payload, binary);
  }

  // ---- Client

  @Override
  public final Connection connection() {
    Connection made = connection;
    if (made == null) {
      throw new IllegalStateException("no connection yet");
    }
    return made;
  }

  @Override
  public final Introduction introduction() {
    return introduction;
  }

  @Override
  public final Lane lane() {
    return lane;
  }

  @Override
  public final boolean send(byte[] payload, boolean binary) {
    return counted(takesSends() && written(payload, binary));
  }

  private boolean written(byte[] payload, boolean binary) {
    ByteBuf frame = allocator.buffer(payload.length + 16);
    boolean encoded = false;
    try {
      encoded = encoder.encode(frame, payload, binary);
    } finally {
      if (!encoded) {
        frame.release();
      }
    }
    if (encoded) {
      write(frame, null);
    }
    return encoded;
  }

  @Override
  public final boolean sendPacket(byte[] packet) {
    boolean taken = takesSends();
    if (taken) {
      write(allocator.buffer(packet.length).writeBytes(packet), null);
    }
    return counted(taken);
  }

  private boolean counted(boolean taken) {
    if (taken) {
      context.traffic().sent(1);
    } else {
      context.traffic().failed(1);
    }
    return taken;
  }

  private boolean takesSends() {
    return opened && socketOpen() && !behind();
  }

  @Override
  public final boolean behind() {
    return pendingBytes() > context.options().sendBufferBytes();
  }

  // ---- ConnectionListener

  @Override
  public final int onPushes(PushBatch batch) {
    return opened && socketOpen() ? take(batch) : count(batch, 0, 0);
  }

  private int count(PushBatch batch, int taken, int skipped) {
    int sent = taken - skipped;
    if (sent > 0) {
      context.traffic().sent(sent);
    }
    int failed = batch.pushes().size() - sent;
    if (failed > 0) {
      context.traffic().failed(failed);
    }
    return taken;
  }

  private int take(PushBatch batch) {
    PushFrames frames = batch.derive(PushFrames.class, PushFrames::new);
    PushFrames.Encoded encoded = frames.of(encoder, allocator, context.options().sendBufferBytes());
    try {
      long pending = pendingBytes();
      if (pending == 0) {
        waiting = 0;
      }
      int room = context.options().sendQueueMax() - waiting;
      int fitting = encoded.within(room, pending, context.options().sendBufferBytes());
      int skipped = encoded.skipped(fitting);
      if (skipped > 0) {
        batch.skip(encoded.unfit());
      }
      if (fitting > skipped) {
        waiting += fitting - skipped;
        write(encoded.first(fitting), mark());
      }
      return count(batch, fitting, skipped);
    } finally {
      if (!encoder.shared()) {
        encoded.close();
      }
    }
  }

  /**
   * Hears when what was pushed so far has left. Only asked for now and then, of clients that are
   * behind: to hear of every push would cost more than the push.
   */
  private @Nullable WriteListener mark() {
    if (marked || waiting < context.options().sendQueueMax() / 4) {
      return null;
    }
    marked = true;
    int before = waiting;
    return written -> {
      marked = false;
      waiting = Math.max(0, waiting - before);
    };
  }

  @Override
  public final void onContext(Set<String> keys) {
    if (!closed && handler != null) {
      guarded(() -> handler().onContext(keys));
    }
  }

  @Override
  public final void onCloseAsked(int code, String reason) {
    close(code, reason);
  }

  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      failed(e);
    }
  }
}
