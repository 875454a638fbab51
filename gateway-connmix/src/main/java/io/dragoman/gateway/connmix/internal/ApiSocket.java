// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.internal;

import io.dragoman.core.ErrorCode;
import io.dragoman.core.LaneStep;
import io.dragoman.core.Receipt;
import io.dragoman.core.Result;
import io.dragoman.core.Settled;
import io.dragoman.core.Settlement;
import io.dragoman.json.JsonText;
import io.dragoman.security.Watch;
import io.dragoman.transport.WebSocket;
import io.dragoman.transport.WebSocketHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A backend (spec: connmix §2). Its requests are begun in the order in which they come and answered
 * as they are done. What it sends and publishes reaches each connection in the order of its
 * requests. For one lane.
 *
 * <p>A backend that sends more than is answered, or does not read its answers, is not read.
 */
final class ApiSocket implements WebSocketHandler {
  /** The close code for a backend whose token or account does not hold any more. */
  private static final int POLICY_VIOLATION = 1008;

  private static final int UNDER_WAY_MAX = 1024;
  private static final long UNDER_WAY_BYTES_MAX = 1 << 20;
  private static final byte[] PING = JsonText.ascii("ping");
  private static final byte[] PONG = JsonText.ascii("pong");

  /** A blank or two, and the word. */
  private static final int PING_LENGTH_MAX = 16;

  private final GatewayContext context;
  private final Methods methods;
  private final Backend backend;
  private final Map<String, Consumption> consumptions = new LinkedHashMap<>();
  private @Nullable OpenDeliveries open;
  private @Nullable WebSocket socket;
  private Watch watch = Watch.NONE;
  private int underWay;
  private long bytes;
  private boolean paused;
  private boolean closed;

  ApiSocket(GatewayContext context, Backend backend) {
    this.context = context;
    this.methods = context.methods();
    this.backend = backend;
  }

  private WebSocket socket() {
    WebSocket opened = socket;
    if (opened == null) {
      throw new IllegalStateException("not open yet");
    }
    return opened;
  }

  @Override
  public void onOpen(WebSocket opened) {
    socket = opened;
    context.backends(1);
    watch =
        context
            .entrance()
            .watch(
                backend,
                opened.lane(),
                reason -> opened.closeAfterWrites(POLICY_VIOLATION, reason));
  }

  @Override
  public void onBinary(WebSocket from, ByteBuf payload) {
    // Libraries differ in how they send what is text.
    onText(from, payload);
  }

  @Override
  public void onText(WebSocket from, ByteBuf payload) {
    if (isPing(payload)) {
      from.send(from.allocator().buffer(PONG.length).writeBytes(PONG));
    } else {
      take(payload);
    }
    pauseOrRead();
  }

  private void take(ByteBuf payload) {
    ApiRequest request;
    try {
      request = ApiInput.request(payload);
    } catch (IOException e) {
      refuse(RequestId.NONE, ApiError.invalid("a request is to be one JSON object"));
      return;
    }
    handle(request);
  }

  private static boolean isPing(ByteBuf payload) {
    int length = payload.readableBytes();
    if (length < PING.length || length > PING_LENGTH_MAX) {
      return false;
    }
    String text = new String(ByteBufUtil.getBytes(payload), StandardCharsets.UTF_8);
    return text.strip().equalsIgnoreCase("ping");
  }

  private void handle(ApiRequest request) {
    String method = request.method();
    if (method.equals("server.ping")) {
      answer(out -> ApiReplies.pong(out, request.id()));
      return;
    }
    if (!backend.writes()) {
      refuse(request.id(), ApiError.notAllowed("this account may only read"));
      return;
    }
    ApiParams params = request.params();
    switch (method) {
      case "mesh.send" ->
          push(
              request,
              methods.send(params, backend),
              (out, sent) -> ApiReplies.done(out, request.id()));
      case "mesh.publish" ->
          push(
              request,
              methods.publish(params, backend),
              (out, count) -> ApiReplies.counted(out, count, request.id()));
      case "conn.call" ->
          later(
              request,
              ApiError.CALL_FAILED,
              methods.call(params, backend),
              (out, values) -> {
                if ("context".equals(params.function())) {
                  ApiReplies.context(out, values, request.id());
                } else {
                  ApiReplies.done(out, request.id());
                }
              });
      case "queue.pop" -> pop(request);
      case "queue.unpop" -> unpop(request);
      case "queue.ack" -> acknowledge(request);
      default ->
          refuse(
              request.id(),
              ApiError.invalid(method.isEmpty() ? "m is missing" : "unknown method " + method));
    }
  }

  private <T> void push(
      ApiRequest request, CompletionStage<Methods.Outcome<T>> stage, BiConsumer<ByteBuf, T> reply) {
    context.webSockets().pushed();
    later(request, ApiError.SEND_FAILED, stage, reply);
  }

