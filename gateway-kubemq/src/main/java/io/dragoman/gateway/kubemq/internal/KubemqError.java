// SPDX-License-Identifier: Apache-2.0
package io.dragoman.gateway.kubemq.internal;

/**
 * The dialect's numbered errors with their exact texts, including the spelling mistakes and
 * trailing blanks that clients compare against, and few of our own without a number. The numbers
 * not listed are not in use.
 */
enum KubemqError {
  CLIENT_ID_EMPTY(101, "invalid clientID value, cannot be empty"),
  CHANNEL_EMPTY(102, "invalid channel value, cannot be empty"),
  INVALID_CAST(104, "invalid object casting"),
  UNMARSHAL_UNKNOWN_TYPE(105, "error on unmarshal of unknown type"),
  MARSHAL_UNKNOWN_TYPE(106, "error on marshal of unknown type"),
  CHANNEL_WILDCARD(107, "invalid channel value, no wildcards are allowed"),
  CHANNEL_WHITE_SPACE(108, "invalid channel value, no white spaces are allowed"),
  TIMEOUT_NOT_POSITIVE(109, "invalid set timeout value, cannot be 0 or negative"),
  MESSAGE_EMPTY(110, "invalid message, cannot be empty"),
  START_UNDEFINED(111, "invalid subscription type, cannot be undefined or 0"),
  START_SEQUENCE_NOT_POSITIVE(
      112, "invalid subscription type start at sequence value, cannot by 0 or negative"),
  START_TIME_NOT_POSITIVE(
      113, "invalid subscription type start at time value, cannot by 0 or negative"),
  START_DELTA_NOT_POSITIVE(
      114, "invalid subscription type start at time delta value, cannot by 0 or negative"),
  REQUEST_EMPTY(115, "invalid request, cannot be empty"),
  CACHE_TTL_NOT_POSITIVE(116, "invalid cache ttl value, cannot be 0 or negative"),
  REQUEST_ID_EMPTY(117, "invalid request id, cannot be empty"),
  START_WITHOUT_EVENTS_STORE(
      118, "event store parameters were set but subscribe type is not event store"),
  CHANNEL_ENDS_WITH_DOT(119, "invalid channel value, cannot end with `.`"),
  QUEUE_NAME(
      120,
      "invalid queue name value, cannot be empty, contains wildcards ,white spaces and end with"
          + " dot"),
  QUEUE_SUBSCRIBE_FAILED(121, "cannot subscribe to a queue"),
  MAX_MESSAGES(122, "max messages should be between 1 and max message setting in kubemq config  "),
  ACK_FAILED(123, "cannot ack the current message"),
  NOTHING_TO_ACK(124, "no active message to ack"),
  ACK_SEQUENCE(125, "ack sequence cannot be 0 or negative"),
  NOTHING_TO_SEND(126, "no active message to send"),
  VISIBILITY(127, "invalid visibility time, cannot be negative or exceed setting in kubemq config"),
  ALREADY_RECEIVING(128, "subscription to queue is already active"),
  VISIBILITY_EXPIRED(129, "current visibility timer expired"),
  QUEUE_SEND_FAILED(130, "error during send message to queue"),
  NO_QUEUE_MESSAGE(131, "invalid queue message"),
  STREAM_REQUEST_TYPE(132, "invalid stream queue messages request type"),
  EXPIRATION(
      133, "invalid expiration seconds, exceed max expiration seconds setting in kubemq config"),
  RECEIVE_COUNT(
      134,
      "invalid max received count, cannot be negative or exceed max receive count setting in kubemq"
          + " config"),
  DELAY(135, "invalid delay seconds, exceed max delay seconds setting in kubemq config"),
  WAIT_TIME(
      136,
      "invalid wait timeout, value cannot be negative or exceed max wait timeout seconds setting in"
          + " kubemq config"),
  NOTHING_TO_REJECT(137, "no active message to reject"),
  NO_NEW_MESSAGE(138, "no new message in queue, wait time expired"),
  SERVER_RECOVERED(200, "server crushed and recovered"),
  TLS_KEYS(201, "error on loading TLS keys"),
  MARSHAL(202, "marshal object error"),
  WEB_SOCKET_WRITE(203, "error on write to web-socket"),
  WEB_SOCKET_DATA_TYPE(204, "invalid web-socket data type received, must be 1"),
  CLOSED_BY_SERVER(205, "connection was closed by server"),
  REQUEST_TYPE(206, "invalid request type"),
  SUBSCRIBE_TYPE(207, "invalid subscribe type"),
  REQUEST_TIMEOUT(301, "timeout for request message"),
  CONNECTION_NOT_AVAILABLE(302, "connection not available, please retry"),
  RESPONSE_FORMAT(303, "invalid response format"),
  TRANSPORT_OBJECT(304, "invalid transport object"),
  KIND(305, "invalid kind, should be events, events_store, commands or pb.Subscribe_Queries"),
  BODY_SIZE(306, "invalid msg body size length, cannot by negative"),
  PERSISTENCE_NOT_READY(402, "server persistence server is not ready"),
  SERVER_NOT_READY(405, "server server is not ready"),
  SERVICE_LOADING(406, "error on loading service"),
  SHUTTING_DOWN(409, "server is in shutdown mode"),
  ACCESS_DENIED(412, "access denied to resource"),
  NO_AUTHORIZATION_PROVIDER(413, "invalid or no authorization provider found"),
  NO_ENFORCER(414, "access denied, no enforcer to validate"),
  ACCESS_PARAMETERS(415, "access denied, invalid access parameters"),
  AUTHENTICATION_FAILED(421, "authentication verification failed, "),
  AUTHENTICATION_KEY_FILE(423, "authentication configuration error, error loading key file, "),
  AUTHENTICATION_NO_KEY(424, "authentication configuration error, no verify key provided"),
  RATE_LIMITED("too many events, the rate limit of the token is used up"),
  INTERNAL_CHANNEL(
      "invalid channel value, requests on " + ChannelRequests.CHANNEL + " go to the server");

  private final int number;
  private final String text;

  KubemqError(int number, String words) {
    this.number = number;
    this.text = "Error " + number + ": " + words;
  }

  /** One of ours, for what the reference has no number for. */
  KubemqError(String words) {
    this.number = 0;
    this.text = words;
  }

  int number() {
    return number;
  }

  /** What clients get to see. */
  String text() {
    return text;
  }
}
