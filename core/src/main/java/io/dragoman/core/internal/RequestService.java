// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.BrokerError;
import io.dragoman.core.Call;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.Clock;
import io.dragoman.core.CoreMetrics;
import io.dragoman.core.CoreOptions;
import io.dragoman.core.ErrorCode;
import io.dragoman.core.Kind;
import io.dragoman.core.Lane;
import io.dragoman.core.Message;
import io.dragoman.core.Request;
import io.dragoman.core.RequestListener;
import io.dragoman.core.Requests;
import io.dragoman.core.Response;
import io.dragoman.core.Result;
import io.dragoman.core.Subscription;
import io.dragoman.core.spi.RequestTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Commands and queries. A request waits in a table under its reply address until an answer, its
 * timeout or a cancellation takes it out: whoever takes it out completes it, so it completes once.
 *
 * <p>Safe from any thread. Results complete on the responder's thread, an engine thread or the
 * timer thread.
 */
final class RequestService implements Requests, RequestTransport.Sink {

  /** Of requests that wait for their answers; about 1 KiB each, whatever their size. */
  static final long WAITING_BYTES_MAX = 128L << 20;

  /** A request on its way to a responder. */
  record Asked(Request request, String replyTo) {}

  private final RequestTransport transport;
  private final Checks checks;
  private final SubscriptionLimit limit;
  private final CoreMetrics metrics;
  private final Timers timers;
  private final QueryCache cache;
  private final LaneQueues<Asked, RequestListener> queues;
  private final SubscriptionIndex<Asked, RequestListener> commands;
  private final SubscriptionIndex<Asked, RequestListener> queries;
  private final ConcurrentHashMap<String, PendingRequest> pending = new ConcurrentHashMap<>();
  private final Throttle listenerFaults = new Throttle();
  private final AtomicLong waitingBytes = new AtomicLong();
  private volatile boolean closed;

  RequestService(
      RequestTransport transport,
      CoreOptions options,
      Checks checks,
      SubscriptionLimit limit,
      CoreMetrics metrics,
      Clock clock,
      Timers timers) {
    this.transport = transport;
    this.checks = checks;
    this.limit = limit;
    this.metrics = metrics;
    this.timers = timers;
    this.cache = new QueryCache(options.queryCacheBytesMax(), clock);
    this.queues = new LaneQueues<>(options.laneQueueBytesMax(), this::deliver);
    this.commands = index(Kind.COMMAND);
    this.queries = index(Kind.QUERY);
    metrics.showRequestsPending(pending::size);
    metrics.showRequestsPendingBytes(waitingBytes::get);
    metrics.showQueryCacheBytes(cache::bytes);
  }

  @Override
  public Call<Response> request(Request request) {
    BrokerError error = check(request);
    if (error != null) {
      return Calls.refused(error);
    }
    Request sent = withId(request);
    metrics.messageIn(request.kind(), request.message().body().length);
    Response kept = fromCache(sent);
    if (kept != null) {
      return Calls.settled(Result.ok(kept));
    }
    PendingRequest waiting = new PendingRequest(this, sent, isCached(sent), transport.newReplyTo());
    if (waitingBytes.addAndGet(waiting.weight()) > WAITING_BYTES_MAX) {
      waitingBytes.addAndGet(-waiting.weight());
      return Calls.refused(
          checks.refuse(ErrorCode.OVERLOADED, "too many requests wait for their answers"));
    }
    pending.put(waiting.replyTo(), waiting);
    waiting.start(timers);
    if (closed) {
      waiting.refuse(ErrorCode.SHUTTING_DOWN, "the broker is stopping");
    } else {
      transport.send(sent, waiting.replyTo());
    }
    return waiting;
  }

  @Override
  public Result<Subscription> serve(
      Kind kind,
      ChannelFilter filter,
      @Nullable String group,
      Lane lane,
      RequestListener listener) {
    BrokerError error = checks.filter(filter, group);
    if (error == null && kind != Kind.COMMAND && kind != Kind.QUERY) {
      error = checks.refuse(ErrorCode.INVALID_ARGUMENT, "not a kind of request: " + kind.label());
    }
    if (error == null && closed) {
      error = checks.refuse(ErrorCode.SHUTTING_DOWN, "the broker is stopping");
    }
    if (error == null && !limit.take(kind)) {
      error = checks.refuse(ErrorCode.TOO_MANY_SUBSCRIPTIONS, limit.refusal());
    }
    if (error != null) {
      return Result.refused(error);
    }
    return Result.ok(
        index(kind, commands, queries)
            .subscribe(filter, group, lane, listener, () -> limit.giveBack(kind)));
  }

  @Override
  public void respond(String replyTo, Response response) {
    transport.respond(replyTo, response);
  }

