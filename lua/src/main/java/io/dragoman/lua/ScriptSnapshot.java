// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A script and the modules in its directory and below, as they were when they were read together.
 * Modules are read before anybody requires them, so that requiring one never waits for a disk.
 * Immutable; safe from any thread.
 */
public final class ScriptSnapshot {
  private static final int FILE_BYTES_MAX = 4 << 20;
  private static final int MODULES_MAX = 1_000;
  private static final long BYTES_MAX = 32 << 20;
  private static final int DEPTH_MAX = 16;

  /** Files and directories that are looked at, whatever they are. */
  private static final int VISITS_MAX = 10_000;

  /** How coarse the times of files may be. */
  private static final long TICK_MILLIS = 2_000;

  private static final String SUFFIX = ".lua";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+");

  private record Stamp(FileTime changed, long size) {
    static Stamp of(Path file) throws IOException {
      return new Stamp(Files.getLastModifiedTime(file), Files.size(file));
    }
  }

  private final byte[] source;
  private final Map<String, byte[]> modules = new HashMap<>();

  /** Of files, and of directories: there a new one may appear. */
  private final Map<Path, Stamp> stamps = new HashMap<>();

  private final long trustedMillis = System.currentTimeMillis() - TICK_MILLIS;

  private ScriptSnapshot(Path entry) {
    try {
      Path directory = entry.resolveSibling("").toRealPath();
      Files.walkFileTree(
          directory, EnumSet.of(FileVisitOption.FOLLOW_LINKS), DEPTH_MAX, new Modules(directory));
      stamp(entry);
      source = bytes(entry);
    } catch (IOException e) {
      throw new ScriptException("The script " + entry + " cannot be read: " + e, e);
    }
  }

  /**
   * Reads a script. Blocks.
   *
   * @throws ScriptException if that cannot be done
   */
  public static ScriptSnapshot read(Path entry) {
    return new ScriptSnapshot(entry.toAbsolutePath().normalize());
  }

  /** Reads what can be required, by the names with which that is done. */
  private final class Modules extends SimpleFileVisitor<Path> {
    private final Path root;
    private long bytes;
    private int visits;

    Modules(Path root) {
      this.root = root;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
        throws IOException {
      visited();
      boolean named = directory.equals(root) || NAME.matcher(name(directory)).matches();
      if (!named || !isInside(directory)) {
        return FileVisitResult.SKIP_SUBTREE;
      }
      stamp(directory);
      return FileVisitResult.CONTINUE;
    }

    private void visited() throws IOException {
      if (++visits > VISITS_MAX || bytes > BYTES_MAX || modules.size() > MODULES_MAX) {
        throw new IOException(
            "too much is in its directory and below: it should have one of its own");
      }
    }

    /** Links may lead out. What is gone meanwhile is nowhere. */
    private boolean isInside(Path path) {
      try {
        return path.toRealPath().startsWith(root);
      } catch (IOException e) {
        return false;
      }
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      visited();
      String name = name(file);
      boolean module =
          name.endsWith(SUFFIX)
              && NAME.matcher(name.substring(0, name.length() - SUFFIX.length())).matches();
      if (!module || attributes.size() > FILE_BYTES_MAX || !attributes.isRegularFile()) {
        return FileVisitResult.CONTINUE;
      }
      if (isInside(file)) {
        add(file);
      }
      return FileVisitResult.CONTINUE;
    }

    /** One that cannot be read is as if it were not there. */
    private void add(Path file) {
      byte[] read;
      try {
        stamp(file);
        read = bytes(file);
      } catch (IOException e) {
        return;
      }
      bytes += read.length;
      String path = root.relativize(file).toString();
      String name = path.substring(0, path.length() - SUFFIX.length());
      modules.put(name.replace(file.getFileSystem().getSeparator(), "."), read);
    }

    /** One that may not be read, or is a link to one above it. */
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException why) {
      return FileVisitResult.CONTINUE;
    }

    private static String name(Path path) {
      return String.valueOf(path.getFileName());
    }
  }

  private static byte[] bytes(Path file) throws IOException {
    if (Files.size(file) > FILE_BYTES_MAX) {
      throw new IOException("it is too large");
    }
    return Files.readAllBytes(file);
  }

  private void stamp(Path file) throws IOException {
    stamps.put(file, Stamp.of(file));
  }

  byte[] entry() {
    return source;
  }

  /** A module by its name, with dots between directories; none when there is no such file. */
  Optional<byte[]> module(String name) {
    return Optional.ofNullable(modules.get(name));
  }

  /** Whether a module is the same in both, or in neither. */
  boolean sameModule(ScriptSnapshot other, String name) {
    return Arrays.equals(modules.get(name), other.modules.get(name));
  }

  /** Whether they say the same. */
  boolean sameFiles(ScriptSnapshot other) {
    return Arrays.equals(source, other.source)
        && modules.keySet().equals(other.modules.keySet())
        && modules.keySet().stream().allMatch(name -> sameModule(other, name));
  }

  /** Whether a file may be another now. One that is gone is not. Blocks. */
  boolean isOutdated() {
    return stamps.entrySet().stream().anyMatch(each -> isOutdated(each.getKey(), each.getValue()));
  }

  private boolean isOutdated(Path file, Stamp then) {
    try {
      // What was written just before it was read may have been written again at the same time.
      return then.changed().toMillis() > trustedMillis || !Stamp.of(file).equals(then);
    } catch (IOException e) {
      return false;
    }
  }
}
