// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.EventBatch;
import io.dragoman.core.Kind;
import io.dragoman.core.Lane;
import io.dragoman.core.LaneStep;
import io.dragoman.core.LogListener;
import io.dragoman.core.LogRecord;
import io.dragoman.core.LogStart;
import io.dragoman.core.LogSubscribe;
import io.dragoman.core.LogSubscription;
import io.dragoman.core.Message;
import io.dragoman.core.QueueMessage;
import io.dragoman.core.Response;
import io.dragoman.core.Result;
import io.dragoman.core.Subscription;
import io.dragoman.transport.WebSocket;
import io.dragoman.transport.WebSocketHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A person watching what passes through a channel. Nothing is shown before {@code start}, nothing
 * is taken, and a monitor that does not read misses messages instead of holding anybody up. For one
 * lane, but for what comes from elsewhere, which is handed to it.
 */
final class MonitorSocket implements WebSocketHandler, LogListener, RequestMonitors.Monitor {
  /** Messages that may be on their way to the lane; more are not shown. */
  private static final int HANDED_OVER_MAX = 1024;

  /** And their bytes. */
  private static final long HANDED_OVER_BYTES_MAX = 4 << 20;

  private final GatewayContext context;
  private final Kind kind;
  private final String channel;
  private final MonitorFrames frames;
  private final Lane lane;
  private final AtomicInteger handedOver = new AtomicInteger();
  private final AtomicLong handedOverBytes = new AtomicLong();
  private @Nullable WebSocket socket;
  private @Nullable Subscription watching;

  /** Differs each time the client starts or stops, so that what comes late is known as such. */
  private int run;

  MonitorSocket(
      GatewayContext context, Kind kind, String channel, MonitorFrames frames, Lane lane) {
    this.context = context;
    this.kind = kind;
    this.channel = channel;
    this.frames = frames;
    this.lane = lane;
  }

  @Override
  public Kind kind() {
    return kind;
  }

  @Override
  public String filter() {
    return channel;
  }

  @Override
  public void onOpen(WebSocket opened) {
    socket = opened;
  }

  @Override
  public void onText(WebSocket from, ByteBuf payload) {
    switch (payload.toString(StandardCharsets.UTF_8).trim()) {
      case "start" -> start();
      case "stop" -> {
        stop();
        say("Broker disconnected.");
      }
      default -> say("Unknown command");
    }
  }

  @Override
  public void onClose(WebSocket closed, int code, String reason) {
    socket = null;
    stop();
  }

  private void stop() {
    run++;
    if (watching != null) {
      watching.close();
      watching = null;
    }
  }

  private void start() {
    if (watching != null) {
      connected();
      return;
    }
    int started = ++run;
    switch (kind) {
      case EVENTS ->
          watch(
              context
                  .broker()
                  .events()
                  .subscribe(ChannelFilter.dotted(channel), null, lane, this::onEvents));
      case LOG -> watchLog(started);
      case QUEUE -> watch(context.broker().queues().watch(channel, this::onEntered));
      case COMMAND, QUERY -> watch(Result.ok(context.requestSender().monitors().add(this)));
    }
  }

  private void watch(Result<? extends Subscription> outcome) {
    if (outcome instanceof Result.Ok<? extends Subscription> ok) {
      watching = ok.value();
      connected();
    } else {
      say(KubemqErrorMapper.text(outcome));
    }
  }

  /** Told when nothing that is sent from now on is missed. */
  private void connected() {
    say(context.options().hostName() + " Broker connected.");
  }

  private void watchLog(int started) {
    LogSubscribe request = new LogSubscribe(channel, new LogStart.NewOnly(), null, null);
    LaneStep.of(
        context.broker().logs().subscribe(request, lane, this),
        lane,
        outcome -> {
          if (run == started) {
            watch(outcome);
          } else if (outcome instanceof Result.Ok<LogSubscription> late) {
            late.value().close();
          }
        });
  }

  private void onEvents(EventBatch batch) {
    for (Message event : batch.events()) {
      show(() -> frames.event(event, context.broker().clock().unixNanos(), 0));
    }
  }

  @Override
  public boolean onRecords(List<LogRecord> records) {
    for (LogRecord each : records) {
      show(() -> frames.logged(each));
    }
    return true;
  }

  @Override
  public void onEnd(BrokerError reason) {
    watching = null;
    say(KubemqErrorMapper.text(reason));
  }

  private void onEntered(QueueMessage queued) {
    handOver(queued.message(), 0, () -> frames.queued(queued));
  }

  @Override
  public void onRequest(Inputs.Request request) {
    int more = request.cacheKey().length() + request.span().length;
    handOver(request.message(), more, () -> frames.request(request));
  }

  @Override
  public void onResponse(String id, Result<Response> answer) {
    long now = context.broker().clock().unixNanos();
    if (answer instanceof Result.Ok<Response> ok) {
      Response response = ok.value();
      int more = response.error().length() + response.span().length;
      handOver(response.message(), more, () -> frames.response(id, response, now));
    } else {
      String error = KubemqErrorMapper.text(answer);
      handOver(error.length(), () -> MonitorFrames.noResponse(id, error, now));
    }
  }

  /**
   * From any thread. The lane makes the frame, which holds its message until then. A large body it
   * would not show is not to be held: such a frame is short, and made at once.
   *
   * @param more bytes of what else it holds
   */
  private void handOver(Message message, int more, Supplier<String> frame) {
    byte[] body = message.body();
    if (MonitorFrames.isShown(body)) {
      handOver(message.weight() + more, frame);
      return;
    }
    int bytes = message.weight() - body.length + more;
    if (admit(bytes)) {
      String made = frame.get();
      execute(bytes, () -> made);
    }
  }

  private void handOver(int bytes, Supplier<String> frame) {
    if (admit(bytes)) {
      execute(bytes, frame);
    }
  }

  private void execute(int bytes, Supplier<String> frame) {
    lane.execute(
        () -> {
          release(bytes);
          if (watching != null) {
            show(frame);
          }
        });
  }

  private boolean admit(int bytes) {
    int messages = handedOver.incrementAndGet();
    long all = handedOverBytes.addAndGet(bytes);
    if (messages > HANDED_OVER_MAX || all > HANDED_OVER_BYTES_MAX) {
      release(bytes);
      context.monitorDropped().increment();
      return false;
    }
    return true;
  }

  private void release(int bytes) {
    handedOver.decrementAndGet();
    handedOverBytes.addAndGet(-bytes);
  }

  /** Made only if it can be sent. */
  private void show(Supplier<String> frame) {
    WebSocket to = socket;
    if (to == null || !to.open()) {
      return;
    }
    if (to.pendingBytes() > context.options().subscriberBufferBytes()) {
      context.monitorDropped().increment();
      return;
    }
    say(frame.get());
  }

  private void say(String text) {
    WebSocket to = socket;
    if (to != null && to.open()) {
      to.send(ByteBufUtil.writeUtf8(to.allocator(), text));
    }
  }
}
