// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads a script and what it requires, and remembers how the files were. */
final class ScriptFiles {
  private static final int FILE_BYTES_MAX = 4 << 20;
  private static final Pattern MODULE = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");

  private record Stamp(FileTime changed, long size) {}

  private final Path entry;
  private final Path directory;
  private final Map<Path, Stamp> read = new HashMap<>();

  ScriptFiles(Path entry) {
    this.entry = entry;
    this.directory = entry.resolveSibling("").toAbsolutePath().normalize();
  }

  byte[] entry() {
    try {
      return read(entry);
    } catch (IOException e) {
      throw new ScriptException("The script " + entry + " cannot be read: " + e, e);
    }
  }

  /**
   * A module by its name, with dots between directories; none when there is no such file.
   *
   * @throws IllegalArgumentException if the name is none, or leads out of the directory
   */
  Optional<byte[]> module(String name) {
    if (!MODULE.matcher(name).matches()) {
      throw new IllegalArgumentException("not the name of a module: " + name);
    }
    Path file = directory.resolve(name.replace('.', '/') + ".lua");
    try {
      if (!file.toRealPath().startsWith(directory.toRealPath())) {
        throw new IllegalArgumentException("the module is not in the script's directory: " + name);
      }
      return Optional.of(read(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new IllegalArgumentException("the module " + name + " cannot be read", e);
    }
  }

  /** Whether a file that was read is another now. One that is gone, or is being written, is not. */
  boolean changed() {
    return read.entrySet().stream()
        .anyMatch(
            each -> {
              try {
                return !stamp(each.getKey()).equals(each.getValue());
              } catch (IOException e) {
                return false;
              }
            });
  }

  private byte[] read(Path file) throws IOException {
    read.put(file, stamp(file));
    if (Files.size(file) > FILE_BYTES_MAX) {
      throw new IOException("it is too large");
    }
    return Files.readAllBytes(file);
  }

  private static Stamp stamp(Path file) throws IOException {
    return new Stamp(Files.getLastModifiedTime(file), Files.size(file));
  }
}
