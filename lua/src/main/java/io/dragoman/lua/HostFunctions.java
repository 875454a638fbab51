// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import party.iroiro.luajava.JFunction;
import party.iroiro.luajava.Lua;

/**
 * The functions that the prelude is given: arguments from the stack of the calling coroutine,
 * results onto it.
 */
final class HostFunctions {
  /** The prelude's numbers of levels are the places of ours. */
  private static final int INFO_LEVEL = 1;

  private static final String NOT_HERE = "only a callback of a connection can wait for this";
  private static final String UNKNOWN_CONNECTION = "the connection is closed";

  private final ScriptRuntime runtime;
  private final ScriptFiles files;
  private final PhpPack packer;
  private final Map<String, JFunction> functions = new HashMap<>();

  HostFunctions(ScriptRuntime runtime, ScriptFiles files) {
    this.runtime = runtime;
    this.files = files;
    this.packer = new PhpPack(runtime.script().limits().stringBytesMax());
    addEngine();
    addTexts();
    addConnections();
    addMesh();
  }

  Map<String, JFunction> all() {
    return functions;
  }

  /** A table of texts. */
  static void pushTexts(Lua lua, Map<String, String> texts) {
    lua.createTable(0, texts.size());
    texts.forEach(
        (name, value) -> {
          LuaValues.push(lua, name);
          LuaValues.push(lua, value);
          lua.rawSet(-3);
        });
  }

  private void addEngine() {
    functions.put("late", lua -> one(lua, runtime.isLate()));
    functions.put(
        "next_turn",
        lua -> {
          runtime.nextTurn();
          return 0;
        });
    functions.put("log", this::log);
    functions.put("module", this::module);
    functions.put("option", this::option);
    functions.put("scan", this::scan);
  }

  private void addTexts() {
    functions.put("json_encode", orError(lua -> push(lua, LuaJson.text(lua, 1))));
    functions.put("json_decode", orError(HostFunctions::jsonDecode));
    functions.put(
        "base64_encode", lua -> push(lua, Base64.getEncoder().encode(LuaValues.bytes(lua, 1))));
    functions.put(
        "base64_decode",
        orError(lua -> push(lua, Base64.getDecoder().decode(LuaValues.bytes(lua, 1)))));
    functions.put("php_pack", orError(this::phpPack));
    functions.put("php_unpack", orError(this::phpUnpack));
    functions.put("parse_url", orError(HostFunctions::parseUrl));
    addDigest("md5", "MD5");
    addDigest("sha1", "SHA-1");
  }

  private void addDigest(String name, String algorithm) {
    functions.put(
        name,
        lua -> push(lua, HexFormat.of().formatHex(digest(algorithm, LuaValues.bytes(lua, 1)))));
    functions.put(name + "_bin", lua -> push(lua, digest(algorithm, LuaValues.bytes(lua, 1))));
  }

  private void addConnections() {
    functions.put(
        "remote_addr", lua -> push(lua, connection(lua).map(ScriptConnection::remoteAddress)));
    functions.put("context", this::context);
    functions.put("context_value", this::contextValue);
    functions.put("wait_context", this::waitContext);
    functions.put(
        "set_context", onConnection((lua, to) -> setContext(to, LuaJson.members(lua, 2))));
    functions.put(
        "set_context_value",
        onConnection(
            (lua, to) -> setContext(to, Map.of(LuaValues.text(lua, 2), LuaJson.text(lua, 3)))));
    functions.put("subscribe", onConnection((lua, to) -> to.subscribe(texts(lua, 2))));
    functions.put("unsubscribe", onConnection((lua, to) -> to.unsubscribe(texts(lua, 2))));
    functions.put(
        "send", onConnection((lua, to) -> to.send(LuaValues.bytes(lua, 2), lua.toBoolean(3))));
    functions.put("close", onConnection((lua, to) -> close(to)));
    functions.put(
        "clear_buffer",
        lua -> {
          session(lua).ifPresent(ScriptSession::clearInput);
          return 0;
        });
    functions.put(
        "is_closing", lua -> one(lua, session(lua).map(ScriptSession::isStopped).orElse(true)));
  }

  private void addMesh() {
    functions.put(
        "mesh_send",
        awaiting(
            lua ->
                runtime
                    .host()
                    .meshSend(LuaValues.text(lua, 1), LuaValues.bytes(lua, 2), lua.toBoolean(3)),
            (lua, nothing, error) -> error == null ? nil(lua) : push(lua, error)));
    functions.put(
        "mesh_publish",
        awaiting(
            lua ->
                runtime
                    .host()
                    .meshPublish(LuaValues.text(lua, 1), LuaValues.bytes(lua, 2), lua.toBoolean(3)),
            (lua, tally, error) -> {
              lua.push((Number) (tally == null ? 0.0 : (double) tally.taken()));
              lua.push((Number) (tally == null ? 0.0 : (double) tally.failed()));
              return error == null ? 2 : 2 + push(lua, error);
            }));
    functions.put(
        "queue_push",
        awaiting(
            lua -> runtime.host().queuePush(runningId(), LuaValues.text(lua, 1), event(lua)),
            (lua, count, error) -> {
              if (count == null) {
                return nilAnd(lua, error);
              }
              lua.push((Number) (double) count);
              return 1;
            }));
    functions.put(
        "http",
        awaiting(
            lua -> runtime.host().http(httpCall(lua)),
            (lua, answer, error) -> answer == null ? nilAnd(lua, error) : pushAnswer(lua, answer)));
  }

