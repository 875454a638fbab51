// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.connmix;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * Addresses that clients come from: {@code *} for all, {@code localhost} for both loopback
 * addresses, an IPv4 address with {@code *} for any of its numbers ({@code 172.16.*.*}), or an IPv6
 * address. Immutable.
 */
public final class HostPattern {
  /** What may be written. */
  public static final String FORM =
      "an address, of which * may stand for each number (172.16.*.*), localhost, or * for all";

  /** Every address. */
  public static final HostPattern ALL = new HostPattern("*", new String[0]);

  private static final String ANY = "*";
  private static final String LOOPBACK = "localhost";
  private static final Pattern NUMBERS =
      Pattern.compile("(\\*|\\d{1,3})\\.(\\*|\\d{1,3})\\.(\\*|\\d{1,3})\\.(\\*|\\d{1,3})");
  private static final Pattern SIX = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
  private static final int NUMBER_MAX = 255;

  private final String text;

  /** The four numbers of an IPv4 address, or {@code *}; empty for other patterns. */
  private final String[] numbers;

  private HostPattern(String text, String[] numbers) {
    this.text = text;
    this.numbers = numbers;
  }

  /**
   * Reads a pattern.
   *
   * @throws IllegalArgumentException if it is of no such form
   */
  public static HostPattern of(String text) {
    if (text.equals(ANY)) {
      return ALL;
    }
    if (text.equalsIgnoreCase(LOOPBACK)) {
      return new HostPattern(LOOPBACK, new String[0]);
    }
    if (NUMBERS.matcher(text).matches()) {
      String[] numbers = text.split("\\.", -1);
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = number(numbers[i], text);
      }
      return new HostPattern(String.join(".", numbers), numbers);
    }
    if (SIX.matcher(text).matches()) {
      try {
        // An address written out: no name service is asked.
        return new HostPattern(InetAddress.getByName(text).getHostAddress(), new String[0]);
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException("\"" + text + "\" is not " + FORM, e);
      }
    }
    throw new IllegalArgumentException("\"" + text + "\" is not " + FORM);
  }

  private static String number(String text, String whole) {
    if (text.equals(ANY)) {
      return text;
    }
    int value = Integer.parseInt(text);
    if (value > NUMBER_MAX) {
      throw new IllegalArgumentException("\"" + whole + "\" is not " + FORM);
    }
    return Integer.toString(value);
  }

  /** Whether this address is meant. */
  public boolean matches(InetAddress address) {
    if (text.equals(ANY)) {
      return true;
    }
    if (text.equals(LOOPBACK)) {
      return address.isLoopbackAddress();
    }
    String shown = address.getHostAddress();
    int zone = shown.indexOf('%');
    shown = zone < 0 ? shown : shown.substring(0, zone);
    return numbers.length == 0 ? shown.equals(text) : matchesNumbers(shown);
  }

  private boolean matchesNumbers(String address) {
    String[] others = address.split("\\.", -1);
    if (others.length != numbers.length) {
      return false;
    }
    for (int i = 0; i < numbers.length; i++) {
      if (!numbers[i].equals(ANY) && !numbers[i].equals(others[i])) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HostPattern pattern && text.equals(pattern.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** As it is written. */
  @Override
  public String toString() {
    return text;
  }
}
