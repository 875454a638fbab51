// SPDX-License-Identifier: Apache-2.0
package io.dragoman.engine.embedded;

import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;

/**
 * A column family of the store.
 *
 * @param handle null for one that an older store, opened for reading only, does not have
 */
record Family(String name, int id, @Nullable ColumnFamilyHandle handle) {
  private static final int ABSENT = -1;

  static Family absent(String name) {
    return new Family(name, ABSENT, null);
  }

  /** The handle of one that is there. */
  ColumnFamilyHandle open() {
    return java.util.Objects.requireNonNull(handle, name);
  }
}
