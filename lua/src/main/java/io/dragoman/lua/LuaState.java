// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import party.iroiro.luajava.JFunction;
import party.iroiro.luajava.Lua;
import party.iroiro.luajava.LuaException;
import party.iroiro.luajava.luajit.LuaJit;

/**
 * One state of LuaJIT with our prelude in it. Single-threaded; must not be entered while it runs.
 *
 * <p>Compiling is off: only interpreted code runs the hook that stops endless loops. The library
 * registers each coroutine that calls a Java function, for good; here they are taken out again
 * after each entry.
 */
final class LuaState implements AutoCloseable {
  /**
   * The parts of the prelude, in their order: what replaces functions of the language comes after
   * the parts that use these.
   */
  private static final List<String> PRELUDE =
      List.of(
          "watch",
          "printing",
          "modules",
          "connections",
          "mix",
          "http",
          "redis",
          "buffers",
          "callbacks",
          "entries",
          "strings",
          "sandbox");

  private static final int INSTRUCTIONS_PER_TICK = 1000;
  private static final long BYTES_PER_KIBIBYTE = 1024;
  private static final int RESULTS = 3;

  /** What became of an entry: its code, and its results as far as they are strings. */
  record Outcome(Code code, Optional<byte[]> first, Optional<byte[]> second) {

    enum Code {
      DONE,
      WAITING,
      FAILED
    }

    static Outcome failed(String why) {
      return new Outcome(
          Code.FAILED, Optional.of(why.getBytes(StandardCharsets.UTF_8)), Optional.empty());
    }

    String text() {
      return first.map(bytes -> new String(bytes, StandardCharsets.UTF_8)).orElse("");
    }
  }

  /** Pushes values and gives how many. */
  interface Values {
    Values NONE = lua -> 0;

    int push(Lua lua);
  }

  private static final class Machine extends LuaJit {
    private final List<Lua> callers = new ArrayList<>();

    @Override
    protected void addSubThread(Lua thread) {
      super.addSubThread(thread);
      callers.add(thread);
    }

    void release() {
      for (Lua each : callers) {
        each.close();
      }
      callers.clear();
    }
  }

  private final Machine lua = new Machine();
  private final Map<String, Integer> entries = new HashMap<>();

  /**
   * A state with nothing of a script in it yet.
   *
   * @param functions the host's, by the names that the prelude has for them
   */
  LuaState(LuaScript script, Map<String, JFunction> functions) {
    try {
      lua.openLibraries();
      lua.run("jit.off()");
      pushFunctions(functions);
      pushLimits(script);
      lua.createTable(0, 0);
      PRELUDE.forEach(this::runPart);
      lua.getField(3, "entries");
      for (String name :
          List.of("load", "event", "encode", "resume", "forget", "memory", "collect")) {
        lua.getField(4, name);
        entries.put(name, lua.ref());
      }
      lua.setTop(0);
    } catch (RuntimeException e) {
      lua.close();
      throw e;
    }
  }

  /** With what is on the stack as its arguments, which stay there. */
  private void runPart(String name) {
    String file = "prelude/" + name + ".lua";
    int arguments = lua.getTop();
    lua.load(part(file), "=" + file);
    for (int i = 1; i <= arguments; i++) {
      lua.pushValue(i);
    }
    lua.pCall(arguments, 0);
  }

  private static ByteBuffer part(String file) {
    try (InputStream in = LuaState.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is not there");
      }
      byte[] text = in.readAllBytes();
      return ByteBuffer.allocateDirect(text.length).put(text).flip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void pushFunctions(Map<String, JFunction> functions) {
    lua.createTable(0, functions.size());
    functions.forEach(
        (name, function) -> {
          lua.push(guarded(function));
          lua.setField(-2, name);
        });
  }

  private void pushNumber(long value) {
    lua.push((Number) (double) value);
  }

  private void pushLimits(LuaScript script) {
    ScriptLimits limits = script.limits();
    lua.createTable(0, 5);
    pushNumber(limits.instructionsMax() / INSTRUCTIONS_PER_TICK);
    lua.setField(-2, "ticks");
    pushNumber(limits.memoryBytesMax() / BYTES_PER_KIBIBYTE);
    lua.setField(-2, "memory_kib");
    pushNumber(limits.stringBytesMax());
    lua.setField(-2, "string_bytes");
    pushNumber(limits.packetBytesMax());
    lua.setField(-2, "packet_bytes");
    lua.push(script.protocol() == ScriptProtocol.SOCKET);
    lua.setField(-2, "socket");
  }

  /**
   * An exception must not reach the library: it would leave it where scripts find it, as an object
   * with its methods.
   */
  private static JFunction guarded(JFunction function) {
    return lua -> {
      try {
        return function.__call(lua);
      } catch (RuntimeException | StackOverflowError e) {
        String why = e.getMessage();
        LuaValues.push(lua, why == null ? e.getClass().getSimpleName() : why);
        return -1;
      }
    };
  }

  /** Calls one of the prelude's entries. */
  Outcome enter(String entry, Values arguments) {
    lua.setTop(0);
    try {
      lua.refGet(reference(entry));
      int count = arguments.push(lua);
      lua.pCall(count, RESULTS);
      Outcome.Code code = Outcome.Code.values()[(int) lua.toNumber(1)];
      return new Outcome(code, string(2), string(3));
    } catch (LuaException e) {
      return Outcome.failed(String.valueOf(e.getMessage()));
    } finally {
      lua.setTop(0);
      lua.release();
    }
  }

  private int reference(String entry) {
    return Objects.requireNonNull(entries.get(entry), entry);
  }

  private Optional<byte[]> string(int index) {
    return lua.type(index) == Lua.LuaType.STRING
        ? Optional.of(LuaValues.bytes(lua, index))
        : Optional.empty();
  }

  /** Gives up the callback that waits for this connection. */
  void forget(String id) {
    lua.setTop(0);
    lua.refGet(reference("forget"));
    lua.push(id);
    lua.pCall(1, 0);
  }

  /** Memory in use, with what could be collected. */
  long memoryBytes() {
    return kibibytes("memory");
  }

  /** Memory in use, without what could be collected. */
  long collectedBytes() {
    return kibibytes("collect");
  }

  private long kibibytes(String entry) {
    lua.setTop(0);
    lua.refGet(reference(entry));
    lua.pCall(0, 1);
    double count = lua.toNumber(1);
    lua.setTop(0);
    return (long) (count * BYTES_PER_KIBIBYTE);
  }

  @Override
  public void close() {
    lua.close();
  }
}
