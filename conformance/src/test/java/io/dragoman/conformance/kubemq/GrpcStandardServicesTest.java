// SPDX-License-Identifier: Apache-2.0
package io.dragoman.conformance.kubemq;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The standard services for health and for descriptions of services, beside KubeMQ's own. */
@KubeMqSuite
class GrpcStandardServicesTest {

  private final KubeMq mq;
  private GrpcClient client;

  GrpcStandardServicesTest(KubeMq mq) {
    this.mq = mq;
  }

  @BeforeEach
  void connect() {
    client = GrpcClient.connect(mq);
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  private static HealthCheckRequest about(String service) {
    return HealthCheckRequest.newBuilder().setService(service).build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "kubemq.kubemq", "kubemq.Kubemq"})
  void shouldBeHealthy(String service) {
    HealthCheckResponse answer = HealthGrpc.newBlockingStub(client.channel()).check(about(service));
    assertThat(answer.getStatus()).isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void shouldNotKnowTheHealthOfOthers() {
    Status refusal =
        GrpcRefusal.of(() -> HealthGrpc.newBlockingStub(client.channel()).check(about("another")));
    assertThat(refusal.getCode()).isEqualTo(Status.Code.NOT_FOUND);
  }

  @Test
  void shouldTellAWatcherAndEndWithTheServer() {
    Assumptions.assumeFalse(KubeMq.isExternal(), "stops a server of its own");
    GrpcExchange<HealthCheckRequest, HealthCheckResponse> watcher;
    try (KubeMq own = KubeMq.start(Map.of())) {
      // given
      GrpcClient watching = GrpcClient.connect(own);
      watcher =
          GrpcExchange.open(
              out -> {
                HealthGrpc.newStub(watching.channel()).watch(about(""), out);
                return out == null ? null : new NoRequests<>();
              });
      assertThat(watcher.next().getStatus()).isEqualTo(ServingStatus.SERVING);

      // when the block ends
    }

    // then
    assertThat(watcher.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  /** For calls whose request was given at once. */
  private static final class NoRequests<T> implements io.grpc.stub.StreamObserver<T> {
    @Override
    public void onNext(T message) {}

    @Override
    public void onError(Throwable cause) {}

    @Override
    public void onCompleted() {}
  }

  @Test
  void shouldDescribeItsServices() throws InvalidProtocolBufferException {
    try (GrpcExchange<ServerReflectionRequest, ServerReflectionResponse> reflection =
        GrpcExchange.open(ServerReflectionGrpc.newStub(client.channel())::serverReflectionInfo)) {
      // when
      reflection.send(ServerReflectionRequest.newBuilder().setListServices("").build());

      // then
      assertThat(reflection.next().getListServicesResponse().getServiceList())
          .extracting(ServiceResponse::getName)
          .contains("kubemq.kubemq", "grpc.health.v1.Health");

      // and when
      reflection.send(
          ServerReflectionRequest.newBuilder().setFileContainingSymbol("kubemq.kubemq").build());

      // then
      FileDescriptorProto file =
          FileDescriptorProto.parseFrom(
              reflection.next().getFileDescriptorResponse().getFileDescriptorProto(0));
      assertThat(file.getService(0).getMethodList())
          .extracting(MethodDescriptorProto::getName)
          .contains("SubscribeToEvents", "QueuesDownstream", "Ping");
    }
  }

  @Test
  void shouldDescribeThemToOlderToolsToo() {
    try (GrpcExchange<
            io.grpc.reflection.v1alpha.ServerReflectionRequest,
            io.grpc.reflection.v1alpha.ServerReflectionResponse>
        reflection =
            GrpcExchange.open(
                io.grpc.reflection.v1alpha.ServerReflectionGrpc.newStub(client.channel())
                    ::serverReflectionInfo)) {
      // when
      reflection.send(
          io.grpc.reflection.v1alpha.ServerReflectionRequest.newBuilder()
              .setListServices("")
              .build());

      // then
      assertThat(reflection.next().getListServicesResponse().getServiceList())
          .extracting(io.grpc.reflection.v1alpha.ServiceResponse::getName)
          .contains("kubemq.kubemq");
    }
  }
}
