// SPDX-License-Identifier: Apache-2.0
package io.dragoman.core;

import java.util.Map;
import java.util.Objects;

/**
 * What a client sent, whatever the dialect and kind: immutable, and safe to share between threads.
 *
 * <p>The body is bytes from socket to disk to socket. To spare a copy the array is handed over and
 * handed out as it is: nobody may change it after {@link Builder#body}.
 */
public final class Message {
  private static final byte[] NO_BODY = new byte[0];

  private final String id;
  private final String channel;
  private final String clientId;
  private final String metadata;
  private final byte[] body;
  private final Map<String, String> tags;
  private final boolean alsoInLog;
  private final boolean alsoPushed;

  private Message(Builder builder) {
    this.id = builder.id;
    this.channel = builder.channel;
    this.clientId = builder.clientId;
    this.metadata = builder.metadata;
    this.body = builder.body;
    this.tags = builder.tags;
    this.alsoInLog = builder.alsoInLog;
    this.alsoPushed = builder.alsoPushed;
  }

  /** The sender's id for this message, or one of ours. Never empty once stored. */
  public String id() {
    return id;
  }

  public String channel() {
    return channel;
  }

  /** Who sent it, as that client calls itself; empty when unknown. */
  public String clientId() {
    return clientId;
  }

  public String metadata() {
    return metadata;
  }

  /** The body. Not a copy: do not change it. */
  public byte[] body() {
    return body;
  }

  /** Tags in the order they were sent; unmodifiable. */
  public Map<String, String> tags() {
    return tags;
  }

  /**
   * Whether an event is in the log of its channel's name, too: passed on from there, or sent to
   * both in one step. Who hears that log as well leaves such an event out.
   */
  public boolean alsoInLog() {
    return alsoInLog;
  }

  /**
   * Whether an event was pushed to the connections of its channel already, which therefore leave it
   * out.
   */
  public boolean alsoPushed() {
    return alsoPushed;
  }

  /** Bytes this message takes in buffers and windows, roughly: its parts and a constant. */
  public int weight() {
    int bytes = 200 + body.length + metadata.length() + channel.length() + id.length();
    for (Map.Entry<String, String> tag : tags.entrySet()) {
      bytes += 64 + tag.getKey().length() + tag.getValue().length();
    }
    return bytes;
  }

  /** A builder that starts with everything this message has. */
  public Builder toBuilder() {
    return new Builder()
        .id(id)
        .channel(channel)
        .clientId(clientId)
        .metadata(metadata)
        .body(body)
        .tags(tags)
        .alsoInLog(alsoInLog)
        .alsoPushed(alsoPushed);
  }

  public static Builder builder() {
    return new Builder();
  }

  @Override
  public String toString() {
    return "Message[" + id + " on " + channel + ", " + body.length + " bytes]";
  }

  /** Collects the parts of a message; all are empty unless set. Not thread-safe. */
  public static final class Builder {
    private String id = "";
    private String channel = "";
    private String clientId = "";
    private String metadata = "";
    private byte[] body = NO_BODY;
    private Map<String, String> tags = Map.of();
    private boolean alsoInLog;
    private boolean alsoPushed;

    private Builder() {}

    public Builder id(String id) {
      this.id = Objects.requireNonNull(id);
      return this;
    }

    public Builder channel(String channel) {
      this.channel = Objects.requireNonNull(channel);
      return this;
    }

    public Builder clientId(String clientId) {
      this.clientId = Objects.requireNonNull(clientId);
      return this;
    }

    public Builder metadata(String metadata) {
      this.metadata = Objects.requireNonNull(metadata);
      return this;
    }

    /** Takes the array over: the caller must not change it any more. */
    public Builder body(byte[] body) {
      this.body = Objects.requireNonNull(body);
      return this;
    }

    /** Takes the map over: the caller must not change it any more. */
    public Builder tags(Map<String, String> tags) {
      this.tags = Objects.requireNonNull(tags);
      return this;
    }

    /** The core's to say; what senders make is not. */
    public Builder alsoInLog(boolean alsoInLog) {
      this.alsoInLog = alsoInLog;
      return this;
    }

    /** The core's to say; what senders make is not. */
    public Builder alsoPushed(boolean alsoPushed) {
      this.alsoPushed = alsoPushed;
      return this;
    }

    public Message build() {
      return new Message(this);
    }
  }
}
