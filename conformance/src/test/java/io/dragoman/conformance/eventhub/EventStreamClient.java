// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.eventhub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** An event stream, read by a thread of its own, block by block as they come. */
final class EventStreamClient implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  /** What {@link #block} gives when the stream has ended. */
  static final String END = "the stream has ended";

  /** An event as the rules of event streams read it. */
  record Event(String id, String type, String data) {}

  private final HttpResponse<InputStream> response;
  private final BlockingQueue<String> blocks = new LinkedBlockingQueue<>();

  private EventStreamClient(HttpResponse<InputStream> response) {
    this.response = response;
    Thread reader = new Thread(this::read, "event-stream-reader");
    reader.setDaemon(true);
    reader.start();
  }

  /**
   * Opens a stream, which must succeed, and takes the comment with which it begins.
   *
   * @param headers names and values in turn
   */
  static EventStreamClient open(HttpClient http, URI uri, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).timeout(DEADLINE).header("Accept", "text/event-stream");
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    try {
      HttpResponse<InputStream> response = http.send(request.build(), BodyHandlers.ofInputStream());
      assertThat(response.statusCode()).as("%s", uri).isEqualTo(200);
      EventStreamClient client = new EventStreamClient(response);
      assertThat(client.block()).isEqualTo(":ok");
      return client;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private void read() {
    // Lines end with LF alone: a CR would be part of what is read, and fail the comparison.
    try (BufferedReader in = new BufferedReader(new InputStreamReader(response.body(), UTF_8))) {
      StringBuilder block = new StringBuilder();
      for (int c = in.read(); c >= 0; c = in.read()) {
        block.append((char) c);
        int length = block.length();
        if (length >= 2 && block.charAt(length - 1) == '\n' && block.charAt(length - 2) == '\n') {
          blocks.add(block.substring(0, length - 2));
          block.setLength(0);
        }
      }
    } catch (IOException e) {
      // closed by this client, or cut
    } finally {
      blocks.add(END);
    }
  }

  String header(String name) {
    return response.headers().firstValue(name).orElse("");
  }

  /** The next block as it was sent, without the empty line behind it. */
  String block() {
    try {
      String block = blocks.poll(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
      assertThat(block).as("a block within %s", DEADLINE).isNotNull();
      return String.valueOf(block);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** The next event; comments before it, and what is said of history, are skipped. */
  Event event() {
    String block = block();
    while (block.startsWith(":") || block.startsWith("event: recovered\n")) {
      block = block();
    }
    String id = "";
    String type = "message";
    List<String> data = new ArrayList<>();
    for (String line : block.split("\n", -1)) {
      int colon = line.indexOf(": ");
      assertThat(colon).as("line <%s> of <%s>", line, block).isPositive();
      String value = line.substring(colon + 2);
      switch (line.substring(0, colon)) {
        case "id" -> id = value;
        case "event" -> type = value;
        case "data" -> data.add(value);
        default -> throw new AssertionError("line <" + line + "> of <" + block + ">");
      }
    }
    return new Event(id, type, String.join("\n", data));
  }

  /** The data of the next so many events. */
  List<String> data(int count) {
    List<String> data = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      data.add(event().data());
    }
    return data;
  }

  @Override
  public void close() {
    try {
      response.body().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
