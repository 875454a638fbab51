// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON texts to and from maps, lists, texts, numbers and booleans. */
public final class Json {
  private static final JsonFactory FACTORY = new JsonFactory();

  private Json() {}

  /**
   * Reads a text. Whole numbers become Long or BigInteger, others Double.
   *
   * @throws CliException when it is not JSON
   */
  public static @Nullable Object parse(String text) {
    try (JsonParser parser = FACTORY.createParser(text)) {
      parser.nextToken();
      return value(parser);
    } catch (IOException e) {
      throw CliException.failed("not JSON: " + abbreviated(text));
    }
  }

  /**
   * Reads a text that must be an object.
   *
   * @throws CliException when it is not
   */
  public static Fields parseObject(String text) {
    if (parse(text) instanceof Map<?, ?> map) {
      return Fields.of(map);
    }
    throw CliException.failed("not a JSON object: " + abbreviated(text));
  }

  private static String abbreviated(String text) {
    return text.length() <= 200 ? text : text.substring(0, 200) + "…";
  }

  private static @Nullable Object value(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == null) {
      throw new IOException("no value");
    }
    return switch (token) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? parser.getBigIntegerValue()
              : (Object) parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw new IOException("unexpected " + token);
    };
  }

  private static Map<String, @Nullable Object> object(JsonParser parser) throws IOException {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      map.put(name, value(parser));
    }
    return map;
  }

  private static List<@Nullable Object> array(JsonParser parser) throws IOException {
    List<@Nullable Object> list = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      list.add(value(parser));
    }
    return list;
  }

  /** On one line. */
  public static String compact(@Nullable Object value) {
    return text(value, false);
  }

  /** Indented by two blanks. */
  public static String pretty(@Nullable Object value) {
    return text(value, true);
  }

  private static String text(@Nullable Object value, boolean pretty) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(text)) {
      if (pretty) {
        DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
        generator.setPrettyPrinter(
            new ColonPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter));
      }
      write(generator, value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Printable.json(text.toString());
  }

  /** {@code "name": value}, and empty lists and objects without a blank. */
  private static final class ColonPrinter extends DefaultPrettyPrinter {
    private static final long serialVersionUID = 1L;

    ColonPrinter() {}

    private ColonPrinter(ColonPrinter base) {
      super(base);
    }

    @Override
    public DefaultPrettyPrinter createInstance() {
      return new ColonPrinter(this);
    }

    @Override
    public DefaultPrettyPrinter withObjectIndenter(Indenter indenter) {
      _objectIndenter = indenter;
      return this;
    }

    @Override
    public DefaultPrettyPrinter withArrayIndenter(Indenter indenter) {
      _arrayIndenter = indenter;
      return this;
    }

    @Override
    public void writeObjectFieldValueSeparator(JsonGenerator generator) throws IOException {
      generator.writeRaw(": ");
    }

    @Override
    public void writeEndArray(JsonGenerator generator, int size) throws IOException {
      if (size == 0) {
        _nesting--;
        generator.writeRaw(']');
      } else {
        super.writeEndArray(generator, size);
      }
    }

    @Override
    public void writeEndObject(JsonGenerator generator, int size) throws IOException {
      if (size == 0) {
        _nesting--;
        generator.writeRaw('}');
      } else {
        super.writeEndObject(generator, size);
      }
    }
  }

  private static void write(JsonGenerator generator, @Nullable Object value) throws IOException {
    if (value == null) {
      generator.writeNull();
    } else if (value instanceof Fields fields) {
      writeObject(generator, fields.values());
    } else if (value instanceof Map<?, ?> map) {
      writeObject(generator, map);
    } else if (value instanceof Iterable<?> list) {
      generator.writeStartArray();
      for (Object element : list) {
        write(generator, element);
      }
      generator.writeEndArray();
    } else if (value instanceof Boolean flag) {
      generator.writeBoolean(flag);
    } else if (value instanceof Double number) {
      generator.writeNumber(number);
    } else if (value instanceof Number number) {
      generator.writeNumber(number.toString());
    } else if (value instanceof Instant time) {
      generator.writeString(Times.json(time));
    } else {
      generator.writeString(value.toString());
    }
  }

  private static void writeObject(JsonGenerator generator, Map<?, ?> map) throws IOException {
    generator.writeStartObject();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      String name = String.valueOf(entry.getKey());
      if (entry.getValue() instanceof Body body) {
        String text = body.text().orElse(null);
        generator.writeStringField(
            text == null ? name + "Base64" : name, text == null ? body.base64() : text);
      } else {
        generator.writeFieldName(name);
        write(generator, entry.getValue());
      }
    }
    generator.writeEndObject();
  }
}
