// SPDX-License-Identifier: Apache-2.0
package io.dragoman.server.internal;

import io.dragoman.gateway.connmix.HostPattern;
import io.dragoman.security.AuthOptions;
import io.dragoman.server.internal.SettingType.InvalidValueException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** The types that settings have. */
final class SettingTypes {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration SECONDS_MAX = Duration.ofDays(3650);

  private SettingTypes() {}

  /** Reads text; an {@link IllegalArgumentException} says that it is not of the type's form. */
  private record Scalar<T>(String form, Function<String, T> reader, Function<T, String> printer)
      implements SettingType<T> {

    @Override
    public T parse(Node node, Report report) throws InvalidValueException {
      String text = text(node, form);
      try {
        return reader.apply(text);
      } catch (IllegalArgumentException e) {
        throw new InvalidValueException("\"" + text + "\" is not " + form);
      }
    }

    @Override
    public String print(T value) {
      return printer.apply(value);
    }
  }

  private record Several<T>(SettingType<T> element) implements SettingType<List<T>> {

    @Override
    public String form() {
      return "a list, each " + element.form();
    }

    @Override
    public List<T> parse(Node node, Report report) throws InvalidValueException {
      List<T> values = new ArrayList<>();
      for (Node item : items(node)) {
        values.add(element.parse(item, report));
      }
      return List.copyOf(values);
    }

    private static List<Node> items(Node node) {
      if (node instanceof SequenceNode sequence) {
        return sequence.getValue();
      }
      if (node instanceof ScalarNode scalar) {
        return Arrays.stream(scalar.getValue().split(",", -1))
            .map(String::strip)
            .filter(text -> !text.isEmpty())
            .map(text -> (Node) ConfigLoader.scalar(text))
            .toList();
      }
      return List.of(node);
    }

    @Override
    public String print(List<T> values) {
      return values.stream()
          .map(element::print)
          .map(YamlText::plain)
          .collect(Collectors.joining(", ", "[", "]"));
    }
  }

  private record Possible<T>(SettingType<T> present) implements SettingType<Optional<T>> {

    @Override
    public String form() {
      return present.form();
    }

    @Override
    public Optional<T> parse(Node node, Report report) throws InvalidValueException {
      if (node instanceof ScalarNode scalar && scalar.getValue().isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(present.parse(node, report));
    }

    @Override
    public String print(Optional<T> value) {
      return value.map(present::print).orElse("");
    }
  }

  /** The text of a single value. */
  static String text(Node node, String form) throws InvalidValueException {
    if (node instanceof ScalarNode scalar) {
      String text = scalar.getValue().strip();
      if (text.isEmpty()) {
        throw new InvalidValueException("has no value; it takes " + form);
      }
      return text;
    }
    throw new InvalidValueException("takes a single value: " + form);
  }

  static SettingType<String> text(String form) {
    return new Scalar<>(form, text -> text, text -> text);
  }

  static SettingType<Path> directory() {
    return new Scalar<>("a directory", Path::of, Path::toString);
  }

  static SettingType<Path> file() {
    return new Scalar<>("a file", Path::of, Path::toString);
  }

  static SettingType<URI> url() {
    return new Scalar<>("an http or https URL", SettingTypes::readUrl, URI::toString);
  }

  private static URI readUrl(String text) {
    URI url = URI.create(text);
    String scheme = url.getScheme();
    if (url.getHost() == null || !("http".equals(scheme) || "https".equals(scheme))) {
      throw new IllegalArgumentException(text);
    }
    return url;
  }

  /** A host, in brackets if it has colons, and a port. */
  static SettingType<String> hostAndPort() {
    return new Scalar<>(
        "a host and port, such as 10.0.0.5:6789", SettingTypes::readHostAndPort, text -> text);
  }

  static SettingType<HostPattern> hostPattern() {
    return new Scalar<>(HostPattern.FORM, HostPattern::of, HostPattern::toString);
  }

  private static String readHostAndPort(String text) {
    URI uri = URI.create("http://" + text);
    if (uri.getHost() == null || !text.equals(uri.getHost() + ":" + uri.getPort())) {
      throw new IllegalArgumentException(text);
    }
    Units.within(uri.getPort(), 1, 65535);
    return text;
  }

