// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.connmix;

import io.dragoman.conformance.RawWebSocket;

/** A client on the WebSocket that is for clients. */
final class ChatClient implements AutoCloseable {
  private final RawWebSocket socket;

  ChatClient(RawWebSocket socket) {
    this.socket = socket;
  }

  RawWebSocket socket() {
    return socket;
  }

  ChatClient say(String text) {
    socket.sendText(text);
    return this;
  }

  /** The next text that it gets. */
  String hears() {
    return socket.readText();
  }

  /** Asserts nothing of what comes before is left: a ping's answer is what comes next. */
  String pings() {
    return say("ping").hears();
  }

  /** Says goodbye and waits for the answer. */
  void leave() {
    socket.sendClose(1000);
    socket.readCloseCode();
    socket.close();
  }

  @Override
  public void close() {
    socket.close();
  }
}
