// SPDX-License-Identifier: Apache-2.0
package io.dragoman.transport;

/**
 * The names of the transport's instruments.
 *
 * <table>
 *   <caption>Instruments</caption>
 *   <tr><th>name</th><th>type</th><th>labels</th></tr>
 *   <tr><td>dragoman_connections</td><td>gauge</td><td>listener, kind=http|websocket|grpc|tcp</td></tr>
 *   <tr><td>dragoman_connections_total</td><td>counter</td><td>listener</td></tr>
 *   <tr><td>dragoman_connections_refused_total</td><td>counter</td>
 *       <td>listener, reason=limit|host|origin|tls</td></tr>
 *   <tr><td>dragoman_http_responses_total</td><td>counter</td>
 *       <td>listener, status=1xx..5xx</td></tr>
 *   <tr><td>dragoman_event_loops</td><td>gauge</td><td></td></tr>
 *   <tr><td>dragoman_event_loop_delay_seconds</td><td>gauge</td><td></td></tr>
 *   <tr><td>dragoman_body_bytes_in_flight</td><td>gauge</td><td></td></tr>
 *   <tr><td>dragoman_body_refused_total</td><td>counter</td>
 *       <td>listener, reason=size|budget</td></tr>
 *   <tr><td>dragoman_network_bytes_total</td><td>counter</td>
 *       <td>listener, direction=in|out</td></tr>
 *   <tr><td>dragoman_tls_reload_failed_total</td><td>counter</td><td></td></tr>
 * </table>
 */
public final class TransportMetrics {

  /**
   * Open connections. Those that wait for the client to close are counted; so are streams, as http.
   */
  public static final String CONNECTIONS = "dragoman_connections";

  /** Connections that were accepted. */
  public static final String CONNECTIONS_TOTAL = "dragoman_connections_total";

  /** Connections and requests that were turned away at the door. */
  public static final String CONNECTIONS_REFUSED_TOTAL = "dragoman_connections_refused_total";

  /** Answers by the hundreds of their status; a WebSocket handshake is a 1xx. */
  public static final String HTTP_RESPONSES_TOTAL = "dragoman_http_responses_total";

  /** Bytes of request bodies and WebSocket messages held now. */
  public static final String BODY_BYTES_IN_FLIGHT = "dragoman_body_bytes_in_flight";

  /** Bodies refused because one was too large or all were. */
  public static final String BODY_REFUSED_TOTAL = "dragoman_body_refused_total";

  /** Bytes read from sockets and given to sockets, after and before TLS. */
  public static final String NETWORK_BYTES_TOTAL = "dragoman_network_bytes_total";

  /** Threads that serve connections. */
  public static final String EVENT_LOOPS = "dragoman_event_loops";

  /** How late the event loops come to what is due, on average of the loops at this moment. */
  public static final String EVENT_LOOP_DELAY = "dragoman_event_loop_delay_seconds";

  /** Looks at renewed certificates that failed. */
  public static final String TLS_RELOAD_FAILED_TOTAL = "dragoman_tls_reload_failed_total";

  static final String TLS_RELOAD_FAILED_HELP =
      "Times when a listener's certificate could not be read again, and stayed as it was.";

  private TransportMetrics() {}
}