  // What waits ------------------------------------------------------------------------------------

  /** Pushes what came of something: a value, or an error's text. */
  private interface Results<T> {
    int push(Lua lua, @Nullable T value, @Nullable String error);
  }

  /**
   * A function that begins something. It gives true and the results when that is complete already;
   * else false, and the callback is resumed with the results.
   */
  private <T> JFunction awaiting(Function<Lua, CompletionStage<T>> begin, Results<T> results) {
    return lua -> {
      ScriptSession session = runtime.running();
      if (session == null) {
        lua.push(true);
        return 1 + results.push(lua, null, NOT_HERE);
      }
      CompletableFuture<T> future;
      try {
        future = begin.apply(lua).toCompletableFuture();
      } catch (RuntimeException e) {
        future = CompletableFuture.failedFuture(e);
      }
      if (!future.isDone()) {
        long wait = session.beginWait();
        CompletionStage<T> stage = future;
        stage.whenComplete(
            (value, failure) ->
                runtime
                    .lane()
                    .execute(
                        () ->
                            session.resume(wait, to -> results.push(to, value, message(failure)))));
        return one(lua, false);
      }
      lua.push(true);
      return 1 + push(lua, future, results);
    };
  }

  private static <T> int push(Lua lua, CompletableFuture<T> done, Results<T> results) {
    T value;
    try {
      value = done.join();
    } catch (RuntimeException e) {
      return results.push(lua, null, message(e));
    }
    return results.push(lua, value, null);
  }

  private static @Nullable String message(@Nullable Throwable failure) {
    if (failure == null) {
      return null;
    }
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }

  // The engine ------------------------------------------------------------------------------------

  private int log(Lua lua) {
    int level = lua.isNumber(1) ? (int) lua.toNumber(1) : INFO_LEVEL;
    LogLevel[] levels = LogLevel.values();
    runtime.log().line(levels[Math.max(0, Math.min(level, levels.length - 1))], shown(lua, 2));
    return one(lua, true);
  }

  private static String shown(Lua lua, int index) {
    return switch (lua.type(index)) {
      case STRING, NUMBER -> LuaValues.text(lua, index);
      case TABLE -> LuaJson.text(lua, index);
      case BOOLEAN -> String.valueOf(lua.toBoolean(index));
      default -> "nil";
    };
  }

  private int module(Lua lua) {
    Optional<byte[]> source = files.module(LuaValues.text(lua, 1));
    if (source.isPresent()) {
      return push(lua, source.get());
    }
    return nilAnd(lua, "there is no such file");
  }

  private int option(Lua lua) {
    String value = runtime.script().options().get(LuaValues.text(lua, 1));
    return value == null ? nil(lua) : push(lua, value);
  }

  /**
   * All matches of a pattern: tables of beginning, end (inclusive) and captures, and {@code n} of
   * them.
   */
  private int scan(Lua lua) {
    byte[] subject = LuaValues.bytes(lua, 1);
    LuaPattern pattern = new LuaPattern(subject, LuaValues.bytes(lua, 2), runtime::isLate);
    boolean anchored = lua.rawLength(2) > 0 && LuaValues.bytes(lua, 2)[0] == '^';
    int init = (int) lua.toNumber(3);
    int from = Math.max(init < 0 ? subject.length + init : init - 1, 0);
    int max = (int) lua.toNumber(4);
    lua.createTable(0, 0);
    int count = 0;
    while (from <= subject.length && count != max) {
      int[] found = pattern.find(from);
      if (found == null) {
        break;
      }
      pushMatch(lua, subject, found);
      lua.rawSetI(-2, ++count);
      from = found[1] > found[0] ? found[1] : found[1] + 1;
      if (anchored) {
        break;
      }
    }
    return 1;
  }

  private static void pushMatch(Lua lua, byte[] subject, int[] found) {
    lua.createTable(found.length, 1);
    lua.push((Number) (found[0] + 1.0));
    lua.rawSetI(-2, 1);
    lua.push((Number) (double) found[1]);
    lua.rawSetI(-2, 2);
    int count = 2;
    for (int i = 2; i < found.length; i += 2) {
      if (found[i + 1] < 0) {
        lua.push((Number) (found[i] + 1.0));
      } else {
        LuaValues.push(lua, Arrays.copyOfRange(subject, found[i], found[i] + found[i + 1]));
      }
      lua.rawSetI(-2, ++count);
    }
    lua.push((Number) (double) count);
    lua.setField(-2, "n");
  }

