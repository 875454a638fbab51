// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the configuration says is to happen with what clients do (spec: connmix §5.2).
 *
 * @param auth who is let in
 * @param context values of a connection's context at its beginning, by their keys; a value that
 *     something is missing for is left out
 * @param subscribe channels that a connection becomes a member of: at its beginning, or as soon as
 *     what is missing appears in its context
 * @param onOpen where the opening of a connection is told
 * @param onMessage where messages are told
 * @param onClose where the end of a connection is told
 * @param onPing where text pings are told, besides being answered
 * @param full what happens when a topic is
 * @param topicSize messages that may wait in a topic
 * @param topicsMax topics that the clients of this listener can bring into being
 * @param textPing whether a message {@code ping} is answered with {@code pong}, and none
 * @param verbs what clients may do by themselves
 * @param gate what later messages of a client have to wait for
 */
public record ClientRules(
    Auth auth,
    Map<String, Template> context,
    List<Template> subscribe,
    List<Route> onOpen,
    List<Route> onMessage,
    List<Route> onClose,
    List<Route> onPing,
    WhenFull full,
    int topicSize,
    int topicsMax,
    boolean textPing,
    Verbs verbs,
    Optional<Gate> gate) {

  /** What applies unless configured otherwise: everybody, messages to {@code default}. */
  public static final ClientRules DEFAULTS =
      new ClientRules(
          new Auth.None(),
          Map.of(),
          List.of(),
          List.of(),
          List.of(Route.to(Template.parse("default"))),
          List.of(),
          List.of(),
          WhenFull.ERROR,
          2000,
          100,
          true,
          Verbs.NONE,
          Optional.empty());

  /** Checks the bounds. */
  public ClientRules {
    context = Map.copyOf(context);
    subscribe = List.copyOf(subscribe);
    onOpen = List.copyOf(onOpen);
    onMessage = List.copyOf(onMessage);
    onClose = List.copyOf(onClose);
    onPing = List.copyOf(onPing);
    if (topicSize < 1 || topicsMax < 1) {
      throw new IllegalArgumentException("bounds must be positive");
    }
  }

  /** What happens to a message for a topic that is full. */
  public enum WhenFull {
    /** It is dropped, and counted. */
    ERROR,
    /** The same, and its client is closed. */
    CLOSE,
    /** Its client waits. */
    BLOCK,
    /** The oldest that nobody has is dropped, and counted. */
    DROP_OLDEST
  }

  /** Who is let in. */
  public sealed interface Auth {

    /** Everybody; where the broker requires tokens, who has one. */
    record None() implements Auth {}

    /**
     * Whom an HTTP server lets in, which is asked by POST.
     *
     * @param callsMax that are under way at once; a client that comes then is refused
     */
    record Http(URI url, long timeoutMillis, int callsMax) implements Auth {}

    /**
     * Who has a token that holds.
     *
     * @param query the parameter that may have it, if the header {@code Authorization} does not
     * @param cookie the cookie that may
     * @param claims that go into the context; empty: all
     */
    record Jwt(String query, String cookie, List<String> claims) implements Auth {}

    /**
     * Who knows a user's password. The name goes into the context as {@code username}.
     *
     * @param users passwords by names
     */
    record Basic(Map<String, String> users) implements Auth {
      @Override
      public String toString() {
        return "Basic" + users.keySet();
      }
    }

    /** Everybody, until a backend has to have set a key of the context. */
    record Queue(String key, long timeoutMillis) implements Auth {}
  }

  /** Which messages are meant. */
  public enum MessageType {
    ANY,
    TEXT,
    BINARY
  }

  /**
   * Which messages are meant: of a type, and whose JSON has values at places.
   *
   * @param equal values as texts, by JSON pointers
   */
  public record Filter(MessageType type, Map<String, String> equal) {
    /** All. */
    public static final Filter ALL = new Filter(MessageType.ANY, Map.of());

    public Filter {
      equal = Map.copyOf(equal);
    }
  }

  /** What of a message is told. */
  public enum Payload {
    /** The frame, as the reference does. */
    FRAME,
    /** The event's name, the context and the headers as well. */
    FULL
  }

  /** When headers are told. */
  public enum Headers {
    NEVER,
    /** With the first message of a connection that is told in full. */
    FIRST,
    ALWAYS
  }

  /**
   * Where something is told.
   *
   * @param topic empty: nowhere, and routes behind this one are not looked at either
   * @param contextKeys what of the context is told, when it is; empty: all
   */
  public record Route(
      Optional<Template> topic,
      Filter when,
      Payload payload,
      Headers headers,
      Optional<List<String>> contextKeys) {

    /** To a topic, as the reference does. */
    public static Route to(Template topic) {
      return new Route(
          Optional.of(topic), Filter.ALL, Payload.FRAME, Headers.NEVER, Optional.empty());
    }
  }

  /** What a client does by itself. */
  public enum Action {
    SUBSCRIBE,
    UNSUBSCRIBE,
    PUBLISH,
    PING
  }

  /**
   * Something that clients may do by themselves.
   *
   * @param channel the channel that is meant; a place alone may be a list of names
   * @param data what is published
   * @param allow patterns of channels, one of which must match
   * @param requireContext a key of the context that must be set
   */
  public record Verb(
      Action action,
      Template channel,
      Template data,
      List<Template> allow,
      Optional<String> requireContext) {
    public Verb {
      allow = List.copyOf(allow);
    }
  }

  /**
   * All of them.
   *
   * @param pointer where in a message, which is JSON, the verb is
   * @param byName what it may be
   */
  public record Verbs(String pointer, Map<String, Verb> byName) {
    /** None. */
    public static final Verbs NONE = new Verbs("/op", Map.of());

    public Verbs {
      byName = Map.copyOf(byName);
    }
  }

  /**
   * Holds a client's messages after one that is meant by the filter, until a key of its context is
   * set. A client whose key is not set in time is closed.
   */
  public record Gate(Filter when, String key, long timeoutMillis) {}
}
