// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport.internal;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dragoman.core.Metrics;
import io.dragoman.testkit.TestCertificate;
import io.dragoman.transport.ListenerOptions;
import io.dragoman.transport.LogCheck;
import io.dragoman.transport.Routes;
import io.dragoman.transport.TransportMetrics;
import io.dragoman.transport.TransportOptions;
import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Handshakes that take long, on a server with one event loop where one of them may wait. */
@ExtendWith(LogCheck.class)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class HandshakesTest {

  private static final int THREADS = 2;

  private static TestCertificate certificate;

  private final Metrics metrics = new Metrics();
  private final Semaphore entered = new Semaphore(0);
  private final CountDownLatch end = new CountDownLatch(1);
  private final ExecutorService clients = Executors.newCachedThreadPool();
  private Server server;
  private InetSocketAddress secured;
  private InetSocketAddress plain;

  @BeforeAll
  static void makeCertificate(@TempDir Path directory) {
    certificate = TestCertificate.make(directory, "EC");
  }

  @BeforeEach
  void start() throws IOException {
    server = new Server(TransportOptions.builder().eventLoops(1).build(), metrics, 1);
    SslContext slow = slow();
    secured = listen(ListenerOptions.builder("secured").tls(() -> slow));
    plain = listen(ListenerOptions.builder("plain"));
  }

  private InetSocketAddress listen(ListenerOptions.Builder options) throws IOException {
    return server
        .listen(options.hosts(List.of("127.0.0.1")).build(), Routes.builder().build())
        .address();
  }

  /** A step of each handshake, the choice of a protocol, ends when the test says so. */
  private SslContext slow() throws IOException {
    SslContext context =
        SslContextBuilder.forServer(pem(certificate.certificate()), pem(certificate.key()))
            .sslProvider(SslProvider.JDK)
            .build();
    return new DelegatingSslContext(context) {
      @Override
      protected void initEngine(SSLEngine engine) {
        engine.setHandshakeApplicationProtocolSelector(
            (e, offered) -> {
              entered.release();
              awaitEnd();
              return offered.get(0);
            });
      }
    };
  }

  private static InputStream pem(String text) {
    return new ByteArrayInputStream(text.getBytes(US_ASCII));
  }

  private void awaitEnd() {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.close();
    clients.shutdownNow();
  }

  /** Whether the handshake was done. */
  private Future<Boolean> connect() {
    SSLContext trusting = certificate.trusting();
    return clients.submit(
        () -> {
          try (SSLSocket socket =
              (SSLSocket)
                  trusting
                      .getSocketFactory()
                      .createSocket(secured.getAddress(), secured.getPort())) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"http/1.1"});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return true;
          } catch (IOException e) {
            return false;
          }
        });
  }

  private double refused() {
    return metrics.families().stream()
        .filter(family -> family.name().equals(TransportMetrics.CONNECTIONS_REFUSED_TOTAL))
        .flatMap(family -> family.instruments().entrySet().stream())
        .filter(entry -> entry.getKey().containsAll(List.of("secured", "tls")))
        .mapToDouble(entry -> ((Metrics.Counter) entry.getValue()).value())
        .sum();
  }

  @Test
  void shouldServeOthersMeanwhile() throws Exception {
    Future<Boolean> client = connect();
    entered.acquire();
    try (Socket other = new Socket(plain.getAddress(), plain.getPort())) {
      other.setSoTimeout(10_000);
      other.getOutputStream().write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII));
      byte[] status = other.getInputStream().readNBytes(12);
      assertThat(new String(status, US_ASCII)).isEqualTo("HTTP/1.1 404");
    }
    assertThat(client.isDone()).isFalse();
    end.countDown();
    assertThat(client.get()).isTrue();
    assertThat(refused()).isZero();
  }

  @Test
  void shouldRefuseWhenTooManyWait() throws Exception {
    List<Future<Boolean>> all = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      all.add(connect());
    }
    entered.acquire(THREADS);
    all.add(connect());
    all.add(connect());
    await().until(() -> refused() == 1);
    await().until(() -> all.stream().anyMatch(Future::isDone));
    end.countDown();
    int done = 0;
    for (Future<Boolean> each : all) {
      done += each.get() ? 1 : 0;
    }
    assertThat(done).isEqualTo(THREADS + 1);
    assertThat(refused()).isEqualTo(1);
  }

  @Test
  void shouldKeepLittleOfWhoSendsMeanwhile() throws Exception {
    List<Future<Boolean>> busy = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      busy.add(connect());
    }
    entered.acquire(THREADS);
    try (Socket flood = new Socket(secured.getAddress(), secured.getPort())) {
      flood.setSoTimeout(10_000);
      flood.getOutputStream().write(hello());
      // Its handshake waits, and it sends what may be anything: the connection ends.
      assertThat(endsWhileSending(flood)).isTrue();
    }
    await().until(() -> refused() == 1);
    end.countDown();
    for (Future<Boolean> each : busy) {
      assertThat(each.get()).isTrue();
    }
  }

  private static byte[] hello() throws Exception {
    SSLEngine engine = certificate.trusting().createSSLEngine();
    engine.setUseClientMode(true);
    ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), out);
    return Arrays.copyOf(out.array(), out.position());
  }

  private static boolean endsWhileSending(Socket socket) {
    byte[] record = new byte[5 + (16 << 10)];
    record[0] = 23;
    record[1] = 3;
    record[2] = 3;
    record[3] = 64;
    try {
      for (int i = 0; i < 10_000; i++) {
        socket.getOutputStream().write(record);
      }
      return false;
    } catch (IOException e) {
      return true;
    }
  }
}
