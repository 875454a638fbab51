// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** What one state of a script has of its files. For one lane. */
final class ScriptFiles {
  private final Set<String> asked = new HashSet<>();
  private ScriptSnapshot snapshot;

  ScriptFiles(ScriptSnapshot snapshot) {
    this.snapshot = snapshot;
  }

  ScriptSnapshot snapshot() {
    return snapshot;
  }

  byte[] entry() {
    return snapshot.entry();
  }

  /** A module by its name, with dots between directories; none when there is no such file. */
  Optional<byte[]> module(String name) {
    asked.add(name);
    return snapshot.module(name);
  }

  /** Takes later files, unless something that the state has got is another in them. */
  boolean take(ScriptSnapshot later) {
    boolean same =
        snapshot == later
            || Arrays.equals(snapshot.entry(), later.entry())
                && asked.stream().allMatch(name -> snapshot.sameModule(later, name));
    if (same) {
      snapshot = later;
    }
    return same;
  }
}
