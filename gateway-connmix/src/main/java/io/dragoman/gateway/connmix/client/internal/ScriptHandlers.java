// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix.client.internal;

import io.dragoman.core.Broker;
import io.dragoman.core.Lane;
import io.dragoman.gateway.connmix.client.Client;
import io.dragoman.gateway.connmix.client.ClientHandler;
import io.dragoman.gateway.connmix.client.ClientHandlers;
import io.dragoman.gateway.connmix.client.ClientOptions;
import io.dragoman.gateway.connmix.client.ClientOptions.Protocol;
import io.dragoman.gateway.connmix.client.ClientRules;
import io.dragoman.gateway.connmix.client.ClientScript;
import io.dragoman.gateway.connmix.client.ClientSecurity;
import io.dragoman.gateway.connmix.client.Framing;
import io.dragoman.gateway.connmix.client.RedisServer;
import io.dragoman.lua.LuaScript;
import io.dragoman.lua.ScriptException;
import io.dragoman.lua.ScriptLimits;
import io.dragoman.lua.ScriptProtocol;
import io.dragoman.lua.ScriptSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does with the clients of one listener what a script says, which runs on each lane that has
 * clients. Who is let in is decided before, as without rules. Safe from any thread.
 */
public final class ScriptHandlers implements ClientHandlers {
  private static final Logger LOG = LoggerFactory.getLogger(ScriptHandlers.class);

  private final ClientScript script;
  private final ClientSecurity security;
  private final LuaScript lua;
  private final ScriptMesh mesh;
  private final ScriptSource source;
  private final Admissions admissions;
  private final Map<Lane, LaneScript> lanes = new ConcurrentHashMap<>();
  private final ScheduledThreadPoolExecutor timers;

  /**
   * Handlers that take clients at once.
   *
   * @param redisServers what the script may send commands to; their names differ
   * @throws IllegalArgumentException if the script cannot be run; the message says why
   */
  public ScriptHandlers(
      Broker broker,
      ClientOptions options,
      ClientScript script,
      List<RedisServer> redisServers,
      ClientSecurity security) {
    this.script = script;
    this.security = security;
    boolean webSocket = options.protocol() == Protocol.WEBSOCKET;
    this.lua =
        new LuaScript(
            script.entry(),
            webSocket ? ScriptProtocol.WEBSOCKET : ScriptProtocol.SOCKET,
            script.options(),
            limits(options));
    this.mesh = new ScriptMesh(broker, options, script, redisServers);
    this.admissions = new Admissions(ClientRules.DEFAULTS, security);
    try {
      // What is wrong with it is to be known at the start, and not from a client.
      this.source = new ScriptSource(lua, mesh);
    } catch (ScriptException e) {
      mesh.close();
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    this.timers =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread made = new Thread(task, "dragoman-connmix-timers");
              made.setDaemon(true);
              return made;
            },
            new ThreadPoolExecutor.DiscardPolicy());
    if (script.lookMillis() > 0) {
      var unused =
          timers.scheduleWithFixedDelay(
              this::look, script.lookMillis(), script.lookMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Beside the lanes: files are read, and what they say is tried out. */
  private void look() {
    try {
      if (source.look()) {
        lanes.values().forEach(each -> each.reload(source.current()));
      }
    } catch (RuntimeException | Error e) {
      // There would be no next time.
      LOG.error("The script {} cannot be looked at", lua.name(), e);
    }
  }

  /** What waits for a callback must be able to hold the largest message, whatever that is. */
  private static ScriptLimits limits(ClientOptions options) {
    ScriptLimits defaults = ScriptLimits.DEFAULTS;
    int waitingBytes = defaults.waitingBytesMax() / 2 + options.messageBytesMax();
    return new ScriptLimits(
        defaults.instructionsMax(),
        defaults.turnMillisMax(),
        defaults.memoryBytesMax(),
        defaults.stringBytesMax(),
        defaults.waitingMax(),
        Math.max(defaults.waitingBytesMax(), waitingBytes),
        options.framing().map(Framing::packetBytesMax).orElse(defaults.packetBytesMax()),
        defaults.httpMillisMax());
  }

  @Override
  public ClientHandler handler(Client client) {
    return new ScriptHandler(this, script(client.lane()), client);
  }

  /** On the lane, which alone asks for its own. */
  private LaneScript script(Lane lane) {
    LaneScript known = lanes.get(lane);
    if (known != null) {
      return known;
    }
    LaneScript made = new LaneScript(lane, lua, source.current(), mesh);
    lanes.put(lane, made);
    // There may be another one since, of which this lane was not told.
    made.reload(source.current());
    return made;
  }

  ClientScript script() {
    return script;
  }

  ClientSecurity security() {
    return security;
  }

  Admissions admissions() {
    return admissions;
  }

  @Override
  public void close() {
    timers.shutdownNow();
    lanes.values().forEach(LaneScript::close);
    mesh.close();
    admissions.close();
  }
}
