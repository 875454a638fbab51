// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.gateway.connmix.client.Client;
import io.dragoman.gateway.connmix.client.ClientRules.Payload;
import io.dragoman.gateway.connmix.client.ClientRules.Route;
import io.dragoman.json.JsonText;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;

/** Writes what topics are told of clients: {@code d} of the events that backends get of it. */
final class EventBodies {
  private static final byte[] NODE = JsonText.ascii("{\"n\":");
  private static final byte[] CLIENT = JsonText.ascii(",\"c\":");
  private static final byte[] TOPIC = JsonText.ascii(",\"t\":");
  private static final byte[] DATA = JsonText.ascii(",\"d\":");
  private static final byte[] FRAME = JsonText.ascii("\"frame\":{\"type\":");
  private static final byte[] TEXT = JsonText.ascii("\"text\",\"data\":");
  private static final byte[] BINARY = JsonText.ascii("\"binary\",\"data\":");
  private static final byte[] FINISH = JsonText.ascii(",\"finish\":true}");

  /** Names of ours, which a context cannot take. */
  private static final Set<String> RESERVED = Set.of("event", "frame", "headers", "code", "reason");

  private EventBodies() {}

  static byte[] opened(Client client, Route route) {
    ByteBuf out = begin("handshake");
    headers(out, client);
    if (route.payload() == Payload.FULL) {
      context(out, client, route);
    }
    return end(out);
  }

  /**
   * A message.
   *
   * @param headers whether they are wanted now
   */
  static byte[] message(
      Client client, Route route, byte[] payload, boolean binary, boolean headers) {
    boolean full = route.payload() == Payload.FULL;
    ByteBuf out;
    if (full) {
      out = begin("message");
      out.writeByte(',');
    } else {
      out = Unpooled.buffer(payload.length + 64).writeByte('{');
    }
    frame(out, payload, binary);
    if (headers) {
      headers(out, client);
    }
    if (full) {
      context(out, client, route);
    }
    return end(out);
  }

  static byte[] pinged(Client client, Route route) {
    ByteBuf out = begin("ping");
    if (route.payload() == Payload.FULL) {
      context(out, client, route);
    }
    return end(out);
  }

  static byte[] closed(Client client, Route route, int code, String reason) {
    ByteBuf out = begin("close");
    context(out, client, route);
    out.writeBytes(JsonText.ascii(",\"code\":"));
    JsonText.number(out, code);
    out.writeBytes(JsonText.ascii(",\"reason\":"));
    JsonText.string(out, reason);
    return end(out);
  }

  private static ByteBuf begin(String event) {
    ByteBuf out = Unpooled.buffer(256);
    out.writeBytes(JsonText.ascii("{\"event\":"));
    JsonText.string(out, event);
    return out;
  }

  private static byte[] end(ByteBuf out) {
    return ByteBufUtil.getBytes(out.writeByte('}'));
  }

  /**
   * What a backend is told that takes events from a list of a Redis: {@code p} of the event that it
   * would get of a topic of the list's name.
   *
   * @param json one value of JSON
   */
  static byte[] listed(int node, String clientId, String list, String json) {
    ByteBuf out = Unpooled.buffer(json.length() + 128);
    out.writeBytes(NODE);
    JsonText.number(out, node);
    out.writeBytes(CLIENT);
    JsonText.string(out, clientId);
    out.writeBytes(TOPIC);
    JsonText.string(out, list);
    out.writeBytes(DATA);
    byte[] value = json.getBytes(StandardCharsets.UTF_8);
    if (json.stripLeading().startsWith("{")) {
      out.writeBytes(value);
    } else {
      out.writeByte('{');
      frame(out, value, false);
      out.writeByte('}');
    }
    return end(out);
  }

  private static void frame(ByteBuf out, byte[] payload, boolean binary) {
    out.writeBytes(FRAME);
    if (binary) {
      out.writeBytes(BINARY);
      JsonText.base64(out, payload);
    } else {
      out.writeBytes(TEXT);
      JsonText.string(out, payload);
    }
    out.writeBytes(FINISH);
  }

  private static void headers(ByteBuf out, Client client) {
    out.writeBytes(JsonText.ascii(",\"headers\":"));
    texts(out, client.introduction().headers());
  }

  /** An object of texts. */
  static void texts(ByteBuf out, Map<String, String> texts) {
    out.writeByte('{');
    boolean first = true;
    for (Map.Entry<String, String> each : texts.entrySet()) {
      if (!first) {
        out.writeByte(',');
      }
      first = false;
      JsonText.string(out, each.getKey());
      out.writeByte(':');
      JsonText.string(out, each.getValue());
    }
    out.writeByte('}');
  }

  private static void context(ByteBuf out, Client client, Route route) {
    for (Map.Entry<String, String> each : client.connection().context().entrySet()) {
      String key = each.getKey();
      boolean wanted = route.contextKeys().map(keys -> keys.contains(key)).orElse(true);
      if (wanted && !RESERVED.contains(key)) {
        out.writeByte(',');
        JsonText.string(out, key);
        out.writeByte(':');
        out.writeCharSequence(each.getValue(), StandardCharsets.UTF_8);
      }
    }
  }
}
