// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dragoman.gateway.connmix.client.Template.Place;
import io.dragoman.gateway.connmix.client.Template.Source;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TemplateTest {
  private static @Nullable String value(Place place) {
    return Map.of(
            new Place(Source.QUERY, "room"), "a.b",
            new Place(Source.MESSAGE, "/a/0"), "first",
            new Place(Source.CTX, "star"), "x*",
            new Place(Source.CLIENT_ID, ""), "77")
        .get(place);
  }

  @ParameterizedTest
  @CsvSource({
    "plain, plain",
    "{query.room}, a.b",
    "room:{query.room}:{client_id}, room:a.b:77",
    "{message./a/0}-, first-",
    "{query.missing}-x,",
    "a}b, a}b"
  })
  void shouldFillIn(String template, @Nullable String filled) {
    assertThat(Template.parse(template).fill(TemplateTest::value)).isEqualTo(filled);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{", "a{query.x", "{}", "{query}", "{query.}", "{other.x}", "{remote_addr.x}"})
  void shouldRefuseWhatCannotBeFilledIn(String template) {
    assertThatThrownBy(() -> Template.parse(template)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "a*, a, true",
    "a*, abc, true",
    "a*, ba, false",
    "*a, a, true",
    "*a, ba, true",
    "a*a, a, false",
    "a*a, aa, true",
    "a*b*c, a-b-c, true",
    "a*b*c, a-c, false",
    "a*b*c, abc, true",
    "*, anything, true",
    "a, a, true",
    "a, ab, false",
    "user:{query.room}, user:a.b, true",
    "{ctx.star}, x*, true",
    "{ctx.star}, xy, false",
    "{ctx.star}*, x*y, true"
  })
  void shouldMatchNames(String pattern, String name, boolean matches) {
    Predicate<String> filled = Template.parse(pattern).pattern(TemplateTest::value);
    assertThat(filled).isNotNull();
    assertThat(filled.test(name)).isEqualTo(matches);
  }

  @Test
  void shouldMatchNothingWhileSomethingIsMissing() {
    assertThat(Template.parse("user:{ctx.uid}").pattern(TemplateTest::value)).isNull();
  }
}
