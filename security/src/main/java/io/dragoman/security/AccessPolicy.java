// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.dragoman.core.ChannelFilter;
import io.dragoman.core.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Which client may do what with which channels (spec: kubemq §5.4): a list of rules, one of which
 * must allow all of it. Immutable, safe from any thread.
 */
public final class AccessPolicy {
  /** Allows everything: there is no policy. */
  public static final AccessPolicy OPEN = new AccessPolicy(List.of(), true);

  private static final JsonFactory JSON = new JsonFactory();

  /** What can be done with a channel. */
  public enum Action {
    /** Subscribe, receive, look at, acknowledge. */
    READ,
    /** Send. */
    WRITE
  }

  /** What a policy says. */
  public enum Verdict {
    ALLOWED,
    DENIED,
    /** The policy has no rules. */
    NO_RULES,
    /** Who asks, or about what, was not said. */
    INCOMPLETE
  }

  private record Rule(
      NamePattern client, NamePattern channel, Set<Kind> kinds, Set<Action> actions) {}

  private final List<Rule> rules;
  private final boolean open;

  private AccessPolicy(List<Rule> rules, boolean open) {
    this.rules = rules;
    this.open = open;
  }

  /** How many rules there are. */
  public int size() {
    return rules.size();
  }

  /** What is said of one client, one kind and one channel or filter of channels. */
  public Verdict check(String clientId, Kind kind, ChannelFilter channel, Action action) {
    if (open) {
      return Verdict.ALLOWED;
    }
    if (rules.isEmpty()) {
      return Verdict.NO_RULES;
    }
    if (clientId.isEmpty() || channel.text().isEmpty()) {
      return Verdict.INCOMPLETE;
    }
    for (Rule each : rules) {
      if (each.kinds.contains(kind)
          && each.actions.contains(action)
          && each.client.matches(clientId)
          && each.channel.covers(channel)) {
        return Verdict.ALLOWED;
      }
    }
    return Verdict.DENIED;
  }

  /**
   * Reads a JSON array of rules. Names of members ignore case; those that are not known are
   * ignored, as a rule allows nothing that it does not name.
   *
   * @throws IllegalArgumentException if it is none; the message says why and where
   */
  public static AccessPolicy parse(String json) {
    try (JsonParser parser = JSON.createParser(json)) {
      expect(parser.nextToken() == JsonToken.START_ARRAY, "an access policy is a JSON array");
      List<Rule> rules = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        expect(
            parser.currentToken() == JsonToken.START_OBJECT,
            "a rule of an access policy is a JSON object");
        rules.add(new RuleReader(rules.size() + 1).read(parser));
      }
      expect(parser.nextToken() == null, "something follows the access policy");
      return new AccessPolicy(List.copyOf(rules), false);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "it is not JSON, in line " + e.getLocation().getLineNr(), e);
    } catch (IOException e) {
      throw new IllegalArgumentException("it cannot be read", e);
    }
  }

  private static void expect(boolean right, String otherwise) {
    if (!right) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  /** Reads one rule. */
  private static final class RuleReader {
    private final int number;
    private final Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    private final Set<Action> actions = EnumSet.noneOf(Action.class);
    private String client = "";
    private String channel = "";

    RuleReader(int number) {
      this.number = number;
    }

    Rule read(JsonParser parser) throws IOException {
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        member(name, parser);
      }
      return new Rule(
          pattern("ClientID", client),
          pattern("Channel", channel),
          Set.copyOf(kinds),
          Set.copyOf(actions));
    }

    private void member(String name, JsonParser parser) throws IOException {
      switch (name.toLowerCase(Locale.ROOT)) {
        case "clientid" -> client = text(name, parser);
        case "channel" -> channel = text(name, parser);
        case "events" -> set(kinds, Kind.EVENTS, flag(name, parser));
        case "eventsstore" -> set(kinds, Kind.LOG, flag(name, parser));
        case "queues" -> set(kinds, Kind.QUEUE, flag(name, parser));
        case "commands" -> set(kinds, Kind.COMMAND, flag(name, parser));
        case "queries" -> set(kinds, Kind.QUERY, flag(name, parser));
        case "read" -> set(actions, Action.READ, flag(name, parser));
        case "write" -> set(actions, Action.WRITE, flag(name, parser));
        default -> parser.skipChildren();
      }
    }

    private static <T> void set(Set<T> all, T one, boolean there) {
      if (there) {
        all.add(one);
      } else {
        all.remove(one);
      }
    }

    private String text(String name, JsonParser parser) throws IOException {
      expect(
          parser.currentToken() == JsonToken.VALUE_STRING,
          name + " of rule " + number + " is not a text");
      return parser.getText();
    }

    private boolean flag(String name, JsonParser parser) {
      boolean right = parser.currentToken() != null && parser.currentToken().isBoolean();
      expect(right, name + " of rule " + number + " is neither true nor false");
      return parser.currentToken() == JsonToken.VALUE_TRUE;
    }

    private NamePattern pattern(String name, String text) {
      expect(!text.isEmpty(), "rule " + number + " has no " + name);
      try {
        return NamePattern.parse(text);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(name + " of rule " + number + ": " + e.getMessage(), e);
      }
    }
  }
}