  @Override
  public void onRequest(
      Request request, String replyTo, RequestTransport.@Nullable Interest interest) {
    SubscriptionIndex<Asked, RequestListener> index = index(request.kind(), commands, queries);
    Route<Asked, RequestListener> route =
        interest == null
            ? index.route(request.message().channel())
            : index.route(interest.filter(), interest.group());
    if (route.isEmpty()) {
      return;
    }
    Asked asked = new Asked(request, replyTo);
    for (Target<Asked, RequestListener> target : route.lanes()) {
      offer(asked, target);
    }
    for (List<Receiver<Asked, RequestListener>> group : route.groups()) {
      offer(asked, group.get(ThreadLocalRandom.current().nextInt(group.size())).alone());
    }
  }

  @Override
  public void onResponse(String replyTo, Response response) {
    PendingRequest waiting = pending.get(replyTo);
    if (waiting == null) {
      return;
    }
    Response answer = response;
    if (waiting.cached()) {
      answer = marked(response, response.message(), false);
      if (response.executed()) {
        waiting.keep(cache, answer);
      }
    }
    waiting.complete(Result.ok(answer));
  }

  /** Takes a request out of the table; false if somebody else has. */
  boolean takeOut(PendingRequest waiting) {
    boolean taken = pending.remove(waiting.replyTo(), waiting);
    if (taken) {
      waitingBytes.addAndGet(-waiting.weight());
    }
    return taken;
  }

  /** Counts how a request ended. */
  void ended(PendingRequest waiting, Result<Response> result, long nanos) {
    Kind kind = waiting.kind();
    if (result.isOk()) {
      metrics.answered(kind, nanos / 1e9);
    } else if (result instanceof Result.Refused<Response> refused
        && refused.error().code() == ErrorCode.REQUEST_TIMEOUT) {
      metrics.requestTimeout(kind);
    }
  }

  /** Forgets the answers that are kept for a channel of queries, because it was deleted. */
  void forget(String channel) {
    cache.forget(channel);
  }

  /** Refuses what comes from now on and what is waiting. */
  void close() {
    closed = true;
    queues.close();
    for (PendingRequest each : new ArrayList<>(pending.values())) {
      each.refuse(ErrorCode.SHUTTING_DOWN, "the broker is stopping");
    }
  }

  private @Nullable BrokerError check(Request request) {
    if (request.kind() != Kind.COMMAND && request.kind() != Kind.QUERY) {
      return checks.refuse(
          ErrorCode.INVALID_ARGUMENT, "not a kind of request: " + request.kind().label());
    }
    BrokerError error = checks.atLeast(1, request.timeoutMillis(), "the timeout in milliseconds");
    return error != null ? error : checks.message(request.message());
  }

  private void offer(Asked asked, Target<Asked, RequestListener> target) {
    if (target.queue().hasRoom()) {
      target.queue().offer(asked, asked.request().message().weight(), target);
    } else {
      // Nobody can be made to wait here; the requester sees a timeout, as when nobody answers.
      metrics.requestsDropped().increment();
    }
  }

  private void deliver(List<Asked> run, List<Receiver<Asked, RequestListener>> receivers) {
    for (Asked asked : run) {
      for (Receiver<Asked, RequestListener> receiver : receivers) {
        deliver(asked, receiver.listener());
      }
      metrics.messagesOut(asked.request().kind(), receivers.size());
    }
  }

  private void deliver(Asked asked, @Nullable RequestListener listener) {
    if (listener == null) {
      return;
    }
    try {
      listener.onRequest(asked.request(), asked.replyTo());
    } catch (Throwable e) {
      // As with events: one responder's fault must not reach the others.
      metrics.listenerFailures().increment();
      if (listenerFaults.pass()) {
        Loggers.DELIVERY.error("a responder failed to take a request", e);
      }
    }
  }

  private @Nullable Response fromCache(Request request) {
    if (!isCached(request)) {
      return null;
    }
    Response kept = cache.get(request.message().channel(), request.cacheKey());
    if (kept == null) {
      metrics.queryCacheMisses().increment();
      return null;
    }
    metrics.queryCacheHits().increment();
    Message message = kept.message().toBuilder().id(request.message().id()).build();
    return marked(kept, message, true);
  }

  private static boolean isCached(Request request) {
    return request.kind() == Kind.QUERY
        && !request.cacheKey().isEmpty()
        && request.cacheTtlMillis() > 0;
  }

  private static Response marked(Response response, Message message, boolean cacheHit) {
    return new Response(
        message,
        response.timestamp(),
        response.executed(),
        response.error(),
        cacheHit,
        response.span());
  }

  private static Request withId(Request request) {
    if (!request.message().id().isEmpty()) {
      return request;
    }
    return new Request(
        request.kind(),
        Checks.withId(request.message()),
        request.timeoutMillis(),
        request.cacheKey(),
        request.cacheTtlMillis(),
        request.span());
  }

  private SubscriptionIndex<Asked, RequestListener> index(Kind kind) {
    return new SubscriptionIndex<>(
        queues,
        (filter, group) -> transport.register(new RequestTransport.Interest(kind, filter, group)));
  }

  private static <T> T index(Kind kind, T commands, T queries) {
    return kind == Kind.COMMAND ? commands : queries;
  }
}
