// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core.internal;

import static io.dragoman.core.internal.Fixture.message;
import static io.dragoman.core.internal.Fixture.now;
import static io.dragoman.core.internal.Fixture.text;

import io.dragoman.core.ChannelFilter;
import io.dragoman.core.HistoryStart;
import io.dragoman.core.LogFollow;
import io.dragoman.core.LogFollowing;
import java.util.List;

/** A broker whose logs are followed by one reader, or several, on one lane. */
abstract class LogFollowFixture {
  static final HistoryStart ALL = new HistoryStart.AtTime(0);

  final ManualLane lane = new ManualLane();
  final LogReader reader = new LogReader();
  Fixture fixture = new Fixture();

  static LogFollow request(String filter, HistoryStart start, int limit) {
    return new LogFollow(ChannelFilter.slashed(filter), start, limit);
  }

  LogFollowing follow(String filter, HistoryStart start, int limit) {
    return now(fixture.broker.logs().follow(request(filter, start, limit), lane, reader)).orThrow();
  }

  LogFollowing resumed(String filter) {
    return resumed(filter, reader);
  }

  LogFollowing resumed(String filter, LogReader by) {
    LogFollowing following =
        now(fixture.broker.logs().follow(request(filter, null, 0), lane, by)).orThrow();
    following.subscription().resume();
    lane.run();
    return following;
  }

  void append(String log, String... bodies) {
    for (String body : bodies) {
      fixture.engine.logs.append(message(log, body));
    }
  }

  List<String> bodies() {
    return bodies(reader);
  }

  static List<String> bodies(LogReader of) {
    return of.batches.stream().flatMap(List::stream).map(each -> text(each.message())).toList();
  }
}
