// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.interop;

import io.dragoman.conformance.kubemq.GrpcClient;
import io.dragoman.conformance.kubemq.KubeMq;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests that each have a publisher of Eventhub's and a gRPC client of their own. */
abstract class WithBothClients {
  final KubeMq mq;
  TopicClient publisher;
  GrpcClient grpc;

  WithBothClients(KubeMq mq) {
    this.mq = mq;
  }

  @BeforeEach
  void connect() {
    publisher = TopicClient.connect(mq);
    grpc = GrpcClient.connect(mq);
  }

  @AfterEach
  void disconnect() {
    publisher.close();
    grpc.close();
  }
}
