// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** A message as people read it: what is known about it on one line, then its body. */
public final class MessageText {
  private MessageText() {}

  static void block(Fields message, Console console, Style style) {
    console.print(style.dim(Printable.line(head(message))) + "\n");
    if (!body(message, console)) {
      console.print("(" + message.number("bodyBytes") + " bytes: too many to be shown here)\n");
    }
  }

  /**
   * The body alone, with a newline after it.
   *
   * @return false if the broker left it out, and so nothing was printed
   */
  static boolean body(Fields message, Console console) {
    if (message.has("bodyOmitted")) {
      return false;
    }
    print(bodyOf(message), console);
    return true;
  }

  /** Our own record of a body, or what the management API says of one. */
  private static Body bodyOf(Fields message) {
    if (message.get("body") instanceof Body body) {
      return body;
    }
    return new Body(
        message.has("bodyBase64")
            ? Base64.getDecoder().decode(message.text("bodyBase64"))
            : message.text("body").getBytes(StandardCharsets.UTF_8));
  }

  /**
   * A body with a newline after it. A terminal never gets control characters of a sender, which
   * could move its cursor or change its settings; a pipe gets exactly what was sent.
   */
  public static void print(Body body, Console console) {
    if (!console.outIsTerminal()) {
      console.write(body.bytes());
    } else {
      console.print(body.text().map(Printable::lines).orElseGet(body::base64));
    }
    console.print("\n");
  }

  private static String head(Fields message) {
    List<String> parts = new ArrayList<>();
    if (message.has("sequence")) {
      parts.add("#" + message.text("sequence"));
    }
    add(parts, "", message.text("kind"));
    add(parts, "", message.text("channel"));
    add(parts, "id ", message.text("id"));
    add(parts, "from ", message.text("clientId"));
    add(parts, "", Times.human(message.get("timestamp")));
    if (message.number("receiveCount") > 0) {
      parts.add("delivery " + message.text("receiveCount"));
    }
    add(parts, "dead letter of ", message.text("reRoutedFrom"));
    add(parts, "due ", Times.human(message.get("deliverAt")));
    add(parts, "expires ", Times.human(message.get("expiresAt")));
    add(parts, "handle ", message.text("handle"));
    add(parts, "timeout ms ", message.text("timeoutMillis"));
    if (message.has("executed")) {
      parts.add(Boolean.TRUE.equals(message.get("executed")) ? "executed" : "not executed");
    }
    add(parts, "error ", message.text("error"));
    add(parts, "metadata ", message.text("metadata"));
    if (message.get("tags") instanceof Map<?, ?> tags && !tags.isEmpty()) {
      List<String> pairs = new ArrayList<>();
      tags.forEach((name, value) -> pairs.add(name + "=" + value));
      parts.add("tags " + String.join(",", pairs));
    }
    return String.join("  ", parts);
  }

  private static void add(List<String> parts, String label, String value) {
    if (!value.isEmpty()) {
      parts.add(label + value);
    }
  }
}
