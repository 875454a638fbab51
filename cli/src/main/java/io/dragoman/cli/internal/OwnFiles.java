// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** Files that only the user can read. */
final class OwnFiles {
  private OwnFiles() {}

  /**
   * Writes a file as a whole: a new one, then renamed over the old one. Directories that are
   * missing are made.
   *
   * @throws CliException when it cannot be written; the old one is then as it was
   */
  static void write(Path file, String text) {
    try {
      Path directory = file.toAbsolutePath().getParent();
      Files.createDirectories(directory, ownerOnly(file, "rwx------"));
      String name = file.getFileName().toString().replace(".json", "");
      Path fresh = Files.createTempFile(directory, name, ".new", ownerOnly(file, "rw-------"));
      try {
        Files.write(fresh, text.getBytes(StandardCharsets.UTF_8));
        Files.move(
            fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        // There is none any more when all went well; otherwise it must not keep a token.
        Files.deleteIfExists(fresh);
      }
    } catch (IOException e) {
      throw CliException.failed(file + ": cannot be written: " + reason(e));
    }
  }

  private static String reason(IOException e) {
    return e instanceof java.nio.file.AccessDeniedException
        ? "permission denied"
        : String.valueOf(e.getMessage());
  }

  private static FileAttribute<?>[] ownerOnly(Path path, String permissions) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }
}
