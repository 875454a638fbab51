// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import io.dragoman.lua.LuaState.Outcome;
import io.dragoman.lua.LuaState.Values;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs one script for the connections of one lane. Not thread-safe: everything, from making it to
 * closing it, happens on the lane.
 *
 * <p>Each callback is a coroutine of the script's state. Where it waits (for a value of the
 * context, an answer over HTTP, a send to elsewhere) the lane goes on with other connections, and
 * what arrives for this one waits for it. A callback that fails, or that is stopped because it used
 * more than {@link ScriptLimits} allow, costs its connection. A state that is found to hold too
 * much memory is closed and made anew, which costs the connections whose callbacks wait in it, and
 * what the script keeps in global variables.
 *
 * <p>Native code is loaded when the first runtime is made, and not before.
 */
public final class ScriptRuntime implements AutoCloseable {
  /** Entries after which memory is looked at, if nothing went wrong before. */
  private static final int ENTRIES_BETWEEN_LOOKS = 64;

  private final LuaScript script;
  private final ScriptHost host;
  private final Executor lane;
  private final ScriptLog log;
  private final Map<String, ScriptSession> sessions = new HashMap<>();
  private final Map<LuaState, Set<ScriptSession>> waiting = new HashMap<>();

  /** States of a script as it was, in which callbacks still wait. */
  private final Set<LuaState> retired = new HashSet<>();

  private final Queue<Runnable> afterwards = new ArrayDeque<>();
  private ScriptFiles files;
  private LuaState state;
  private @Nullable ScriptSession running;
  private boolean inside;
  private boolean draining;
  private boolean closed;
  private long deadline;
  private int entriesSinceLook;

  /**
   * Loads the script.
   *
   * @param snapshot its files: nothing is read from a disk
   * @param lane runs tasks later on the thread of this runtime, in the order given
   * @throws ScriptException if it fails
   */
  public ScriptRuntime(LuaScript script, ScriptSnapshot snapshot, ScriptHost host, Executor lane) {
    this.script = script;
    this.host = host;
    this.lane = lane;
    this.log = new ScriptLog(script.name(), host);
    this.files = new ScriptFiles(snapshot);
    this.state = load(files);
  }

  /**
   * Begins to serve a connection. To be ended with {@link ScriptSession#onClose}.
   *
   * @throws IllegalStateException if there is one with this id
   */
  public ScriptSession open(ScriptConnection connection) {
    ScriptSession session = new ScriptSession(this, connection);
    if (sessions.putIfAbsent(connection.id(), session) != null) {
      throw new IllegalStateException("connection " + connection.id() + " is open already");
    }
    return session;
  }

  /**
   * Loads the script again if its file, or one it required, is another in these. Callbacks that
   * wait are finished by the script as it was. If the new one cannot be loaded, that is logged and
   * the old one stays. Not from inside a callback.
   *
   * @return whether there is a new one now
   */
  public boolean reload(ScriptSnapshot snapshot) {
    if (inside) {
      throw new IllegalStateException("a callback runs");
    }
    if (closed || files.take(snapshot)) {
      return false;
    }
    ScriptFiles newFiles = new ScriptFiles(snapshot);
    try {
      LuaState newState = load(newFiles);
      retired.add(state);
      closeIfUnused(state);
      state = newState;
      files = newFiles;
      return true;
    } catch (ScriptException e) {
      log.error(String.valueOf(e.getMessage()));
      return false;
    }
  }

  /** Connections that are served. */
  public int connections() {
    return sessions.size();
  }

  /** Memory of the script's state, with what could be collected. */
  public long memoryBytes() {
    return state.memoryBytes();
  }

  /** Gives up all connections, without callbacks. Not from inside a callback. */
  @Override
  public void close() {
    if (inside) {
      throw new IllegalStateException("a callback runs");
    }
    if (!closed) {
      closed = true;
      sessions.clear();
      afterwards.clear();
      waiting.clear();
      retired.forEach(LuaState::close);
      state.close();
    }
  }

