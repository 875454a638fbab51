// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.interop;

import io.dragoman.conformance.WsClient;
import io.dragoman.conformance.kubemq.KubeMq;
import java.time.Duration;
import java.util.Optional;

/** A client of connmix, which backends push to. */
final class Member implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private final WsClient socket;
  private final String id;

  private Member(WsClient socket, String id) {
    this.socket = socket;
    this.id = id;
  }

  static Member connect(KubeMq mq) {
    return new Member(
        WsClient.connect(mq.http(), Backend.webSocket(mq.clients(), "/chat")), "unknown");
  }

  /** The same client, whose id is known by now. */
  Member named(String known) {
    return new Member(socket, known);
  }

  String id() {
    return id;
  }

  void send(String text) {
    socket.send(text);
  }

  /** The next text that is pushed to it. */
  String next() {
    return socket.poll(DEADLINE).orElseThrow(() -> new AssertionError("nothing was pushed"));
  }

  /** What has been pushed and not taken; to be asked behind something that was pushed later. */
  Optional<String> more() {
    return socket.poll(Duration.ZERO);
  }

  @Override
  public void close() {
    socket.close();
  }
}
