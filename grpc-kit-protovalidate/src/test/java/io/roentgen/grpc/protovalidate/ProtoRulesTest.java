// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.protovalidate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import build.buf.validate.FieldRules;
import build.buf.validate.MessageRules;
import build.buf.validate.RepeatedRules;
import build.buf.validate.Rule;
import build.buf.validate.StringRules;
import build.buf.validate.ValidateProto;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldOptions;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MessageOptions;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.rpc.BadRequest;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.roentgen.grpc.server.FieldViolation;
import io.roentgen.grpc.server.ServerSlots;
import io.roentgen.grpc.server.Slot;
import io.roentgen.grpc.server.Validation;
import org.junit.jupiter.api.Test;

/** Messages are made at run time, as the proto compiler would of a file with rules. */
class ProtoRulesTest {
  private static final Descriptor ORDER = order("true");

  private final ProtoRules rules = ProtoRules.compiledFor(service(ORDER));

  @Test
  void message_keepsAllRules_hasNoViolation() {
    assertThat(rules.validate(order(ORDER, "u1", "i1"))).isEmpty();
  }

  @Test
  void message_breaksRules_hasEachWithItsPath() {
    assertThat(rules.validate(order(ORDER, "")))
        .extracting(FieldViolation::field)
        .containsExactlyInAnyOrder("user_id", "items");
    assertThat(rules.validate(order(ORDER, "u1", "i1", "")))
        .singleElement()
        .satisfies(
            violation -> {
              assertThat(violation.field()).isEqualTo("items[1]");
              assertThat(violation.description()).contains("1 character");
            });
  }

  @Test
  void message_breaksItsOwnExpression_hasItsMessageAndNoField() {
    Descriptor never = order("false");
    assertThat(ProtoRules.compiledLazily().validate(order(never, "u1", "i1")))
        .containsExactly(new FieldViolation("", "no orders today"));
  }

  @Test
  void message_ofATypeNotCompiledBefore_isValidated() {
    assertThat(ProtoRules.compiledFor().validate(order(ORDER, "", "i1")))
        .extracting(FieldViolation::field)
        .containsExactly("user_id");
  }

  @Test
  void request_notAMessage_passes() {
    assertThat(rules.validate("text")).isEmpty();
  }

  @Test
  void compiledFor_badRule_throwsAtStart() {
    Descriptor bad = order("this is no expression");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProtoRules.compiledFor(service(bad)))
        .withMessageStartingWith("services: a validation rule cannot be compiled");
    assertThatIllegalStateException()
        .isThrownBy(() -> ProtoRules.compiledLazily().validate(order(bad, "u1", "i1")))
        .withMessage("cannot validate test.Order: a rule of its proto file is at fault");
  }

  @Test
  void call_breaksRules_isInvalidArgumentWithBadRequest() throws Exception {
    String name = InProcessServerBuilder.generateName();
    Server server =
        ServerSlots.builder()
            .add(Slot.VALIDATION, Validation.of(rules))
            .build()
            .installOn(InProcessServerBuilder.forName(name))
            .addService(service(ORDER))
            .build()
            .start();
    ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
    try {
      StatusRuntimeException refused =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () ->
                  ClientCalls.blockingUnaryCall(
                      channel, create(ORDER), CallOptions.DEFAULT, order(ORDER, "")));
      assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(
              StatusProto.fromThrowable(refused)
                  .getDetails(0)
                  .unpack(BadRequest.class)
                  .getFieldViolationsList())
          .extracting(BadRequest.FieldViolation::getField)
          .containsExactlyInAnyOrder("user_id", "items");
      assertThat(
              ClientCalls.blockingUnaryCall(
                  channel, create(ORDER), CallOptions.DEFAULT, order(ORDER, "u1", "i1")))
          .isEqualTo(order(ORDER, "u1", "i1"));
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  private static BindableService service(Descriptor type) {
    return () ->
        ServerServiceDefinition.builder("test.Orders")
            .addMethod(
                create(type),
                ServerCalls.asyncUnaryCall(
                    (request, responses) -> {
                      responses.onNext(request);
                      responses.onCompleted();
                    }))
            .build();
  }

  private static MethodDescriptor<DynamicMessage, DynamicMessage> create(Descriptor type) {
    DynamicMessage prototype = DynamicMessage.getDefaultInstance(type);
    return MethodDescriptor.newBuilder(
            ProtoUtils.marshaller(prototype), ProtoUtils.marshaller(prototype))
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName("test.Orders/Create")
        .build();
  }

  private static DynamicMessage order(Descriptor type, String userId, String... items) {
    DynamicMessage.Builder order =
        DynamicMessage.newBuilder(type).setField(type.findFieldByName("user_id"), userId);
    for (String item : items) {
      order.addRepeatedField(type.findFieldByName("items"), item);
    }
    return order.build();
  }

  private static Descriptor order(String expression) {
    StringRules notEmpty = StringRules.newBuilder().setMinLen(1).build();
    FieldRules userId = FieldRules.newBuilder().setString(notEmpty).build();
    FieldRules items =
        FieldRules.newBuilder()
            .setRepeated(
                RepeatedRules.newBuilder()
                    .setMinItems(1)
                    .setItems(FieldRules.newBuilder().setString(notEmpty)))
            .build();
    MessageRules message =
        MessageRules.newBuilder()
            .addCel(
                Rule.newBuilder()
                    .setId("order.today")
                    .setMessage("no orders today")
                    .setExpression(expression))
            .build();
    FileDescriptorProto file =
        FileDescriptorProto.newBuilder()
            .setName("order.proto")
            .setPackage("test")
            .setSyntax("proto3")
            .addDependency("buf/validate/validate.proto")
            .addMessageType(
                DescriptorProto.newBuilder()
                    .setName("Order")
                    .setOptions(
                        MessageOptions.newBuilder().setExtension(ValidateProto.message, message))
                    .addField(
                        field("user_id", 1, FieldDescriptorProto.Label.LABEL_OPTIONAL, userId))
                    .addField(field("items", 2, FieldDescriptorProto.Label.LABEL_REPEATED, items)))
            .build();
    try {
      return FileDescriptor.buildFrom(file, new FileDescriptor[] {ValidateProto.getDescriptor()})
          .findMessageTypeByName("Order");
    } catch (DescriptorValidationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static FieldDescriptorProto field(
      String name, int number, FieldDescriptorProto.Label label, FieldRules rules) {
    return FieldDescriptorProto.newBuilder()
        .setName(name)
        .setNumber(number)
        .setType(FieldDescriptorProto.Type.TYPE_STRING)
        .setLabel(label)
        .setOptions(FieldOptions.newBuilder().setExtension(ValidateProto.field, rules))
        .build();
  }
}
