// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection, as the gateway that holds its socket sees it. It has an id, a context of
 * named values, and is a member of channels. All of it is this connection's life long, and nothing
 * is kept. Safe from any thread.
 */
public interface Connection extends AutoCloseable {

  /** Unique among all nodes, and for all times; positive. */
  long id();

  /** The context now: texts of JSON by their names; unmodifiable. */
  Map<String, String> context();

  /** One value of the context, as the text of JSON; null when it is not set. */
  @Nullable String contextValue(String key);

  /**
   * Sets values of the context, leaving the others. The listener hears of it.
   *
   * @param values texts of JSON by their names
   */
  Result<Boolean> setContext(Map<String, String> values);

  /**
   * Makes it a member of channels, of all or of none. Those it is a member of already stay so. A
   * name with a blank is refused.
   */
  Result<Boolean> subscribe(Collection<String> channels);

  /** Ends memberships. What was published before may still arrive. */
  void unsubscribe(Collection<String> channels);

  /** The channels it is a member of now; a copy. */
  Set<String> channels();

  /** The socket is gone: ends all memberships. Closing twice is harmless. */
  @Override
  void close();
}
