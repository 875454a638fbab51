// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli;

import com.google.protobuf.ByteString;
import io.dragoman.cli.internal.CliException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The lines of an input, each a body to be sent, whatever bytes they are of. A line ends with a
 * line feed, or a carriage return and a line feed, which do not belong to it; the last one also
 * with the input. For one thread.
 */
final class InputLines implements Iterator<ByteString> {
  private final InputStream in;
  private final SendArguments body;
  private int next;
  private boolean begun;

  /**
   * @param body says how a line is read
   */
  InputLines(InputStream in, SendArguments body) {
    this.in = new BufferedInputStream(in, 1 << 16);
    this.body = body;
  }

  /** Waits until it is known whether there is another line. */
  @Override
  public boolean hasNext() {
    if (!begun) {
      advance();
      begun = true;
    }
    return next >= 0;
  }

  /** Whether more of the input can be read without waiting. */
  boolean isReady() {
    try {
      return in.available() > 0;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /**
   * The next line, without its end.
   *
   * @throws CliException if it cannot be read, or is too long
   */
  @Override
  public ByteString next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    ByteString.Output line = ByteString.newOutput();
    boolean carriageReturn = false;
    while (next >= 0 && next != '\n') {
      if (carriageReturn) {
        line.write('\r');
      }
      carriageReturn = next == '\r';
      if (!carriageReturn) {
        line.write(next);
      }
      if (line.size() > SendArguments.BODY_BYTES_MAX) {
        throw CliException.usage("a line has at most 100 MiB");
      }
      advance();
    }
    if (carriageReturn && next < 0) {
      line.write('\r');
    }
    begun = false;
    return body.ofLine(line.toByteString());
  }

  private void advance() {
    try {
      next = in.read();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private static CliException failed(IOException e) {
    return CliException.failed("standard input: " + e.getMessage());
  }
}
