// SPDX-License-Identifier: Apache-2.0
package io.dragoman.security;

import java.util.List;

/** The topics that somebody may read, or may write. Immutable. */
public final class TopicRules {
  /** For those whom nothing is forbidden. */
  public static final TopicRules ALL = new TopicRules(List.of("#"), true);

  /** Opens nothing. */
  public static final TopicRules NONE = new TopicRules(List.of(), false);

  private final List<String> entries;
  private final List<List<String>> levels;
  private final boolean all;

  private TopicRules(List<String> entries, boolean all) {
    this.entries = List.copyOf(entries);
    this.levels = entries.stream().map(Topics::levels).toList();
    this.all = all;
  }

  /**
   * Rules of these topics and filters; entries that are neither are left out (spec: eventhub §5).
   */
  public static TopicRules of(List<String> entries) {
    List<String> valid =
        entries.stream().filter(each -> Topics.isTopic(each) || Topics.isFilter(each)).toList();
    return new TopicRules(valid, valid.contains("#") || valid.contains("+/#"));
  }

  /** The entries that count. */
  public List<String> entries() {
    return entries;
  }

  public boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Whether every name is allowed. */
  public boolean isAll() {
    return all;
  }

  /** Whether a name is allowed. Any text can be a name, wildcards in it are letters. */
  public boolean allows(String name) {
    if (all) {
      return true;
    }
    return levels.stream().anyMatch(each -> Topics.matches(each, name));
  }

  /** Whether one entry covers all that a filter, or a topic, can match. */
  public boolean allowsFilter(String filter) {
    if (all) {
      return true;
    }
    List<String> asked = Topics.levels(filter);
    return levels.stream().anyMatch(each -> Topics.covers(each, asked));
  }

  @Override
  public String toString() {
    return entries.toString();
  }
}
