// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.gateway.connmix.client.Admission;
import io.dragoman.gateway.connmix.client.Client;
import io.dragoman.gateway.connmix.client.ClientHandler;
import io.dragoman.gateway.connmix.client.Introduction;
import io.dragoman.gateway.connmix.client.PacketCodec;
import io.dragoman.gateway.connmix.client.internal.Admissions.Decision;
import io.dragoman.lua.Handshake;
import io.dragoman.lua.ScriptSession;
import io.dragoman.security.Principal;
import io.dragoman.security.Watch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Tells a script what one client does. For one lane. */
final class ScriptHandler implements ClientHandler {
  /** What may wait for a callback before the client is read no further. */
  private static final int WAITING_MAX = 128;

  private static final int WAITING_BYTES_MAX = 512 << 10;

  private static final int NORMAL = 1000;
  private static final int GOING_AWAY = 1001;
  private static final int NO_CODE = 1005;

  /** The close code for a client whose token does not hold any more. */
  private static final int POLICY_VIOLATION = 1008;

  private final ScriptHandlers shared;
  private final LaneScript script;
  private final Client client;
  private final ScriptedClient scripted;
  private final PacketCodec codec = new Packets();
  private Principal principal = Principal.ANYONE;
  private Watch watch = Watch.NONE;
  private @Nullable ScriptSession session;
  private boolean closed;
  private boolean paused;

  ScriptHandler(ScriptHandlers shared, LaneScript script, Client client) {
    this.shared = shared;
    this.script = script;
    this.client = client;
    this.scripted = new ScriptedClient(client, this::pauseOrRead);
  }

  /** What arrives goes to the script as it comes, which cuts it; what is pushed it encodes. */
  private final class Packets implements PacketCodec {
    @Override
    public int packetLength(ByteBuf in) {
      return in.readableBytes();
    }

    @Override
    public ByteBuf payload(ByteBuf packet) {
      return packet;
    }

    @Override
    public boolean encode(ByteBuf out, byte[] payload) {
      ScriptSession to = session;
      if (to == null) {
        return false;
      }
      // Complete: pushes come on the lane, and never from inside a callback.
      Optional<byte[]> encoded =
          script.give(() -> to.encode(payload).toCompletableFuture().getNow(Optional.empty()));
      encoded.ifPresent(out::writeBytes);
      return encoded.isPresent();
    }
  }

  @Override
  public @Nullable PacketCodec codec() {
    return client.webSocket() ? null : codec;
  }

  @Override
  public CompletionStage<Admission> admit() {
    return shared.admissions().decide(client).thenApply(this::admission);
  }

  private Admission admission(Decision decision) {
    if (decision instanceof Decision.Refused refused) {
      return new Admission.Refused(refused.status(), refused.reason());
    }
    principal = ((Decision.Granted) decision).principal();
    return Admission.GRANTED;
  }

  @Override
  public void onOpen() {
    watch =
        shared
            .security()
            .broker()
            .watch(
                principal,
                client.lane(),
                () -> client.close(POLICY_VIOLATION, "the token has expired"));
    ScriptSession opened = script.open(scripted);
    session = opened;
    script.run(
        () -> {
          if (client.webSocket()) {
            opened.onHandshake(handshake(client.introduction()));
          } else {
            opened.onConnect();
          }
        });
    pauseOrRead();
  }

  private static Handshake handshake(Introduction introduction) {
    return new Handshake(
        introduction.headers(),
        introduction.method(),
        introduction.target(),
        introduction.protocol(),
        introduction.host(),
        introduction.remoteAddress());
  }

  @Override
  public void onMessage(ByteBuf payload, boolean binary) {
    ScriptSession to = session;
    if (to == null) {
      return;
    }
    if (!client.webSocket()) {
      byte[] bytes = ByteBufUtil.getBytes(payload);
      script.run(() -> to.onBytes(bytes));
    } else if (shared.script().textPing() && !binary && TextPing.is(payload)) {
      // Whoever asks whether we are there is not made to wait.
      client.send(TextPing.answer(), false);
    } else {
      byte[] bytes = ByteBufUtil.getBytes(payload);
      script.run(() -> to.onMessage(bytes, binary));
    }
    pauseOrRead();
  }

  @Override
  public void onContext(Set<String> keys) {
    ScriptSession of = session;
    if (of != null) {
      script.run(() -> keys.forEach(of::onContext));
    }
  }

  @Override
  public void onWritable() {
    pauseOrRead();
  }

  /** While a callback waits, the client is read on for a while: so its end is noticed. */
  private void pauseOrRead() {
    ScriptSession of = session;
    if (closed || of == null) {
      return;
    }
    boolean full =
        client.behind()
            || of.isWaiting()
                && (of.waiting() >= WAITING_MAX || of.waitingBytes() >= WAITING_BYTES_MAX);
    if (full != paused) {
      paused = full;
      if (full) {
        client.pauseReading();
      } else {
        client.resumeReading();
      }
    }
  }

  @Override
  public boolean working() {
    return session != null && session.isWorking();
  }

  @Override
  public void onClose(int code, String reason) {
    closed = true;
    watch.cancel();
    ScriptSession of = session;
    if (of != null) {
      script.run(() -> of.onClose(error(code, reason)));
    }
  }

  /** What the script is told was wrong; empty when nothing was. */
  private String error(int code, String reason) {
    String fault = scripted.fault();
    if (fault != null) {
      return fault;
    }
    boolean proper = code == NORMAL || code == GOING_AWAY || code == NO_CODE;
    if (proper) {
      return "";
    }
    return "closed with code " + code + (reason.isEmpty() ? "" : ": " + reason);
  }
}
