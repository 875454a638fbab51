// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.eventhub.internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.dragoman.json.JsonFrames;
import io.dragoman.json.JsonText;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one request from a frame, straight from the bytes that arrived (spec: eventhub §2). The
 * frame is known to be UTF-8. The last of several members of one name counts.
 */
final class RpcInput {
  /** Every event of a subscription carries the id of its request. */
  private static final int ID_BYTES_MAX = 1024;

  /** The members that mean something to a method; others are not kept. */
  private static final Set<String> MEMBERS =
      Set.of(
          "topic", "message", "timestamp", "ttl", "since", "sinceEventId", "limit", "key", "value");

  private static final int LIST_LENGTH_MAX = 10_000;
  private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE);
  private static final BigInteger LONG_MIN = BigInteger.valueOf(Long.MIN_VALUE);

  private final JsonParser parser;
  private @Nullable RequestId id;
  private @Nullable String method;
  private @Nullable Params params = Params.NONE;
  private boolean version;

  private RpcInput(JsonParser parser) {
    this.parser = parser;
  }

  /** Reads a request. */
  static RpcRequest read(ByteBuf frame) throws InvalidRequestException {
    try (JsonParser parser = JsonFrames.open(frame)) {
      return new RpcInput(parser).document(frame.readableBytes());
    } catch (InvalidRequestException e) {
      throw e;
    } catch (IOException e) {
      throw invalid();
    }
  }

  private RpcRequest document(int bytes) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw invalid();
    }
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      JsonToken token = parser.nextToken();
      switch (name) {
        case "id" -> id = readId(token);
        case "jsonrpc" ->
            version = token == JsonToken.VALUE_STRING && parser.getText().equals("2.0");
        case "method" -> method = token == JsonToken.VALUE_STRING ? text() : null;
        case "params" -> params = readParams(token);
        default -> {}
      }
      if (token.isStructStart() && parser.currentToken().isStructStart()) {
        parser.skipChildren();
      }
    }
    if (parser.nextToken() != null) {
      throw invalid();
    }
    RequestId read = id;
    String called = method;
    Params given = params;
    if (read == null || called == null || called.isEmpty() || given == null || !version) {
      throw invalid();
    }
    return new RpcRequest(read, called, given, bytes);
  }

  /** Null when it is of another type, or so long that events should not carry it. */
  private @Nullable RequestId readId(JsonToken token) throws IOException {
    if (token == JsonToken.VALUE_NULL) {
      return RequestId.NULL;
    }
    byte[] json;
    if (token == JsonToken.VALUE_STRING) {
      json = JsonText.quoted(text());
    } else if (token == JsonToken.VALUE_NUMBER_INT) {
      json = parser.getText().getBytes(StandardCharsets.US_ASCII);
    } else {
      return null;
    }
    return json.length <= ID_BYTES_MAX ? new RequestId(json) : null;
  }

  /** Null when they are neither an object nor an array. */
  private @Nullable Params readParams(JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> new Params(named(), null);
      case START_ARRAY -> new Params(Map.of(), list());
      default -> null;
    };
  }

  private Map<String, Object> named() throws IOException {
    Map<String, Object> values = new HashMap<>();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      JsonToken token = parser.nextToken();
      if (MEMBERS.contains(name)) {
        values.put(name, value(token));
      } else {
        parser.skipChildren();
      }
    }
    return values;
  }

  /** Nothing but texts means anything in a list. */
  private List<String> list() throws IOException {
    List<String> values = new ArrayList<>();
    for (JsonToken next = parser.nextToken();
        next != JsonToken.END_ARRAY;
        next = parser.nextToken()) {
      if (next != JsonToken.VALUE_STRING) {
        parser.skipChildren();
      } else if (values.size() < LIST_LENGTH_MAX) {
        values.add(text());
      } else {
        throw invalid();
      }
    }
    return values;
  }

  private Object value(JsonToken token) throws IOException {
    return switch (token) {
      case VALUE_STRING -> text();
      case VALUE_NUMBER_INT -> parser.getBigIntegerValue().min(LONG_MAX).max(LONG_MIN).longValue();
      case VALUE_NUMBER_FLOAT -> (long) parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> {
        parser.skipChildren();
        yield Params.OTHER;
      }
    };
  }

  /** A text; one with half a surrogate pair is none, since no UTF-8 can hold it. */
  private String text() throws IOException {
    String text = parser.getText();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        if (i + 1 == text.length() || !Character.isSurrogatePair(c, text.charAt(i + 1))) {
          throw invalid();
        }
        i++;
      }
    }
    return text;
  }

  private static InvalidRequestException invalid() {
    return new InvalidRequestException();
  }
}
