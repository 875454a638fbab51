// SPDX-License-Identifier: Apache-2.0
package io.dragoman.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;

/**
 * A page of a list that is ordered by a text.
 *
 * @param next the text of the last item; empty on the last page
 */
record Page<T>(List<T> items, String next) {

  /** What follows behind a text, at most so many; the list is sorted by these texts. */
  static <T> Page<T> of(List<T> sorted, Function<T, String> place, String after, int max) {
    List<T> rest =
        sorted.stream()
            .filter(item -> place.apply(item).compareTo(after) > 0)
            .limit(max + 1L)
            .toList();
    boolean more = rest.size() > max;
    List<T> items = more ? rest.subList(0, max) : rest;
    return new Page<>(items, more ? place.apply(items.get(max - 1)) : "");
  }

  void writeNext(JsonGenerator json) throws IOException {
    if (!next.isEmpty()) {
      json.writeStringField("next", next);
    }
  }
}
