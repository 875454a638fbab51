// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import static io.dragoman.lua.LuaResults.orError;
import static io.dragoman.lua.LuaResults.push;
import static io.dragoman.lua.LuaResults.pushTexts;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import party.iroiro.luajava.JFunction;
import party.iroiro.luajava.Lua;

/** Texts of one form to another: JSON, base64, PHP's formats, URLs, digests. */
final class TextFunctions {
  private final PhpPack packer;

  TextFunctions(ScriptLimits limits) {
    this.packer = new PhpPack(limits.stringBytesMax());
  }

  void addTo(Map<String, JFunction> functions) {
    functions.put("json_encode", orError(lua -> push(lua, LuaJson.text(lua, 1))));
    functions.put("json_decode", orError(TextFunctions::jsonDecode));
    functions.put(
        "base64_encode", lua -> push(lua, Base64.getEncoder().encode(LuaValues.bytes(lua, 1))));
    functions.put(
        "base64_decode",
        orError(lua -> push(lua, Base64.getDecoder().decode(LuaValues.bytes(lua, 1)))));
    functions.put("php_pack", orError(this::phpPack));
    functions.put("php_unpack", orError(this::phpUnpack));
    functions.put("parse_url", orError(TextFunctions::parseUrl));
    addDigest(functions, "md5", "MD5");
    addDigest(functions, "sha1", "SHA-1");
  }

  private static void addDigest(Map<String, JFunction> functions, String name, String algorithm) {
    functions.put(
        name,
        lua -> push(lua, HexFormat.of().formatHex(digest(algorithm, LuaValues.bytes(lua, 1)))));
    functions.put(name + "_bin", lua -> push(lua, digest(algorithm, LuaValues.bytes(lua, 1))));
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
}
