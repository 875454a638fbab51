// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A way to a server that can be blocked, like a client whose machine hangs: what the server says is
 * not read any more, until its buffers are full; and that can then break off.
 */
final class StallingProxy implements AutoCloseable {
  private final URI target;
  private final ServerSocket listener;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch brokenOff = new CountDownLatch(1);
  private volatile boolean stalled;

  StallingProxy(URI target) {
    this.target = target;
    try {
      listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.execute(this::accept);
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  /** From now on nothing is read from the server. */
  void stall() {
    stalled = true;
  }

  /** Resets all connections. */
  void breakOff() {
    for (Socket socket : sockets) {
      try (socket) {
        if (!socket.isClosed()) {
          socket.setSoLinger(true, 0);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    brokenOff.countDown();
  }

  private void accept() {
    try {
      while (!listener.isClosed()) {
        Socket client = listener.accept();
        Socket server = new Socket(target.getHost(), target.getPort());
        sockets.addAll(List.of(client, server));
        threads.execute(() -> copy(client, server, false));
        threads.execute(() -> copy(server, client, true));
      }
    } catch (IOException e) {
      breakOff(); // closed
    }
  }

  private void copy(Socket from, Socket to, boolean canStall) {
    byte[] buffer = new byte[8192];
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      int count = 0;
      while (!(canStall && stalled) && (count = in.read(buffer)) >= 0) {
        out.write(buffer, 0, count);
      }
      if (count >= 0) {
        brokenOff.await();
      }
    } catch (IOException e) {
      // One side is gone: so is the other.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    breakOff();
    threads.shutdownNow();
  }
}
