// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files with what only their user may read. */
final class OwnFilesTest {

  @TempDir private Path directory;

  @Test
  void shouldLeaveNothingBehindWhenAFileCannotBeReplaced() throws IOException {
    // given: a directory with something in it is in the way
    Path file = directory.resolve("contexts.json");
    Files.createDirectories(file.resolve("in the way"));

    // when
    assertThatThrownBy(() -> OwnFiles.write(file, "token"))
        .isInstanceOf(CliException.class)
        .hasMessageContaining(file.toString());

    // then
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).containsExactly(file);
    }
  }

  @Test
  void shouldMakeDirectoriesThatOnlyTheUserCanEnter() throws IOException {
    Path file = directory.resolve("dragoman/contexts.json");
    OwnFiles.write(file, "token");
    assertThat(file).hasContent("token");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
        .isEqualTo("rwx------");
  }
}
