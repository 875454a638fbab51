// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;

import io.dragoman.kubemq.protocol.Empty;
import io.dragoman.kubemq.protocol.kubemqGrpc;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What SDKs do beside their calls (spec: kubemq §3). */
@KubeMqSuite
class GrpcHabitsTest {
  private static final int PING_BYTES = 8;

  /** SDKs ping every 10 s; a server that permits none ends the connection at the third. */
  private static final int PINGS = 5;

  private static final int MILLIS_BETWEEN = 1200;

  private final KubeMq mq;

  GrpcHabitsTest(KubeMq mq) {
    this.mq = mq;
  }

  /**
   * The SDKs of Go, Java and JavaScript send the token as it is, others in front of it "Bearer".
   */
  @ParameterizedTest
  @ValueSource(strings = {"eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2ln"})
  void shouldServeClientsThatSendAToken(String token) {
    // given
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), token);
    try (GrpcClient client = GrpcClient.connect(mq)) {
      kubemqGrpc.kubemqBlockingStub calls =
          client.calls().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));

      // when, then
      assertThat(calls.ping(Empty.getDefaultInstance()).getHost()).isNotEmpty();
    }
  }

  @Test
  void shouldAnswerPingsOfClientsThatHaveNoCalls() {
    try (RawHttp2 client = RawHttp2.connect(mq.grpc())) {
      for (int i = 0; i < PINGS; i++) {
        // when
        byte[] data = new byte[PING_BYTES];
        data[0] = (byte) i;
        client.ping(data);

        // then
        assertThat(client.next(RawHttp2.PING).payload()).isEqualTo(data);
        Time.awaitClock(System.currentTimeMillis() + MILLIS_BETWEEN);
      }
      client.call(1, "Ping").message(1, 0, new byte[0]).halfClose(1);
      assertThat(client.next(RawHttp2.HEADERS).stream()).isEqualTo(1);
    }
  }
}
