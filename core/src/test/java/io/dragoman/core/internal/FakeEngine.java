// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import io.dragoman.core.ChannelInfo;
import io.dragoman.core.Kind;
import io.dragoman.core.Message;
import io.dragoman.core.Request;
import io.dragoman.core.Response;
import io.dragoman.core.Result;
import io.dragoman.core.SendReceipt;
import io.dragoman.core.Subscription;
import io.dragoman.core.spi.ChannelStore;
import io.dragoman.core.spi.Engine;
import io.dragoman.core.spi.EngineContext;
import io.dragoman.core.spi.EngineState;
import io.dragoman.core.spi.EventTransport;
import io.dragoman.core.spi.Guarantees;
import io.dragoman.core.spi.QueueStore;
import io.dragoman.core.spi.Recovery;
import io.dragoman.core.spi.RequestTransport;
import io.dragoman.core.spi.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** An engine of one node in memory: what is sent has arrived. */
final class FakeEngine implements Engine {
  final FakeLogStore logs = new FakeLogStore();
  final FakeQueueStore queues = new FakeQueueStore();
  final FakeEvents events = new FakeEvents();
  final FakeRequests requests = new FakeRequests();
  final FakeChannels channels = new FakeChannels();
  final FakeKeyValueStore keyValues = new FakeKeyValueStore();
  final List<Write> committed = new ArrayList<>();
  volatile EngineState state = new EngineState(true, true, "");

  /** What a commit gives; null: receipts. */
  volatile CompletionStage<Result<List<SendReceipt>>> commitOutcome;

  static final class FakeEvents implements EventTransport {
    final List<EventTransport.Interest> interests = new CopyOnWriteArrayList<>();
    volatile EventTransport.Sink sink;

    @Override
    public void attach(EventTransport.Sink sink) {
      this.sink = sink;
    }

    @Override
    public CompletionStage<Result<Boolean>> publish(Message message) {
      return sink.onEvent(message, null);
    }

    @Override
    public Subscription register(EventTransport.Interest interest) {
      interests.add(interest);
      return () -> interests.remove(interest);
    }
  }

  static final class FakeRequests implements RequestTransport {
    final List<RequestTransport.Interest> interests = new CopyOnWriteArrayList<>();
    private final AtomicLong addresses = new AtomicLong();
    volatile RequestTransport.Sink sink;

    @Override
    public void attach(RequestTransport.Sink sink) {
      this.sink = sink;
    }

    @Override
    public String newReplyTo() {
      return "inbox." + addresses.incrementAndGet();
    }

    @Override
    public void send(Request request, String replyTo) {
      sink.onRequest(request, replyTo, null);
    }

    @Override
    public void respond(String replyTo, Response response) {
      sink.onResponse(replyTo, response);
    }

    @Override
    public Subscription register(RequestTransport.Interest interest) {
      interests.add(interest);
      return () -> interests.remove(interest);
    }
  }

  final class FakeChannels implements ChannelStore {
    private final Map<String, ChannelInfo> known = new ConcurrentSkipListMap<>();

    @Override
    public CompletionStage<Result<Boolean>> create(Kind kind, String name) {
      ChannelInfo info = new ChannelInfo(kind, name, 1, 1);
      return Calls.okStage(known.putIfAbsent(kind + "/" + name, info) == null);
    }

    @Override
    public CompletionStage<Result<Boolean>> delete(Kind kind, String name) {
      if (kind == Kind.LOG) {
        logs.delete(name);
      }
      return Calls.okStage(known.remove(kind + "/" + name) != null);
    }

    @Override
    public CompletionStage<Result<List<ChannelInfo>>> list(Kind kind, String containing) {
      return Calls.okStage(
          known.values().stream()
              .filter(info -> info.kind() == kind && info.name().contains(containing))
              .toList());
    }
  }

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public Guarantees guarantees() {
    return new Guarantees(Guarantees.Acknowledgement.MEMORY, true, true, true, true, true);
  }

  @Override
  public Recovery start(EngineContext context) {
    return new Recovery(0, 0, 0);
  }

  @Override
  public EngineState state() {
    return state;
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
  public FakeLogStore logs() {
    return logs;
  }

  @Override
  public QueueStore queues() {
    return queues;
  }

  @Override
  public ChannelStore channels() {
    return channels;
  }

  @Override
  public FakeKeyValueStore keyValues() {
    return keyValues;
  }

  @Override
  public CompletionStage<Result<List<SendReceipt>>> commit(List<Write> writes) {
    committed.addAll(writes);
    if (commitOutcome != null) {
      return commitOutcome;
    }
    List<SendReceipt> receipts = new ArrayList<>();
    for (int i = 0; i < writes.size(); i++) {
      receipts.add(new SendReceipt("stored-" + i, 1, 0, 0));
    }
    return Calls.okStage(receipts);
  }

  @Override
  public void releaseWaiting() {
    // Nothing waits here.
  }

  @Override
  public void close(Duration grace) {
    // Nothing to stop.
  }
}
