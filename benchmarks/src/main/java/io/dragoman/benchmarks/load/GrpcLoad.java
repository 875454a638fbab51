// SPDX-License-Identifier: Apache-2.0
package io.dragoman.benchmarks.load;

import io.dragoman.kubemq.protocol.kubemqGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of gRPC requests under way: each answer is followed by the next request. Every
 * connection belongs to one event loop, on which all of its work is done, without threads in
 * between.
 */
public final class GrpcLoad implements Load {

  private static final int LOOPS = 2;
  private static final long CONNECT_SECONDS_MAX = 30;
  private static final long DRAIN_SECONDS_MAX = 30;
  private static final long FIRST_EVENT_MILLIS = 500;
  private static final int FIRST_EVENTS_MAX = 60;

  private final ServerProcess server;
  private final int workPerAnswer;
  private final List<EventLoopGroup> loops = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final List<Pipe> pipes = new ArrayList<>();
  private volatile boolean running;
  private volatile CountDownLatch drained = new CountDownLatch(0);
  private volatile @Nullable String failure;

  private GrpcLoad(ServerProcess server, int workPerAnswer) {
    this.server = server;
    this.workPerAnswer = workPerAnswer;
    IoHandlerFactory handlers =
        Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    for (int i = 0; i < LOOPS; i++) {
      loops.add(new MultiThreadIoEventLoopGroup(1, handlers));
    }
  }

  /**
   * Calls with one request and one answer.
   *
   * @param requests sent in turn, encoded
   */
  public static GrpcLoad calls(
      ServerProcess server,
      MethodDescriptor<?, ?> method,
      int connections,
      int underWayEach,
      List<byte[]> requests) {
    GrpcLoad load = new GrpcLoad(server, 1);
    MethodDescriptor<byte[], Integer> encoded = EncodedRequests.of(method);
    for (int i = 0; i < connections; i++) {
      EventLoopGroup loop = load.loops.get(i % LOOPS);
      ManagedChannel channel = load.connect(loop);
      load.pipes.add(load.new Calls(loop, underWayEach, requests, channel, encoded));
    }
    return load;
  }

  /**
   * Streams on which every request is answered once, a connection for each.
   *
   * @param workPerRequest units of work that a request stands for
   */
  public static GrpcLoad streams(
      ServerProcess server,
      MethodDescriptor<?, ?> method,
      int streams,
      int underWayEach,
      List<byte[]> requests,
      int workPerRequest) {
    GrpcLoad load = new GrpcLoad(server, workPerRequest);
    MethodDescriptor<byte[], Integer> encoded = EncodedRequests.of(method);
    for (int i = 0; i < streams; i++) {
      EventLoopGroup loop = load.loops.get(i % LOOPS);
      Stream pipe = load.new Stream(loop, underWayEach, requests);
      ClientCall<byte[], Integer> call = load.connect(loop).newCall(encoded, CallOptions.DEFAULT);
      pipe.open(call, call);
      load.pipes.add(pipe);
    }
    return load;
  }

  /**
   * A sender's stream of events and a subscriber, on a connection each. An event is under way until
   * the subscriber has it.
   *
   * @param subscribe the subscription, encoded
   */
  public static GrpcLoad events(
      ServerProcess server, int underWay, byte[] subscribe, List<byte[]> events) {
    GrpcLoad load = new GrpcLoad(server, 1);
    EventLoopGroup loop = load.loops.get(0);
    Stream pipe = load.new Stream(loop, underWay, events);
    ClientCall<byte[], Integer> received =
        load.connect(loop)
            .newCall(
                EncodedRequests.of(kubemqGrpc.getSubscribeToEventsMethod()), CallOptions.DEFAULT);
    ClientCall<byte[], Integer> sent =
        load.connect(loop)
            .newCall(
                EncodedRequests.of(kubemqGrpc.getSendEventsStreamMethod()), CallOptions.DEFAULT);
    pipe.open(sent, received);
    received.sendMessage(subscribe);
    received.halfClose();
    load.pipes.add(pipe);
    load.awaitFirst(pipe);
    return load;
  }

