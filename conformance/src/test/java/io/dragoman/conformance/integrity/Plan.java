// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.integrity;

import io.dragoman.conformance.Names;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Which event goes where, so that everybody knows without being told: an event is named by its
 * publisher and its number there, and both together choose the topic.
 */
final class Plan {

  static final int PUBLISHERS = 4;
  private static final int GROUPS = 2;
  private static final int PER_GROUP = 6;
  static final int TOPICS = GROUPS * PER_GROUP;

  private static final String FILLER = "x".repeat(64);

  private final String root = Names.unique("integrity");
  private final int perPublisher;

  Plan(int events) {
    this.perPublisher = events / PUBLISHERS;
  }

  /** Which events a subscription gets. */
  record Filter(String text, BitSet topics) {

    boolean isFor(int topic) {
      return topics.get(topic);
    }
  }

  int perPublisher() {
    return perPublisher;
  }

  /** The index of an event's topic. The last events of each publisher are one of every topic. */
  int topicOf(int publisher, int number) {
    if (number >= perPublisher - TOPICS) {
      return perPublisher - 1 - number;
    }
    long mixed = (number * 0x9E3779B97F4A7C15L + publisher * 0xC2B2AE3D27D4EB4FL) >>> 33;
    return (int) (mixed % TOPICS);
  }

  String topic(int index) {
    return root + "/" + group(index) + "/" + index % PER_GROUP;
  }

  private static char group(int index) {
    return (char) ('a' + index / PER_GROUP);
  }

  static String text(int publisher, int number) {
    return publisher + "-" + number + "-" + FILLER;
  }

  /** One topic. */
  Filter exact(int index) {
    BitSet topics = new BitSet();
    topics.set(index);
    return new Filter(topic(index), topics);
  }

  /** The topics with a number, of all groups. */
  Filter numbered(int number) {
    BitSet topics = new BitSet();
    for (int i = number; i < TOPICS; i += PER_GROUP) {
      topics.set(i);
    }
    return new Filter(root + "/+/" + number, topics);
  }

  /** A group. */
  Filter group(int group, boolean rest) {
    BitSet topics = new BitSet();
    for (int i = 0; i < PER_GROUP; i++) {
      topics.set(group * PER_GROUP + i);
    }
    return new Filter(root + "/" + (char) ('a' + group) + (rest ? "/#" : "/+"), topics);
  }

  Filter all() {
    BitSet topics = new BitSet();
    topics.set(0, TOPICS);
    return new Filter(root + "/#", topics);
  }

  /** What one subscriber among fifty subscribes to; with some, two filters that overlap. */
  List<Filter> filters(int subscriber) {
    List<Filter> filters = new ArrayList<>();
    int kind = subscriber % 10;
    if (kind < 6) {
      filters.add(exact(subscriber % TOPICS));
    } else if (kind < 8) {
      filters.add(numbered(subscriber / 10));
    } else {
      filters.add(subscriber < 20 ? all() : group(subscriber % GROUPS, subscriber % 4 < 2));
    }
    if (kind == 5) {
      filters.add(exact((subscriber + 1) % TOPICS));
    } else if (kind == 7) {
      filters.add(exact(subscriber / 10));
    }
    return filters;
  }

  /** The number of a publisher's last event that a filter is for. */
  int last(Filter filter, int publisher) {
    int number = perPublisher - 1;
    while (!filter.isFor(topicOf(publisher, number))) {
      number--;
    }
    return number;
  }
}