  /** The JOSE name of a signature type that tokens may have. */
  static SettingType<String> signatureType() {
    return new Scalar<>(
        "one of " + String.join(" ", AuthOptions.ALGORITHMS.stream().sorted().toList()),
        SettingTypes::readSignatureType,
        text -> text);
  }

  private static String readSignatureType(String text) {
    return AuthOptions.ALGORITHMS.stream()
        .filter(each -> each.equalsIgnoreCase(text))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(text));
  }

  static SettingType<Boolean> bool() {
    return new Scalar<>("true or false", SettingTypes::readBoolean, String::valueOf);
  }

  private static Boolean readBoolean(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "yes", "on", "1" -> true;
      case "false", "no", "off", "0" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  /** One of the constants of an enum, written in lower case and with hyphens. */
  static <E extends Enum<E>> SettingType<E> oneOf(Class<E> type) {
    List<String> words = Arrays.stream(type.getEnumConstants()).map(SettingTypes::word).toList();
    return new Scalar<>(
        String.join(" or ", words),
        text -> Enum.valueOf(type, text.toUpperCase(Locale.ROOT).replace('-', '_')),
        SettingTypes::word);
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static SettingType<Integer> integer(int min, int max) {
    return new Scalar<>(
        "a number from " + min + " to " + max,
        text -> (int) Units.within(Units.number(text), min, max),
        String::valueOf);
  }

  /** A number of which 0 means that there is no limit. */
  static SettingType<Long> countOrUnlimited() {
    return new Scalar<>(
        "a number, or unlimited",
        text -> Units.isUnlimited(text) ? 0L : Units.within(Units.number(text), 0, Long.MAX_VALUE),
        SettingTypes::printUnlimited);
  }

  /** Bytes. */
  static SettingType<Long> size(long min, long max) {
    return new Scalar<>(
        "a size from " + Units.printSize(min) + " to " + Units.printSize(max) + ", such as 64MiB",
        text -> Units.within(Units.size(text), min, max),
        Units::printSize);
  }

  /** Bytes, of which 0 means that there is no limit. */
  static SettingType<Long> sizeOrUnlimited() {
    return new Scalar<>(
        "a size such as 64MiB or 10GiB, or unlimited",
        text -> Units.isUnlimited(text) ? 0L : Units.size(text),
        bytes -> bytes == 0 ? "unlimited" : Units.printSize(bytes));
  }

  private static String printUnlimited(long value) {
    return value == 0 ? "unlimited" : Long.toString(value);
  }

  static SettingType<Duration> duration(Duration min, Duration max) {
    return new Scalar<>(
        "a duration from "
            + Units.printDuration(min)
            + " to "
            + Units.printDuration(max)
            + ", such as 500ms, 10s or 7d",
        text -> Units.within(Units.duration(text), min, max),
        Units::printDuration);
  }

  /** At least a second, without fractions, as dialects that count in seconds need it. */
  static SettingType<Duration> seconds() {
    return new Scalar<>(
        "a duration in whole seconds, such as 30s or 12h",
        text -> {
          Duration value = Units.within(Units.duration(text), SECOND, SECONDS_MAX);
          if (!value.equals(Duration.ofSeconds(value.toSeconds()))) {
            throw new IllegalArgumentException(text);
          }
          return value;
        },
        Units::printDuration);
  }

  /** A duration of which 0 means that there is no limit. */
  static SettingType<Duration> durationOrUnlimited() {
    return new Scalar<>(
        "a duration such as 12h or 7d, or unlimited",
        text -> Units.isUnlimited(text) ? Duration.ZERO : Units.duration(text),
        value -> value.isZero() ? "unlimited" : Units.printDuration(value));
  }

  /** A TCP port; empty when the listener is off. */
  static SettingType<OptionalInt> port() {
    return new Scalar<>(
        "a port: a number from 0 (any free port) to 65535, or off",
        SettingTypes::readPort,
        port -> port.isPresent() ? Integer.toString(port.getAsInt()) : "off");
  }

  private static OptionalInt readPort(String text) {
    if (text.equalsIgnoreCase("off")) {
      return OptionalInt.empty();
    }
    return OptionalInt.of((int) Units.within(Units.number(text), 0, 65535));
  }

  static <T> SettingType<List<T>> listOf(SettingType<T> element) {
    return new Several<>(element);
  }

  static <T> SettingType<Optional<T>> optional(SettingType<T> present) {
    return new Possible<>(present);
  }
}
