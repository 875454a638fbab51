// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The protocol's messages as KubeMQ's REST interface writes them: names as in the protocol, values
 * that are not set left out, bytes in base64, enumerations and 64-bit integers as numbers
 * (kubemq.md §1.1).
 */
final class ProtoJson {
  private ProtoJson() {}

  static String text(Message message) {
    return Json.compact(map(message));
  }

  private static Map<String, Object> map(Message message) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (field.isMapField()) {
        Map<String, Object> entries = new LinkedHashMap<>();
        for (Object element : (List<?>) message.getField(field)) {
          MapEntry<?, ?> entry = (MapEntry<?, ?>) element;
          entries.put(String.valueOf(entry.getKey()), String.valueOf(entry.getValue()));
        }
        if (!entries.isEmpty()) {
          map.put(field.getName(), entries);
        }
      } else if (field.isRepeated()) {
        List<Object> elements = new ArrayList<>();
        ((List<?>) message.getField(field)).forEach(element -> elements.add(json(element)));
        if (!elements.isEmpty()) {
          map.put(field.getName(), elements);
        }
      } else if (isSet(message, field)) {
        map.put(field.getName(), json(message.getField(field)));
      }
    }
    return map;
  }

  private static boolean isSet(Message message, FieldDescriptor field) {
    return field.getJavaType() == JavaType.MESSAGE
        ? message.hasField(field)
        : !message.getField(field).equals(field.getDefaultValue());
  }

  private static Object json(Object value) {
    if (value instanceof Message message) {
      return map(message);
    }
    if (value instanceof ByteString bytes) {
      return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
    return value instanceof EnumValueDescriptor number ? number.getNumber() : value;
  }

  /**
   * Reads an object; names that the message does not have are passed over.
   *
   * @throws CliException when a value has another type
   */
  @SuppressWarnings("unchecked") // The type of a builder's message is that of its prototype.
  static <M extends Message> M read(Map<?, ?> json, M prototype) {
    Message.Builder builder = prototype.newBuilderForType();
    for (Map.Entry<?, ?> entry : json.entrySet()) {
      FieldDescriptor field =
          prototype.getDescriptorForType().findFieldByName(String.valueOf(entry.getKey()));
      if (field != null && entry.getValue() != null) {
        try {
          set(builder, field, entry.getValue());
        } catch (IllegalArgumentException | ClassCastException e) {
          throw CliException.failed(
              "the broker's answer has an unexpected value for " + field.getName());
        }
      }
    }
    return (M) builder.build();
  }

  private static void set(Message.Builder builder, FieldDescriptor field, Object value) {
    if (field.isMapField()) {
      FieldDescriptor name = field.getMessageType().findFieldByNumber(1);
      FieldDescriptor content = field.getMessageType().findFieldByNumber(2);
      ((Map<?, ?>) value)
          .forEach(
              (key, text) ->
                  builder.addRepeatedField(
                      field,
                      builder
                          .newBuilderForField(field)
                          .setField(name, key)
                          .setField(content, text)
                          .build()));
    } else if (field.isRepeated()) {
      for (Object element : (List<?>) value) {
        builder.addRepeatedField(field, read(builder, field, element));
      }
    } else {
      builder.setField(field, read(builder, field, value));
    }
  }

  private static Object read(Message.Builder builder, FieldDescriptor field, Object value) {
    return switch (field.getJavaType()) {
      case INT -> ((Number) value).intValue();
      case LONG -> ((Number) value).longValue();
      case BYTE_STRING -> ByteString.copyFrom(Base64.getDecoder().decode((String) value));
      case ENUM ->
          field.getEnumType().findValueByNumberCreatingIfUnknown(((Number) value).intValue());
      case MESSAGE ->
          read((Map<?, ?>) value, builder.newBuilderForField(field).getDefaultInstanceForType());
      default -> value;
    };
  }
}