  // Texts -----------------------------------------------------------------------------------------

  /** What fails gives nil and why. */
  private static JFunction orError(JFunction function) {
    return lua -> {
      int top = lua.getTop();
      try {
        return function.__call(lua);
      } catch (IllegalArgumentException e) {
        lua.setTop(top);
        return nilAnd(lua, e.getMessage());
      }
    };
  }

  private static int jsonDecode(Lua lua) {
    try {
      LuaJson.push(lua, LuaValues.text(lua, 1));
      return 1;
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      throw new IllegalArgumentException("not JSON: " + message.lines().findFirst().orElse(""), e);
    }
  }

  private int phpPack(Lua lua) {
    List<Object> values = new ArrayList<>();
    for (int i = 2; i <= lua.getTop(); i++) {
      values.add(
          lua.type(i) == Lua.LuaType.NUMBER ? (Object) lua.toNumber(i) : LuaValues.bytes(lua, i));
    }
    return push(lua, packer.pack(LuaValues.text(lua, 1), values));
  }

  private int phpUnpack(Lua lua) {
    Map<Object, Object> values = packer.unpack(LuaValues.text(lua, 1), LuaValues.bytes(lua, 2));
    lua.createTable(0, values.size());
    values.forEach(
        (name, value) -> {
          pushValue(lua, name);
          pushValue(lua, value);
          lua.rawSet(-3);
        });
    return 1;
  }

  private static void pushValue(Lua lua, Object value) {
    if (value instanceof Double number) {
      lua.push(number);
    } else if (value instanceof byte[] bytes) {
      LuaValues.push(lua, bytes);
    } else {
      LuaValues.push(lua, value.toString());
    }
  }

  private static int parseUrl(Lua lua) {
    GoUrl url = GoUrl.of(LuaValues.text(lua, 1));
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("scheme", url.scheme());
    texts.put("opaque", url.opaque());
    texts.put("user", url.user());
    texts.put("host", url.host());
    texts.put("path", url.path());
    texts.put("raw_path", url.rawPath());
    texts.put("raw_query", url.rawQuery());
    texts.put("fragment", url.fragment());
    texts.put("raw_fragment", url.rawFragment());
    pushTexts(lua, texts);
    lua.push(url.forceQuery());
    lua.setField(-2, "force_query");
    pushTexts(lua, url.query());
    lua.setField(-2, "query");
    return 1;
  }

  // Checksums and handshakes, as the protocols of scripts have them; nothing is kept safe by these.
  private static byte[] digest(String algorithm, byte[] data) {
    try {
      return MessageDigest.getInstance(algorithm).digest(data);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JVM has no " + algorithm, e);
    }
  }

  // Connections -----------------------------------------------------------------------------------

  /** Does something to a connection and gives why it could not. */
  private interface Action {
    Optional<String> on(Lua lua, ScriptConnection connection);
  }

  private JFunction onConnection(Action action) {
    return lua -> {
      Optional<ScriptConnection> connection = connection(lua);
      Optional<String> refusal;
      try {
        refusal =
            connection.isPresent()
                ? action.on(lua, connection.get())
                : Optional.of(UNKNOWN_CONNECTION);
      } catch (IllegalArgumentException e) {
        refusal = Optional.ofNullable(e.getMessage());
      }
      return push(lua, refusal);
    };
  }

  private Optional<ScriptSession> session(Lua lua) {
    return Optional.ofNullable(runtime.session(LuaValues.text(lua, 1)));
  }

  private Optional<ScriptConnection> connection(Lua lua) {
    return session(lua).map(ScriptSession::connection);
  }

  private int context(Lua lua) {
    Map<String, String> context = connection(lua).map(ScriptConnection::context).orElseGet(Map::of);
    lua.createTable(0, context.size());
    context.forEach(
        (name, json) -> {
          LuaValues.push(lua, name);
          pushJson(lua, json);
          lua.rawSet(-3);
        });
    return 1;
  }

  /** Whether it is set, and the value. */
  private int contextValue(Lua lua) {
    String key = LuaValues.text(lua, 2);
    Optional<String> json = connection(lua).flatMap(each -> each.contextValue(key));
    if (json.isEmpty()) {
      return one(lua, false);
    }
    lua.push(true);
    pushJson(lua, json.get());
    return 2;
  }

  private static void pushJson(Lua lua, String json) {
    try {
      LuaJson.push(lua, json);
    } catch (IOException e) {
      throw new IllegalStateException("a value of the context is not JSON", e);
    }
  }

