// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of a script's directory is read, and when it is read again. */
class ScriptSnapshotTest {
  @TempDir Path directory;
  private Path entry;

  @BeforeEach
  void writeEntry() throws IOException {
    entry = Files.writeString(directory.resolve("entry.lua"), "");
  }

  @Test
  void shouldSeeAModuleInADirectoryThatHadNone() throws IOException {
    Path lib = Files.createDirectory(directory.resolve("lib"));
    for (Path each : new Path[] {entry, lib, directory}) {
      Files.setLastModifiedTime(each, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
    }
    ScriptSnapshot read = ScriptSnapshot.read(entry);
    assertThat(read.isOutdated()).isFalse();

    Files.writeString(lib.resolve("part.lua"), "return 1");

    assertThat(read.isOutdated()).isTrue();
    assertThat(ScriptSnapshot.read(entry).module("lib.part")).isPresent();
  }

  @Test
  void shouldRefuseADirectoryThatIsNotTheScriptsOwn() throws IOException {
    for (int i = 0; i < 10_001; i++) {
      Files.createFile(directory.resolve("file-" + i));
    }

    assertThatThrownBy(() -> ScriptSnapshot.read(entry))
        .isInstanceOf(ScriptException.class)
        .hasMessageEndingWith(
            "too much is in its directory and below: it should have one of its own");
  }
}
