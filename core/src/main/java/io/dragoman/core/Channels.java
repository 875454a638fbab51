// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** Channels of every kind. All methods from any thread. */
public interface Channels {

  /**
   * Makes a channel; true when it was not there before. Stored, also for kinds that keep nothing.
   */
  CompletionStage<Result<Boolean>> create(Kind kind, String name);

  /**
   * Deletes a channel with all its messages, positions, cached answers and statistics; true when it
   * was there. Waiting receives and log subscriptions of it end with {@code CHANNEL_DELETED}. Who
   * receives events, commands or queries stays: these wait for a name, and not for a channel.
   */
  CompletionStage<Result<Boolean>> delete(Kind kind, String name);

  /** Channels of a kind whose names contain the text, by name. */
  CompletionStage<Result<List<ChannelInfo>>> list(Kind kind, String containing);

  /**
   * The same with what is known of their traffic. Of the kinds that keep nothing, also channels
   * that were never made and have receivers or were sent to.
   */
  CompletionStage<Result<List<ChannelOverview>>> overview(Kind kind, String containing);
}