  private ManagedChannel connect(EventLoopGroup loop) {
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port("kubemq-grpc"));
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(address)
            .eventLoopGroup(loop)
            .channelType(Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class)
            .directExecutor()
            .usePlaintext()
            .build();
    channels.add(channel);
    CountDownLatch ready = new CountDownLatch(1);
    look(channel, ready);
    await(ready, CONNECT_SECONDS_MAX, "connected");
    return channel;
  }

  private static void look(ManagedChannel channel, CountDownLatch ready) {
    ConnectivityState state = channel.getState(true);
    if (state == ConnectivityState.READY) {
      ready.countDown();
    } else {
      channel.notifyWhenStateChanged(state, () -> look(channel, ready));
    }
  }

  /** Events that come before the subscription stands reach nobody: one by one until one arrives. */
  private void awaitFirst(Pipe pipe) {
    for (int i = 0; i < FIRST_EVENTS_MAX; i++) {
      CountDownLatch latch = new CountDownLatch(1);
      drained = latch;
      pipe.loop.next().execute(pipe::askOnce);
      try {
        if (latch.await(FIRST_EVENT_MILLIS, TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
    throw new IllegalStateException(server.name() + " does not deliver: " + failure);
  }

  private void await(CountDownLatch latch, long secondsMax, String what) {
    try {
      if (!latch.await(secondsMax, TimeUnit.SECONDS)) {
        throw new IllegalStateException(server.name() + " has not " + what + " in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Run run(int seconds) {
    CountDownLatch latch = new CountDownLatch(pipes.size());
    drained = latch;
    running = true;
    double cpu = server.cpuSeconds();
    long began = System.nanoTime();
    pipes.forEach(each -> each.loop.next().execute(each::begin));
    sleep(seconds);
    running = false;
    throwFailure();
    await(latch, DRAIN_SECONDS_MAX, "answered all");
    double wall = (System.nanoTime() - began) / 1e9;
    double cost = server.cpuSeconds() - cpu;
    throwFailure();
    long answers = pipes.stream().mapToLong(each -> each.answers).sum();
    double[] latencies =
        pipes.stream().flatMapToLong(Pipe::latencies).mapToDouble(each -> each / 1e6).toArray();
    Arrays.sort(latencies);
    return new Run(
        (double) answers * workPerAnswer,
        wall,
        cost,
        percentile(latencies, 0.5),
        percentile(latencies, 0.99));
  }

  private void sleep(int seconds) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (failure == null && System.nanoTime() < deadline) {
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static double percentile(double[] sorted, double part) {
    return sorted.length == 0 ? Double.NaN : sorted[(int) (part * (sorted.length - 1))];
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    for (EventLoopGroup each : loops) {
      var unused = each.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  private void throwFailure() {
    if (failure != null) {
      throw new IllegalStateException(server.name() + " " + failure);
    }
  }

  private void failed(String what) {
    failure = what;
  }

  /** What is under way on one connection. For its event loop, but for figures after a run. */
  private abstract class Pipe {
    private final EventLoopGroup loop;
    private final int underWayMax;
    private final List<byte[]> requests;
    private int turn;
    private int underWay;
    private long answers;
    private long[] latencies = new long[1 << 16];
    private int measured;

    Pipe(EventLoopGroup loop, int underWayMax, List<byte[]> requests) {
      this.loop = loop;
      this.underWayMax = underWayMax;
      this.requests = requests;
    }

    /** Sends a request; {@link #answered} is to be called once for it. */
    abstract void ask(byte[] request);

    final void begin() {
      answers = 0;
      measured = 0;
      while (underWay < underWayMax) {
        next();
      }
    }

    final void askOnce() {
      underWay = 0;
      next();
    }

    private void next() {
      turn = (turn + 1) % requests.size();
      underWay++;
      ask(requests.get(turn));
    }

    final void answered(long askedAt) {
      answers++;
      underWay--;
      if (measured == latencies.length) {
        latencies = Arrays.copyOf(latencies, measured * 2);
      }
      latencies[measured++] = System.nanoTime() - askedAt;
      if (running) {
        next();
      } else if (underWay == 0) {
        drained.countDown();
      }
    }

    final LongStream latencies() {
      return Arrays.stream(latencies, 0, measured);
    }
  }

  private final class Calls extends Pipe {
    private final ManagedChannel channel;
    private final MethodDescriptor<byte[], Integer> method;

    Calls(
        EventLoopGroup loop,
        int underWayMax,
        List<byte[]> requests,
        ManagedChannel channel,
        MethodDescriptor<byte[], Integer> method) {
      super(loop, underWayMax, requests);
      this.channel = channel;
      this.method = method;
    }

    @Override
    void ask(byte[] request) {
      long askedAt = System.nanoTime();
      ClientCall<byte[], Integer> call = channel.newCall(method, CallOptions.DEFAULT);
      call.start(
          new ClientCall.Listener<>() {
            @Override
            public void onClose(Status status, Metadata trailers) {
              if (!status.isOk()) {
                failed(status.toString());
              }
              answered(askedAt);
            }
          },
          new Metadata());
      call.request(2);
      call.sendMessage(request);
      call.halfClose();
    }
  }

  /** Answers are taken for those of the oldest requests, which latencies are of. */
  private final class Stream extends Pipe {
    private final Deque<Long> askedAt = new ArrayDeque<>();
    private @Nullable ClientCall<byte[], Integer> sender;

    Stream(EventLoopGroup loop, int underWayMax, List<byte[]> requests) {
      super(loop, underWayMax, requests);
    }

    /** Both may be the same. */
    void open(ClientCall<byte[], Integer> sends, ClientCall<byte[], Integer> answers) {
      sender = sends;
      if (sends != answers) {
        start(sends);
      }
      start(answers);
    }

    private void start(ClientCall<byte[], Integer> call) {
      call.start(
          new ClientCall.Listener<>() {
            @Override
            public void onMessage(Integer length) {
              Long asked = askedAt.poll();
              if (asked == null) {
                failed("answered what it was not asked");
              } else {
                answered(asked);
              }
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
              failed("ended a stream: " + status);
            }
          },
          new Metadata());
      call.request(Integer.MAX_VALUE);
    }

    @Override
    void ask(byte[] request) {
      askedAt.add(System.nanoTime());
      if (sender != null) {
        sender.sendMessage(request);
      }
    }
  }
}
