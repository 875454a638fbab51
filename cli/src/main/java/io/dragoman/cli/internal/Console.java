// SPDX-License-Identifier: Apache-2.0
package io.dragoman.cli.internal;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a command reads and writes: streams, environment, and which of the streams are terminals.
 * Output is UTF-8 whatever the locale says, since bodies are bytes. Writing is safe from any
 * thread.
 */
public final class Console {
  /** Set by the start script: a digit for each standard stream that is a terminal, as in "02". */
  private static final String TERMINALS_PROPERTY = "dragoman.terminals";

  /** The JVM tells EPIPE by the system's words for it alone; other failures are no closed pipe. */
  private static final String CLOSED_PIPE = "Broken pipe";

  private static final int BUFFER_BYTES = 1 << 15;

  private final InputStream in;
  private final OutputStream out;
  private final PrintWriter outWriter;
  private final PrintWriter err;
  private final Map<String, String> environment;
  private final String terminals;
  private @Nullable RuntimeException broken;

  /**
   * Streams of a test or of the process.
   *
   * @param terminals the digits 0, 1, 2 of those standard streams that are terminals
   */
  public Console(
      InputStream in,
      OutputStream out,
      OutputStream err,
      Map<String, String> environment,
      String terminals) {
    this.in = in;
    this.out = new BufferedOutputStream(out, BUFFER_BYTES);
    this.outWriter = new PrintWriter(new OutputStreamWriter(new Guarded(), StandardCharsets.UTF_8));
    this.err = new PrintWriter(new OutputStreamWriter(err, StandardCharsets.UTF_8), true);
    this.environment = environment;
    this.terminals = terminals;
  }

  /** The streams of this process. */
  public static Console ofProcess() {
    return new Console(
        System.in,
        new FileOutputStream(FileDescriptor.out),
        new FileOutputStream(FileDescriptor.err),
        System.getenv(),
        System.getProperty(TERMINALS_PROPERTY, ""));
  }

  /** Where the texts of the command line parser go: help and version. */
  public PrintWriter outWriter() {
    return outWriter;
  }

  /** For notes, progress and errors. */
  public PrintWriter err() {
    return err;
  }

  public InputStream in() {
    return in;
  }

  public void print(String text) {
    write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes and makes visible. */
  public void println(String text) {
    synchronized (this) {
      print(text);
      print("\n");
    }
  }

  /**
   * Writes bytes as they are.
   *
   * @throws OutputClosedException when nobody reads any more
   * @throws CliException when they cannot be written
   */
  public synchronized void write(byte[] bytes) {
    checkWhole();
    try {
      out.write(bytes);
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /**
   * Makes what was written visible.
   *
   * @throws OutputClosedException when nobody reads any more
   * @throws CliException when it cannot be written
   */
  public synchronized void flush() {
    checkWhole();
    outWriter.flush();
    try {
      out.flush();
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** Whether output was lost; every later {@link #flush} says why. */
  public synchronized boolean isBroken() {
    return broken != null;
  }

  /**
   * What could not be written once is missing from then on: nothing may follow it, and no later
   * call may pass for success.
   */
  private void checkWhole() {
    if (broken != null) {
      throw broken;
    }
  }

  private RuntimeException broken(IOException e) {
    String reason = String.valueOf(e.getMessage());
    broken =
        reason.contains(CLOSED_PIPE)
            ? new OutputClosedException(e)
            : CliException.failed("standard output: " + reason);
    return broken;
  }

  public boolean inIsTerminal() {
    return terminals.contains("0");
  }

  public boolean outIsTerminal() {
    return terminals.contains("1");
  }

  public boolean errIsTerminal() {
    return terminals.contains("2");
  }

  /** Whether output may have colours: on a terminal only, and never when the user asked not to. */
  public boolean colours() {
    return outIsTerminal()
        && environment("NO_COLOR").isEmpty()
        && !environment("TERM").equals("dumb");
  }

  /** A variable of the environment; empty when it is not set. */
  public String environment(String name) {
    return environment.getOrDefault(name, "");
  }

  /** Passes the parser's texts on through our own error handling. */
  private final class Guarded extends OutputStream {
    @Override
    public void write(int value) {
      Console.this.write(new byte[] {(byte) value});
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      byte[] part = new byte[length];
      System.arraycopy(bytes, offset, part, 0, length);
      Console.this.write(part);
    }
  }
}