  /**
   * Answers when it is done.
   *
   * @param faultCode what is answered when the broker itself fails
   */
  private <T> void later(
      ApiRequest request,
      int faultCode,
      CompletionStage<Methods.Outcome<T>> stage,
      BiConsumer<ByteBuf, T> reply) {
    underWay++;
    bytes += request.bytes();
    LaneStep.of(
        stage,
        socket().lane(),
        new Methods.Outcome.Refused<T>(new ApiError(faultCode, LaneStep.FAULT.detail())),
        outcome -> {
          underWay--;
          bytes -= request.bytes();
          if (outcome instanceof Methods.Outcome.Done<T> done) {
            answer(out -> reply.accept(out, done.value()));
          } else {
            refuse(request.id(), ((Methods.Outcome.Refused<T>) outcome).error());
          }
          pauseOrRead();
        });
  }

  private void pop(ApiRequest request) {
    List<String> topics = request.params().topics();
    if (topics == null || topics.isEmpty()) {
      refuse(request.id(), ApiError.invalid("t is to be a list of topics"));
      return;
    }
    Set<String> asked = new LinkedHashSet<>(topics);
    for (String each : asked) {
      int length = each.getBytes(StandardCharsets.UTF_8).length;
      if (length == 0 || length > context.options().channelNameBytesMax()) {
        refuse(request.id(), ApiError.invalid("a topic's name has " + length + " bytes"));
        return;
      }
      if (!backend.mayConsume(each)) {
        refuse(request.id(), ApiError.notAllowed("the token does not open topic " + each));
        return;
      }
      if (consumptions.containsKey(each)) {
        refuse(
            request.id(),
            new ApiError(ApiError.CONSUMED_ALREADY, "topic " + each + " is consumed already"));
        return;
      }
    }
    int max = context.options().topicsMax();
    if (consumptions.size() + asked.size() > max) {
      refuse(
          request.id(), new ApiError(ApiError.CONSUMPTION_FAILED, "more than " + max + " topics"));
      return;
    }
    if (request.params().acknowledged() && open == null) {
      open = new OpenDeliveries(context.broker().queues(), this::onRoom);
    }
    // The answer first: events come after it.
    answer(out -> ApiReplies.done(out, request.id()));
    if (closed) {
      return;
    }
    context.consumptions(asked.size());
    for (String each : asked) {
      Consumption consumption =
          new Consumption(context, each, socket(), request.params().acknowledged() ? open : null);
      consumptions.put(each, consumption);
      consumption.next();
    }
  }

  private void unpop(ApiRequest request) {
    if (consumptions.isEmpty()) {
      refuse(request.id(), new ApiError(ApiError.NOTHING_CONSUMED, "nothing is consumed"));
      return;
    }
    endConsumption();
    answer(out -> ApiReplies.done(out, request.id()));
  }

  /** Ours: {@code queue.ack} with the handles of events, in the mode of {@code ack: true}. */
  private void acknowledge(ApiRequest request) {
    List<String> handles = request.params().arguments();
    OpenDeliveries held = open;
    Map<String, Receipt> receipts = null;
    if (handles != null && held != null && !handles.isEmpty()) {
      List<String> plain = new ArrayList<>(handles.size());
      // Handles are numbers, as texts or not.
      handles.forEach(each -> plain.add(each.replace("\"", "")));
      receipts = held.take(plain);
    }
    if (held == null || receipts == null) {
      refuse(request.id(), ApiError.invalid("a is to be a list of handles of this connection"));
      return;
    }
    underWay++;
    Map<String, Receipt> settling = receipts;
    LaneStep.of(
        context.broker().queues().settle(List.copyOf(settling.values()), Settlement.ACK),
        socket().lane(),
        outcome -> {
          underWay--;
          if (outcome instanceof Result.Refused<List<Settled>> no) {
            held.restore(settling);
            ErrorCode code = no.error().code();
            refuse(
                request.id(),
                new ApiError(ApiError.CONSUMPTION_FAILED, code + ": " + no.error().detail()));
          } else {
            answer(out -> ApiReplies.done(out, request.id()));
          }
          pauseOrRead();
        });
    onRoom();
  }

  private void onRoom() {
    List.copyOf(consumptions.values()).forEach(Consumption::onRoom);
  }

  private void answer(Consumer<ByteBuf> writer) {
    if (closed) {
      return;
    }
    ByteBuf out = socket().allocator().buffer();
    writer.accept(out);
    socket().send(out);
  }

  private void refuse(RequestId id, ApiError error) {
    context.webSockets().refused();
    answer(out -> ApiReplies.error(out, error, id));
  }

  private void pauseOrRead() {
    boolean full =
        underWay >= UNDER_WAY_MAX
            || bytes >= UNDER_WAY_BYTES_MAX
            || !closed && socket().pendingBytes() > context.options().sendBufferBytes();
    if (full != paused && !closed) {
      paused = full;
      if (full) {
        socket().pauseReading();
      } else {
        socket().resumeReading();
      }
    }
  }

  @Override
  public boolean working() {
    return underWay > 0;
  }

  @Override
  public void onWritable(WebSocket writable) {
    pauseOrRead();
    onRoom();
  }

  private void endConsumption() {
    context.consumptions(-consumptions.size());
    List<Consumption> ending = List.copyOf(consumptions.values());
    consumptions.clear();
    ending.forEach(Consumption::close);
  }

  @Override
  public void onClose(WebSocket gone, int code, String reason) {
    closed = true;
    watch.cancel();
    context.backends(-1);
    endConsumption();
    if (open != null) {
      open.close();
    }
  }
}