  private LuaState load(ScriptFiles from) {
    byte[] source = from.entry();
    LuaState made;
    try {
      made = new LuaState(script, HostFunctions.of(this, from));
    } catch (RuntimeException | LinkageError e) {
      throw new ScriptException("LuaJIT cannot be started: " + e.getMessage(), e);
    }
    Outcome outcome =
        enter(
            made,
            null,
            "load",
            lua -> {
              LuaValues.push(lua, script.name());
              LuaValues.push(lua, source);
              return 2;
            });
    if (outcome.code() != Outcome.Code.DONE) {
      made.close();
      throw new ScriptException(
          "The script " + script.name() + " cannot be run: " + outcome.text());
    }
    return made;
  }

  /**
   * Enters a state.
   *
   * @param session whose callback it is, which may wait; null where nothing can be waited for
   */
  Outcome enter(LuaState into, @Nullable ScriptSession session, String entry, Values arguments) {
    if (closed) {
      return Outcome.failed("the script has ended");
    }
    inside = true;
    running = session;
    nextTurn();
    Outcome outcome;
    try {
      outcome = into.enter(entry, arguments);
    } finally {
      inside = false;
      running = null;
    }
    boolean failed = outcome.code() == Outcome.Code.FAILED;
    if (failed || ++entriesSinceLook >= ENTRIES_BETWEEN_LOOKS) {
      entriesSinceLook = 0;
      afterwards(this::look);
    }
    return outcome;
  }

  /** A state that holds too much cannot be used on: every callback would be stopped. */
  private void look() {
    LuaState looked = state;
    long max = script.limits().memoryBytesMax();
    if (closed || looked.memoryBytes() <= max || looked.collectedBytes() <= max) {
      return;
    }
    log.error("it holds too much memory and is started anew");
    ScriptFiles newFiles = new ScriptFiles(files.snapshot());
    LuaState made;
    try {
      made = load(newFiles);
    } catch (ScriptException e) {
      log.error(String.valueOf(e.getMessage()));
      return;
    }
    state = made;
    files = newFiles;
    Set<ScriptSession> lost = waiting.remove(looked);
    if (lost != null) {
      List.copyOf(lost).forEach(ScriptSession::lost);
    }
    looked.close();
  }

  /** Runs something now, or after the callback that runs. */
  void whenOutside(Runnable task) {
    if (inside) {
      afterwards(task);
    } else {
      task.run();
      runAfterwards();
    }
  }

  /** Runs something as soon as no callback runs. */
  void afterwards(Runnable task) {
    afterwards.add(task);
    lane.execute(this::runAfterwards);
  }

  private void runAfterwards() {
    if (inside || draining || closed) {
      return;
    }
    draining = true;
    try {
      for (Runnable task = afterwards.poll(); task != null; task = afterwards.poll()) {
        task.run();
      }
    } finally {
      draining = false;
    }
  }

  void startedWaiting(ScriptSession session, LuaState in) {
    waiting.computeIfAbsent(in, any -> new HashSet<>()).add(session);
  }

  void stoppedWaiting(ScriptSession session, LuaState in) {
    Set<ScriptSession> sessionsThere = waiting.get(in);
    if (sessionsThere != null) {
      sessionsThere.remove(session);
    }
    if (retired.contains(in)) {
      // Later: it may be about to be entered once more.
      afterwards(() -> closeIfUnused(in));
    }
  }

  private void closeIfUnused(LuaState old) {
    Set<ScriptSession> there = waiting.get(old);
    if ((there == null || there.isEmpty()) && retired.remove(old)) {
      waiting.remove(old);
      old.close();
    }
  }

  void ended(String id) {
    sessions.remove(id);
  }

  @Nullable ScriptSession session(String id) {
    return sessions.get(id);
  }

  /** The connection whose callback runs; null where nothing can be waited for. */
  @Nullable ScriptSession running() {
    return running;
  }

  boolean isRunning(ScriptSession session) {
    return running == session;
  }

  boolean isInside() {
    return inside;
  }

  boolean isClosed() {
    return closed;
  }

  boolean isLate() {
    return host.nanoTime() - deadline >= 0;
  }

  /** The running callback gets its time anew: it goes on with something that arrived on its own. */
  void nextTurn() {
    deadline = host.nanoTime() + TimeUnit.MILLISECONDS.toNanos(script.limits().turnMillisMax());
  }

  LuaScript script() {
    return script;
  }

  ScriptHost host() {
    return host;
  }

  Executor lane() {
    return lane;
  }

  LuaState state() {
    return state;
  }

  ScriptLog log() {
    return log;
  }
}
