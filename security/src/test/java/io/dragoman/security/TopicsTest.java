// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TopicsTest {
  private static final List<String> LEVELS = List.of("", "a", "b");

  /** Names come from strangers, and before anybody has looked at their length. */
  @Test
  void shouldMakeNothingOfLongNames() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    String filter = "+/".repeat(1 << 20);
    String name = "a/".repeat(1 << 20) + "a";
    TopicRules rules = TopicRules.of(List.of("a/+", "a/#/b", "b/#"));
    long before = threads.getCurrentThreadAllocatedBytes();

    assertThat(Topics.isFilter(filter)).isTrue();
    assertThat(Topics.isTopic(name)).isTrue();
    assertThat(rules.allows(name)).isFalse();

    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1 << 20);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "a/b", "a//b", "A-b_c/9", "orders.created", "a:b"})
  void shouldTakeTopics(String topic) {
    assertThat(Topics.isTopic(topic)).isTrue();
    assertThat(Topics.isFilter(topic)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "/a", "a/", "a b", "ä", "$a", "a\u0000"})
  void shouldRefuseWhatIsNeitherTopicNorFilter(String text) {
    assertThat(Topics.isTopic(text)).isFalse();
    assertThat(Topics.isFilter(text)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"#", "+", "+/+", "+/#", "v1/+/#", "a/+/", "+/", "a//+"})
  void shouldTakeFilters(String filter) {
    assertThat(Topics.isFilter(filter)).isTrue();
    assertThat(Topics.isTopic(filter)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a#", "a+", "a/#/b", "/#", "#/", "+a/b", "a b/+", "##"})
  void shouldRefuseFiltersWithHalfWildcards(String text) {
    assertThat(Topics.isFilter(text)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "a, a, true",
    "a, A, false",
    "o/#, o, true",
    "o/#, o/a/b, true",
    "o/#, oa, false",
    "o/+/c, o//c, true",
    "o/+/c, o/a/b/c, false",
    "+, a, true",
    "+, a/b, false",
    "#, a/b, true",
    "+/#, a, true",
    "a/+, a, false"
  })
  void shouldMatchLevelByLevel(String filter, String topic, boolean expected) {
    assertThat(Topics.matches(filter, topic)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "one/+, one/#, false",
    "one/+, one/+, true",
    "one/+, one/a, true",
    "one/+, one/a/b, false",
    "r/#, r, true",
    "r/#, r/a, true",
    "r/#, r/+/x, true",
    "r/#, r/#, true",
    "r/#, #, false",
    "r/#, +/a, false",
    "+/a, +/a, true",
    "+/a, #, false",
    "+/a, b/a, true",
    "+/#, #, true",
    "a/+/#, a/#, false",
    "a/+/#, a/b/#, true",
    "a, +, false",
    "#, +/+/#, true"
  })
  void shouldCoverOnlyWhatItMatchesItself(String filter, String asked, boolean expected) {
    assertThat(Topics.covers(filter, asked)).isEqualTo(expected);
  }

  /** Nothing that is not covered is let through, and nothing that is covered is refused. */
  @Property(tries = 20_000)
  void shouldCoverExactlyTheFiltersWhoseTopicsItMatches(
      @ForAll("filters") String filter, @ForAll("filters") String asked) {
    boolean subset =
        topics().stream().allMatch(t -> !Topics.matches(asked, t) || Topics.matches(filter, t));
    assertThat(Topics.covers(filter, asked)).as("%s covers %s", filter, asked).isEqualTo(subset);
  }

  /** All topics of up to five levels: one more than the filters have. */
  private static List<String> topics() {
    List<String> topics = new ArrayList<>();
    List<String> longest = List.of("a", "b", "c");
    for (int depth = 1; depth <= 5; depth++) {
      topics.addAll(longest);
      List<String> longer = new ArrayList<>();
      for (String each : longest) {
        LEVELS.forEach(level -> longer.add(each + "/" + level));
      }
      longest = longer;
    }
    return topics;
  }

  @Provide
  Arbitrary<String> filters() {
    Arbitrary<List<String>> levels =
        Arbitraries.of("a", "b", "", "+", "+").list().ofMinSize(0).ofMaxSize(3);
    return levels
        .flatMap(
            list ->
                Arbitraries.of("a", "b", "+", "#")
                    .map(last -> String.join("/", append(list, last))))
        .filter(text -> Topics.isTopic(text) || Topics.isFilter(text));
  }

  private static List<String> append(List<String> list, String last) {
    List<String> all = new ArrayList<>(list);
    all.add(last);
    return all;
  }

  @Test
  void shouldLeaveOutEntriesThatAreNoFilters() {
    TopicRules rules = TopicRules.of(List.of("a#", "/x", "ok/+", ""));

    assertThat(rules.entries()).containsExactly("ok/+");
    assertThat(rules.allows("ok/1")).isTrue();
    assertThat(rules.allows("x")).isFalse();
  }

  @Test
  void shouldTakeWildcardsInNamesForLetters() {
    TopicRules rules = TopicRules.of(List.of("keys/+"));

    assertThat(rules.allows("keys/#")).isTrue();
    assertThat(rules.allowsFilter("keys/#")).isFalse();
  }

  @Test
  void shouldKnowRulesThatForbidNothing() {
    assertThat(TopicRules.of(List.of("a", "#")).isAll()).isTrue();
    assertThat(TopicRules.of(List.of("a/#")).isAll()).isFalse();
    assertThat(TopicRules.ALL.allows("any thing")).isTrue();
    assertThat(TopicRules.NONE.allows("a")).isFalse();
  }
}
