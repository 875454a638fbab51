// SPDX-License-Identifier: Apache-2.0
package io.dragoman.lua;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.lua.FakeHost.FakeConnection;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each function that scripts have. */
class ScriptFunctionsTest extends ScriptFixture {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "mix.json_encode({b = 1, a = {true, 'x', 1.5}})      |"
            + " ['{\"a\":[true,\"x\",1.5],\"b\":1}']",
        "mix.json_encode({})                                 | ['[]']",
        "mix.json_encode({1, nil, 3})                        | ['{\"1\":1,\"3\":3}']",
        "mix.json_encode('a\\n\"\\0')                        | ['\"a\\n\\\"\\u0000\"']",
        "mix.json_encode(9007199254740992)                   | ['9007199254740992']",
        "(mix.json_decode('{\"a\":[1,2,{\"b\":null}]}')).a[2] | [2]",
        "(mix.json_decode('1627581697287520263'))            | ['1627581697287520263']",
        "(mix.json_decode('[-1627581697287520263]'))[1]      | ['-1627581697287520263']",
        "mix.base64_encode('\\0\\255hi')                     | ['AP9oaQ==']",
        "mix.base64_decode('aGk=')                           | ['hi']",
        "#mix.base64_decode('AP8A')                          | [3]",
        "mix.md5('hello')                                    |"
            + " ['5d41402abc4b2a76b9719d911017c592']",
        "#mix.md5_bin('hello')                               | [16]",
        "mix.sha1('hello')                                   |"
            + " ['aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d']",
        "#mix.sha1_bin('hello')                              | [20]",
        "mix.str_split('a,b,,c', ',')                        | [['a','b','','c']]",
        "mix.str_split('abc', '')                            | [['a','b','c']]",
        "mix.bytes_tostring({104, 105})                      | ['hi']",
        "#mix.bytes_tostring({0, 255, 10})                   | [3]",
        "mix.server.option('path')                           | ['/chat']",
        "mix.server.option('none')                           | ['nil']",
        "bit.band(6, 3)                                      | [2]",
        "require('bit').bor(4, 1)                            | [5]",
        "table.getn({1, 2})                                  | [2]",
        "unpack({1, 2})                                      | [1,2]",
        "loadstring('return 7')()                            | [7]",
        "mix.redis.connection('default')                     | ['nil','redis is not available']",
        "mix.redis.push('list', 1)                           | ['nil','redis is not available']",
      })
  void shouldGive(String expression, String expected) {
    assertThat(run("return " + expression)).isEqualTo(json(expected));
  }

  private static String json(String shown) {
    StringBuilder out = new StringBuilder();
    boolean text = false;
    for (int i = 0; i < shown.length(); i++) {
      char c = shown.charAt(i);
      if (c == '\'') {
        text = !text;
        out.append('"');
      } else if (text && (c == '"' || c == '\\')) {
        out.append('\\').append(c);
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  @Test
  void shouldGiveErrorsAsSecondValues() {
    assertThat(run("local v, err = mix.json_decode('{') return v, type(err)"))
        .isEqualTo("[\"nil\",\"string\"]");
    assertThat(run("local v, err = mix.json_decode('1 2') return v, type(err)"))
        .isEqualTo("[\"nil\",\"string\"]");
    assertThat(run("local v, err = mix.json_encode({print}) return v, type(err)"))
        .isEqualTo("[\"nil\",\"string\"]");
    assertThat(run("local t = {} t.t = t local v, err = mix.json_encode(t) return v, err"))
        .isEqualTo("[\"nil\",\"tables are nested too deeply\"]");
    assertThat(run("local v, err = mix.json_encode(0/0) return v, type(err)"))
        .isEqualTo("[\"nil\",\"string\"]");
    assertThat(run("local v, err = mix.base64_decode('%') return v, type(err)"))
        .isEqualTo("[\"nil\",\"string\"]");
    assertThat(run("local v, err = mix.php_pack('N') return v, err"))
        .isEqualTo("[\"nil\",\"too few values for N\"]");
  }

  @Test
  void shouldPackAndUnpackAsPhpDoes() {
    assertThat(
            run(
                "return (mix.php_pack('nvC*', 0x1234, 0x5678, 65, 66):gsub('.', function(c)"
                    + " return ('%02x'):format(c:byte()) end))"))
        .isEqualTo("[\"123478564142\"]");
    assertThat(run("return mix.php_unpack('Nlen/a2head/A*rest', '\\0\\0\\1\\0abcd  ')"))
        .isEqualTo("[{\"head\":\"ab\",\"len\":256,\"rest\":\"cd\"}]");
    assertThat(run("return mix.php_unpack('C2chars/nint', '\\4\\0\\160\\0')"))
        .isEqualTo("[{\"chars1\":4,\"chars2\":0,\"int\":40960}]");
    assertThat(run("return mix.php_unpack('n2', '\\0\\1\\0\\2')")).isEqualTo("[[1,2]]");
    assertThat(run("return mix.php_unpack('H4', '\\171\\205')")).isEqualTo("[[\"abcd\"]]");
    assertThat(run("return #mix.php_pack('A5a5Z5x2d', 'ab', 'ab', 'abcdef', 1.5)"))
        .isEqualTo("[25]");
    assertThat(run("return mix.php_unpack('Jid', mix.php_pack('J', '1627581697287520263'))"))
        .isEqualTo("[{\"id\":\"1627581697287520263\"}]");
  }

  @Test
  void shouldTakeUrlsApartByThreeNames() {
    for (String name : List.of("parse_url", "parse_str", "url_parse")) {
      assertThat(
              run(
                  "local u = mix."
                      + name
                      + "('ws://me:pw@example.org:80/a%2Fb?x=1&y=a+b&x=2#f') return u.scheme,"
                      + " u.user, u.host, u.path, u.raw_path, u.raw_query, u.query.x, u.query.y,"
                      + " u.fragment, u.force_query, u.opaque"))
          .isEqualTo(
              "[\"ws\",\"me:pw\",\"example.org:80\",\"/a/b\",\"/a%2Fb\",\"x=1&y=a+b&x=2\",\"1\","
                  + "\"a b\",\"f\",false,\"\"]");
    }
    assertThat(run("local u = mix.parse_url('/chat?token=t') return u.path, u.query.token, u.host"))
        .isEqualTo("[\"/chat\",\"t\",\"\"]");
    assertThat(run("local u = mix.parse_url('mailto:a@b') return u.opaque, u.raw_path"))
        .isEqualTo("[\"a@b\",\"\"]");
    assertThat(run("local u = mix.parse_url('/a?') return u.force_query, u.raw_query"))
        .isEqualTo("[true,\"\"]");
    assertThat(run("local u, err = mix.parse_url('http://a/%zz') return u, err"))
        .isEqualTo("[\"nil\",\"a wrong escape in the URL\"]");
  }

  @Test
  void shouldLogWithLevels() {
    assertThat(
            run(
                "mix.log(mix.DEBUG, 'd') mix.log(mix.INFO, 'i') mix.log(mix.WARN, 'w')"
                    + " return mix.log(mix.ERROR, 'e')"))
        .isEqualTo("[true]");
    assertThat(host.log)
        .containsExactly(
            "DEBUG entry.lua: d", "INFO entry.lua: i", "WARN entry.lua: w", "ERROR entry.lua: e");
  }

  @Test
  void shouldPrintTablesWhenAskedTo() {
    run("print('a', 1, nil) require('utils.prettyprint') print({x = {1}}, 'text') return 1");
    assertThat(host.log)
        .containsExactly(
            "INFO entry.lua: a\t1\tnil",
            "INFO entry.lua: {\n  [\"x\"] = {\n    [1] = 1\n  }\n}\ttext");
  }

  @Test
  void shouldKnowItsConnection() {
    assertThat(run("return conn:client_id(), type(conn:client_id()), conn:remote_addr()"))
        .isEqualTo("[\"1627581697287520263\",\"string\",\"192.0.2.7:4711\"]");
    assertThat(run("return mix.socket.tcp()")).startsWith("[\"nil\",\"this server's");
    assertThat(run("return getmetatable(conn), pcall(conn.send, {}, 'x')")).contains("false,false");
  }

  @Test
  void shouldReadAndWriteTheContext() {
    assertThat(
            run(
                "return conn:set_context({uid = '1', list = {1, 2}}),"
                    + " conn:set_context_value('n', 5), conn:context_value('uid'),"
                    + " conn:context_value('none'), conn:context()"))
        .isEqualTo("[\"nil\",\"nil\",\"1\",\"nil\",{\"list\":[1,2],\"n\":5,\"uid\":\"1\"}]");
    assertThat(run("return conn:set_context_value('f', print)")).startsWith("[\"a value of this");
  }

  @Test
  void shouldSubscribeAndUnsubscribe() {
    assertThat(run("return conn:subscribe('a', 'b'), conn:unsubscribe('a')"))
        .isEqualTo("[\"nil\",\"nil\"]");
    assertThat(host.connections.values().iterator().next().channels).containsExactly("b");
    host.refusal = Optional.of("not there");
    assertThat(run("return conn:subscribe('x')")).isEqualTo("[\"not there\"]");
  }

  @Test
  void shouldSendTextAndBytes() {
    run(
        "return conn:send('t'), conn:send('\\0\\255', 'binary'), conn:send('u', 'text'),"
            + " conn:send(12), conn:send('v', 'other'), conn:send({})");
    FakeConnection connection = host.connections.values().iterator().next();
    assertThat(connection.binary).containsExactly(false, true, false, false, false);
    assertThat(connection.sentBytes.get(1)).containsExactly(0, 255);
    assertThat(connection.sent.get(4))
        .isEqualTo(
            "[\"nil\",\"nil\",\"nil\",\"nil\",\"unknown type of data: other\","
                + "\"data must be a string, not a table\"]");
  }

  @Test
  void shouldCarryAnyBytesBothWays() {
    start(WEBSOCKET_REST + "function on_message(msg) mix.websocket():send(msg.data, msg.type) end");
    FakeConnection connection = open();
    byte[] all = new byte[512];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    String text = "a\0b é 漢 😀 \\ \" \r\n";

    connection.session.onMessage(all, true);
    connection.says(text);

    assertThat(connection.sentBytes.get(0)).isEqualTo(all);
    assertThat(connection.sent.get(1)).isEqualTo(text);
    assertThat(connection.binary).containsExactly(true, false);
  }

  @Test
  void shouldSendAndPublishThroughTheMesh() {
    start(
        WEBSOCKET_REST
            + """
            function on_message(msg)
              local conn = mix.websocket()
              conn:subscribe("all")
              local err = mix.mesh.send(msg.data, "to you")
              local none = mix.mesh.send("12", "nobody")
              local s, f = mix.mesh.publish("all", "to all", "binary")
              conn:send(mix.json_encode({err or "fine", none, s, f}))
            end
            """);
    FakeConnection one = open();
    FakeConnection two = open();
    two.channels.add("all");

    one.says(two.id());

    assertThat(two.sent).containsExactly("to you", "to all");
    assertThat(one.sent).containsExactly("to all", "[\"fine\",\"no such client\",2,0]");
  }

  @Test
  void shouldPushIntoTopics() {
    assertThat(
            run(
                "local q = mix.queue.new('old', 10) return mix.queue.push('t', {a = {}}),"
                    + " mix.queue.push('t', '{\"j\": 1}'), mix.queue.push('t', 'plain'),"
                    + " mix.queue.push('t', '\\255'), q:push({b = 1}), mix.queue.push('full', {})"))
        .isEqualTo("[1,1,1,1,1,\"nil\",\"the queue is full\"]");
    assertThat(host.events)
        .containsExactly(
            new FakeHost.Event("t", "{\"a\":[]}"),
            new FakeHost.Event("t", "{\"j\": 1}"),
            new FakeHost.Event(
                "t", "{\"frame\":{\"type\":\"text\",\"data\":\"plain\",\"finish\":true}}"),
            new FakeHost.Event(
                "t", "{\"frame\":{\"type\":\"binary\",\"data\":\"/w==\",\"finish\":true}}"),
            new FakeHost.Event("old", "{\"b\":1}"));
  }

  @Test
  void shouldAskOverHttp() {
    start(
        WEBSOCKET_REST
            + """
            function on_message(msg)
              local conn = mix.websocket()
              local resp, err = mix.http.request("post", "http://auth/check?a=1", {
                query = "b=2", cookies = {sid = "s"}, body = "hi", headers = {["X-A"] = "b"},
                timeout = "1m30s", auth = {username = "me", password = "pw"}})
              conn:send(mix.json_encode({resp, err}))
              local r2, err2 = mix.http.request("GET", "http://down/", {form = "x=1", timeout = 2})
              conn:send(tostring(r2) .. " " .. err2)
              local r3, err3 = mix.http.request("GET", "http://down/", {timeout = "soon"})
              conn:send(tostring(r3) .. " " .. err3)
            end
            """);
    host.web =
        call -> {
          if (call.url().startsWith("http://down")) {
            throw new IllegalStateException("refused");
          }
          return new HttpAnswer(
              200,
              call.url(),
              List.of(Map.entry("Content-Type", "a/b"), Map.entry("Set-Cookie", "k=v; Path=/")),
              "yes".getBytes(StandardCharsets.UTF_8));
        };
    FakeConnection connection = open();

    connection.says("go");
    assertThat(connection.session.isWaiting()).isTrue();
    host.answerAll();
    host.answerAll();

    HttpCall call = host.httpCalls.get(0);
    assertThat(call.method()).isEqualTo("POST");
    assertThat(call.url()).isEqualTo("http://auth/check?a=1&b=2");
    assertThat(call.headers())
        .containsExactly(
            Map.entry("X-A", "b"),
            Map.entry("Cookie", "sid=s"),
            Map.entry("Authorization", "Basic bWU6cHc="));
    assertThat(call.body()).asString().isEqualTo("hi");
    assertThat(call.timeoutMillis()).isEqualTo(30_000);
    assertThat(host.httpCalls.get(1).timeoutMillis()).isEqualTo(2_000);
    assertThat(host.httpCalls.get(1).headers())
        .containsExactly(Map.entry("Content-Type", "application/x-www-form-urlencoded"));
    assertThat(connection.sent)
        .containsExactly(
            "[{\"body\":\"yes\",\"body_size\":3,\"cookies\":{\"k\":\"v\"},\"headers\":{\"Content-Type\":\"a/b\",\"Set-Cookie\":\"k=v;"
                + " Path=/\"},\"status_code\":200,\"url\":\"http://auth/check?a=1&b=2\"}]",
            "nil refused",
            "nil not a timeout: soon");
  }

  @Test
  void shouldSendCommandsToRedis() {
    host.redis = words -> new RedisReply.Bytes("OK".getBytes(StandardCharsets.UTF_8));
    assertThat(
            run(
                "local redis, err = mix.redis.connection() return err or redis:command('SET',"
                    + " 'k\\0\\255', 9007199254740992), redis:command('X', 1.5, ''),"
                    + " redis:command('Y', 2^62, -2^64, 1e23, 0.5),"
                    + " mix.redis.set('k', 'v', '1m30s'), mix.redis.set('k', 1, 0.5),"
                    + " mix.redis.set('k', 1, 0), mix.redis.get('k'), mix.redis.incr('k'),"
                    + " mix.redis.decr('k'), mix.redis.llen('l'), mix.redis.push('l', {a = 1}),"
                    + " (mix.redis.push('l', 'text'))"))
        .isEqualTo("[" + "\"OK\",".repeat(11) + "\"OK\"]");
    String id = host.connections.keySet().iterator().next();
    assertThat(host.commands)
        .containsExactly(
            List.of("SET", "k\0\u00ff", "9007199254740992"),
            List.of("X", "1.5", ""),
            List.of(
                "Y",
                "4611686018427387904",
                "-18446744073709551616",
                "99999999999999991611392",
                "0.5"),
            List.of("SET", "k", "v", "PX", "90000"),
            List.of("SET", "k", "1", "PX", "500"),
            List.of("SET", "k", "1"),
            List.of("GET", "k"),
            List.of("INCR", "k"),
            List.of("DECR", "k"),
            List.of("LLEN", "l"),
            List.of("PUSH", "l", id + " {\"a\":1}"),
            List.of(
                "PUSH",
                "l",
                id + " {\"frame\":{\"type\":\"text\",\"data\":\"text\",\"finish\":true}}"));
  }

  @Test
  void shouldGiveWhatRedisAnswers() {
    RedisReply text = new RedisReply.Bytes(new byte[] {0, (byte) 255});
    List<RedisReply> replies =
        List.of(
            text,
            new RedisReply.Whole(-7),
            new RedisReply.Whole(1L << 53),
            new RedisReply.Whole((1L << 53) + 1),
            new RedisReply.Whole(Long.MIN_VALUE),
            new RedisReply.Nothing(),
            new RedisReply.Fault("WRONGTYPE it is a list"),
            new RedisReply.Several(List.of()),
            new RedisReply.Several(
                List.of(
                    new RedisReply.Whole(1),
                    new RedisReply.Nothing(),
                    new RedisReply.Several(List.of(text)),
                    new RedisReply.Fault("ERR no"))));
    host.redis = words -> replies.get(Integer.parseInt(words.get(0)));
    assertThat(
            run(
                "local r = mix.redis.connection('default') local function c(n) return"
                    + " r:command(n) end local s = c(8)"
                    + " return #c(0), c(1), c(2), c(3), c(4), (c(5)), (c(6)), (select(2, c(6))),"
                    + " select('#', c(5)), c(7), #s, s[1], s[2], s[3][1] == '\\0\\255', s[4]"))
        .isEqualTo(
            "[2,-7,9007199254740992,\"9007199254740993\",\"-9223372036854775808\",\"nil\",\"nil\","
                + "\"WRONGTYPE it is a list\",1,[],4,1,false,true,{\"err\":\"ERR no\"}]");
  }

  @Test
  void shouldRefuseWhatIsNoCommand() {
    host.redis = words -> new RedisReply.Nothing();
    assertThat(run("return mix.redis.get({})"))
        .isEqualTo(
            "[\"nil\",\"what goes to Redis must be strings or numbers, and argument 2 is"
                + " neither\"]");
    assertThat(run("return mix.redis.connection():command()"))
        .isEqualTo("[\"nil\",\"a command was expected\"]");
    assertThat(run("return mix.redis.set('a', 'b', 'soon')"))
        .isEqualTo("[\"nil\",\"not a time until something expires: soon\"]");
    assertThat(run("return mix.redis.connection('other')"))
        .isEqualTo("[\"nil\",\"redis is not available\"]");
    assertThat(run("return pcall(mix.redis.connection().command, {}, 'GET')"))
        .contains("a redis was expected");
    assertThat(host.commands).isEmpty();
  }

  @Test
  void shouldHaveNothingOfTheSystem() {
    assertThat(
            run(
                "return type(io), type(os.execute), type(os.getenv), type(os.remove),"
                    + " type(package), type(java), type(jit), type(ffi), type(dofile),"
                    + " type(loadfile), type(newproxy), type(debug.sethook),"
                    + " type(debug.getregistry), type(debug.getupvalue), type(string.dump)"))
        .isEqualTo("[" + "\"nil\",".repeat(14) + "\"nil\"]");
    assertThat(run("local f, err = loadstring('\\27LJ') return f, err"))
        .isEqualTo("[\"nil\",\"only texts can be loaded\"]");
    for (String name :
        List.of("ffi", "jit", "io", "../entry", "..entry", "/etc/passwd", "a/../../b", "java")) {
      assertThat(run("return (pcall(require, '" + name + "'))")).isEqualTo("[false]");
    }
  }

  @Test
  void shouldRequireFilesOfItsDirectory() {
    write(
        "lib/rooms.lua",
        "local M = {} M.count = 0 function M.add() M.count = M.count + 1 return M.count end return"
            + " M");
    write("broken.lua", "return (");
    write("plain.lua", "loaded = (loaded or 0) + 1");
    write("one.lua", "return require('two')");
    write("two.lua", "return require('one')");
    assertThat(
            run(
                "local a, b = require('lib.rooms'), require('lib/rooms') a.add() return b.add(), a"
                    + " == b"))
        .isEqualTo("[2,true]");
    assertThat(run("return require('plain'), require('plain'), loaded")).isEqualTo("[true,true,1]");
    assertThat(run("return pcall(require, 'broken')")).contains("broken.lua:1:");
    assertThat(run("return pcall(require, 'one')")).contains("modules require each other");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "(S .. '  x y  '):match('^%s*(.-)%s*$') == S .. '  x y'",
        "select(2, (S):gsub('a-', '<%0>')) == select(2, (S:sub(1, 30)):gsub('a-', '<%0>')) + #S -"
            + " 30",
        "(S .. 'k=v;q=w'):gsub('(%w)=(%w);*.-', '%2=%1') == (S .. 'v=kw=q')",
        "(S .. '[(a)(b)]'):match('%b[].*$') == '[(a)(b)]'",
        "select(3, (S .. ' end'):find('()%s+()e.-d$')) == #S + 1",
        "(S .. ' THE (quick) fox'):find('%f[%a]%a+%f[%A].*q.-k.*') == 1",
        "(S .. 'xyxy'):match('.*(xy)%1.-$') == 'xy'",
        "#({(S .. '1,22,333'):match('(%d+),*(%d+),(%d+).-.-$')}) == 3",
        "(S):find('.-.-.-.-b$') == nil",
        "(S .. '[x-y]'):match('.*%[(.-)%-(.*)%]$') == 'x'",
        "(S .. ' 1.2-3'):match('[^]%s*+-]+ ([%d.]+)-(%d+).*.-$') == '1.2'",
        "(S .. '-]^'):match('[%]^-]+.-.-$') == '-]^'",
        "(function() local t = {} for w in (S .. ' one two'):gmatch('%s+(%w*)-*') do t[#t+1] = w"
            + " end return table.concat(t, '+') end)() == 'one+two'",
        "(S .. 'b'):gsub('a*b.-.-', {[S .. 'b'] = 'T'}) == 'T'",
        "(S .. 'b'):gsub('a*(b).-.-', function(b) return b .. b end) == 'bb'",
      })
  void shouldMatchDearPatternsAsCheapOnes(String condition) {
    // Where the pattern cannot be matched, LuaJIT's own would take hours for the longer one.
    int dear = condition.contains("-b$") ? 80 : 3_000;
    for (int length : condition.contains("sub(1, 30)") ? List.of(dear) : List.of(5, dear)) {
      assertThat(run("local S = ('a'):rep(" + length + ") return " + condition + ", 1"))
          .isEqualTo("[true,1]");
    }
  }
}
