// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the records handed out last on a lane look like encoded. Subscribers at the end of a log are
 * handed the same list one after the other, so it need be encoded only once. Kept until the end of
 * the lane's turn.
 *
 * @param <T> the encoded form
 */
public final class SharedRecords<T> {
  private final ThreadLocal<Kept> lanes = ThreadLocal.withInitial(Kept::new);
  private final Consumer<T> release;

  /**
   * @param release called once for each encoded form, when no subscriber is going to ask for it
   */
  public SharedRecords(Consumer<T> release) {
    this.release = release;
  }

  /** These records, encoded; valid during this call from the core. On the lane only. */
  public T of(List<LogRecord> records, Lane lane, Function<List<LogRecord>, T> encode) {
    return lanes.get().of(records, lane, encode);
  }

  private final class Kept {
    private @Nullable List<LogRecord> records;
    private @Nullable T encoded;

    T of(List<LogRecord> wanted, Lane lane, Function<List<LogRecord>, T> encode) {
      if (encoded != null && records == wanted) {
        return encoded;
      }
      clear();
      T made = encode.apply(wanted);
      encoded = made;
      records = wanted;
      lane.execute(this::clear);
      return made;
    }

    private void clear() {
      records = null;
      if (encoded != null) {
        release.accept(encoded);
        encoded = null;
      }
    }
  }
}