  private int waitContext(Lua lua) {
    ScriptSession session = runtime.running();
    if (session == null) {
      return push(lua, NOT_HERE);
    } else if (session.isClosed()) {
      return push(lua, UNKNOWN_CONNECTION);
    }
    session.awaitKey(LuaValues.text(lua, 2));
    return 0;
  }

  private Optional<String> setContext(ScriptConnection connection, Map<String, String> values) {
    Optional<String> refusal = connection.setContext(values);
    ScriptSession session = runtime.session(connection.id());
    if (refusal.isEmpty() && session != null) {
      values.keySet().forEach(session::onContext);
    }
    return refusal;
  }

  private Optional<String> close(ScriptConnection connection) {
    ScriptSession session = runtime.session(connection.id());
    if (session != null) {
      session.stopTaking();
    }
    return connection.close();
  }

  private static List<String> texts(Lua lua, int from) {
    List<String> texts = new ArrayList<>();
    for (int i = from; i <= lua.getTop(); i++) {
      texts.add(LuaValues.text(lua, i));
    }
    return texts;
  }

  // The mesh --------------------------------------------------------------------------------------

  private String runningId() {
    ScriptSession session = runtime.running();
    if (session == null) {
      throw new IllegalStateException(NOT_HERE);
    }
    return session.connection().id();
  }

  /**
   * What goes into a topic: a table as JSON, a string of JSON as it is, any other as a text frame.
   */
  private static String event(Lua lua) {
    if (lua.type(2) != Lua.LuaType.STRING) {
      return LuaJson.text(lua, 2);
    }
    byte[] data = LuaValues.bytes(lua, 2);
    String text = new String(data, StandardCharsets.UTF_8);
    boolean isText = Arrays.equals(text.getBytes(StandardCharsets.UTF_8), data);
    if (isText && LuaJson.isJson(text)) {
      return text;
    }
    String type = isText ? "text" : "binary";
    String shown = isText ? text : Base64.getEncoder().encodeToString(data);
    return "{\"frame\":{\"type\":\""
        + type
        + "\",\"data\":"
        + LuaJson.quoted(shown)
        + ",\"finish\":true}}";
  }

  private HttpCall httpCall(Lua lua) {
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    for (int i = 5; i < lua.getTop(); i += 2) {
      headers.add(Map.entry(LuaValues.text(lua, i), LuaValues.text(lua, i + 1)));
    }
    long millisMax = runtime.script().limits().httpMillisMax();
    long millis = (long) Math.ceil(lua.toNumber(3));
    return new HttpCall(
        LuaValues.text(lua, 1).toUpperCase(Locale.ROOT),
        LuaValues.text(lua, 2),
        List.copyOf(headers),
        LuaValues.bytes(lua, 4),
        millis == 0 ? millisMax : Math.min(millis, millisMax));
  }

  private static int pushAnswer(Lua lua, HttpAnswer answer) {
    Map<String, String> headers = new LinkedHashMap<>();
    Map<String, String> cookies = new LinkedHashMap<>();
    for (Map.Entry<String, String> each : answer.headers()) {
      headers.merge(
          ScriptSession.headerName(each.getKey()), each.getValue(), (a, b) -> a + ", " + b);
      if (each.getKey().equalsIgnoreCase("Set-Cookie")) {
        String cookie = each.getValue().split(";", 2)[0];
        int equals = cookie.indexOf('=');
        if (equals > 0) {
          cookies.put(cookie.substring(0, equals).trim(), cookie.substring(equals + 1).trim());
        }
      }
    }
    lua.createTable(0, 6);
    LuaValues.push(lua, answer.body());
    lua.setField(-2, "body");
    lua.push((Number) (double) answer.body().length);
    lua.setField(-2, "body_size");
    pushTexts(lua, headers);
    lua.setField(-2, "headers");
    pushTexts(lua, cookies);
    lua.setField(-2, "cookies");
    lua.push((Number) (double) answer.status());
    lua.setField(-2, "status_code");
    LuaValues.push(lua, answer.url());
    lua.setField(-2, "url");
    return 1;
  }

  // Results ---------------------------------------------------------------------------------------

  private static int one(Lua lua, boolean value) {
    lua.push(value);
    return 1;
  }

  private static int nil(Lua lua) {
    lua.pushNil();
    return 1;
  }

  private static int nilAnd(Lua lua, @Nullable String error) {
    lua.pushNil();
    return 1 + push(lua, String.valueOf(error));
  }

  private static int push(Lua lua, String text) {
    LuaValues.push(lua, text);
    return 1;
  }

  private static int push(Lua lua, byte[] bytes) {
    LuaValues.push(lua, bytes);
    return 1;
  }

  private static int push(Lua lua, Optional<String> text) {
    return text.isPresent() ? push(lua, text.get()) : nil(lua);
  }
}
