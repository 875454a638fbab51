// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.gateway.connmix.client.Client;
import io.dragoman.gateway.connmix.client.Template;
import io.dragoman.gateway.connmix.client.Template.Place;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What templates are filled in with for one client and one message.
 *
 * @param claims texts of JSON by the names of claims
 */
record Scope(Client client, Map<String, String> claims, JsonTree message) {
  /** Values that a backend sets to say no. */
  private static final Set<String> NOTHING = Set.of("null", "false", "0", "\"\"");

  /** Whether a value of a context is there, and says more than no. */
  static boolean isSomething(@Nullable String json) {
    return json != null && !NOTHING.contains(json);
  }

  /** The template's text; null when something is missing. */
  @Nullable String fill(Template template) {
    return template.fill(this::text);
  }

  /** The same, but null as well when a value of the context is there only to say no. */
  @Nullable String fillWithSomething(Template template) {
    return template.fill(
        place ->
            place.source() == Template.Source.CTX
                    && !isSomething(client.connection().contextValue(place.name()))
                ? null
                : text(place));
  }

  /** As JSON: a place alone keeps its type. Null when something is missing. */
  @Nullable String json(Template template) {
    Place only = template.onlyPlace();
    if (only != null) {
      String json =
          switch (only.source()) {
            case CLAIM -> claims.get(only.name());
            case CTX -> client.connection().contextValue(only.name());
            case MESSAGE -> {
              JsonTree found = message.at(only.name());
              yield found == null ? null : found.json();
            }
            default -> null;
          };
      if (json != null) {
        return json;
      }
    }
    String text = fill(template);
    return text == null ? null : JsonTree.quoted(text);
  }

  /** The texts of a place that is a list of them, or the one of any other template. */
  List<String> all(Template template) {
    Place only = template.onlyPlace();
    if (only != null && only.source() == Template.Source.MESSAGE) {
      JsonTree found = message.at(only.name());
      if (found != null && found.isList()) {
        // One that is no text makes all of it meaningless.
        List<String> texts =
            found.members().values().stream()
                .map(each -> each.text() == null ? "" : each.text())
                .toList();
        return texts.contains("") ? List.of() : texts;
      }
    }
    String text = fill(template);
    return text == null || text.isEmpty() ? List.of() : List.of(text);
  }

  /** What stands at a place; null when it is missing. */
  @Nullable String text(Place place) {
    String name = place.name();
    return switch (place.source()) {
      case QUERY -> client.introduction().query().get(name);
      case HEADER -> client.introduction().header(name);
      case CLAIM -> plain(claims.get(name));
      case CTX -> plain(client.connection().contextValue(name));
      case MESSAGE -> {
        JsonTree found = message.at(name);
        if (found == null) {
          yield null;
        }
        yield found.isObject() || found.isList() ? found.json() : found.text();
      }
      case REMOTE_ADDR -> client.introduction().remoteAddress();
      case CLIENT_ID -> Long.toString(client.connection().id());
    };
  }

  private static @Nullable String plain(@Nullable String json) {
    return json == null || json.equals("null") ? null : JsonTree.plain(json);
  }
}
