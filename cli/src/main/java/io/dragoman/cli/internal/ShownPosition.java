// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How far a client has shown a log, in a file of its own below the user's state directory ({@code
 * XDG_STATE_HOME}). For one thread; of two commands that write it the last one wins.
 */
public final class ShownPosition {
  private static final long FNV_BASIS = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  /**
   * The last event that was shown.
   *
   * @param id by which another log with the same name is told apart
   */
  public record Shown(long sequence, String id) {}

  private final Path file;
  private final Fields key;

  private ShownPosition(Path file, Fields key) {
    this.file = file;
    this.key = key;
  }

  /** The position of a client in a log of a broker, whatever the transport. */
  public static ShownPosition of(Console console, Target target, String channel) {
    Fields key =
        new Fields()
            .put("broker", target.grpc().toString())
            .put("clientId", target.clientId())
            .put("channel", channel);
    String state = console.environment("XDG_STATE_HOME");
    Path directory =
        state.isEmpty()
            ? Path.of(System.getProperty("user.home", "."), ".local", "state")
            : Path.of(state);
    String name = String.format("%016x.json", hash(Json.compact(key)));
    return new ShownPosition(directory.resolve("dragoman").resolve("positions").resolve(name), key);
  }

  /** Names may be longer than those of files; what is in a file says whose it is. */
  private static long hash(String text) {
    long hash = FNV_BASIS;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * FNV_PRIME;
    }
    return hash;
  }

  /**
   * What is known; empty when there is nothing.
   *
   * @throws CliException when it cannot be read
   */
  public Optional<Shown> read() {
    try {
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      Fields known = Json.parseObject(Files.readString(file));
      boolean ours =
          key.values().entrySet().stream()
              .allMatch(entry -> entry.getValue().equals(known.get(entry.getKey())));
      return ours && known.number("sequence") > 0
          ? Optional.of(new Shown(known.number("sequence"), known.text("id")))
          : Optional.empty();
    } catch (IOException | CliException e) {
      throw CliException.failed(file + ": cannot be read: " + e.getMessage());
    }
  }

  /**
   * Writes it anew.
   *
   * @throws CliException when it cannot be written
   */
  public void write(Shown shown) {
    Fields all = new Fields();
    key.values().forEach(all::put);
    all.put("sequence", shown.sequence()).put("id", shown.id());
    OwnFiles.write(file, Json.compact(all) + "\n");
  }
}
