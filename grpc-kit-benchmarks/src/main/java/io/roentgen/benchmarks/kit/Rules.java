// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks.kit;

import build.buf.validate.FieldRules;
import build.buf.validate.RepeatedRules;
import build.buf.validate.StringRules;
import build.buf.validate.ValidateProto;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldOptions;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import io.grpc.ServerInterceptor;
import io.roentgen.grpc.CallSampler;
import io.roentgen.grpc.GrpcKit;
import io.roentgen.grpc.protovalidate.ProtoRules;
import io.roentgen.grpc.server.ServerSlots;
import io.roentgen.grpc.server.Slot;
import io.roentgen.grpc.server.Validation;
import java.util.List;

/** Requests that have rules and keep them: a user's id and one to ten items, none of them empty. */
final class Rules {
  private static final Descriptor ORDER = descriptor();

  private Rules() {}

  static Pair alone() {
    return Pair.of(List.of(), slots(ServerSlots.builder()), () -> 0, () -> {});
  }

  static Pair traced() {
    GrpcKit kit = KitPair.builder(CallSampler.ALWAYS).build();
    return Pair.of(
        List.of(kit.clientInterceptor()),
        slots(ServerSlots.builder().add(Slot.TRACE, kit.serverInterceptor())),
        () -> kit.statistics().sent(),
        kit);
  }

  private static List<ServerInterceptor> slots(ServerSlots.Builder slots) {
    ProtoRules rules = ProtoRules.compiledLazily();
    if (!rules.validate(order()).isEmpty() || rules.validate(order("")).size() != 1) {
      throw new IllegalStateException("rules: not in force");
    }
    return slots.add(Slot.VALIDATION, Validation.of(rules)).build().interceptors();
  }

  /** Returns a valid request. */
  static DynamicMessage order() {
    return order("i-1", "i-2");
  }

  private static DynamicMessage order(String... items) {
    DynamicMessage.Builder order =
        DynamicMessage.newBuilder(ORDER).setField(ORDER.findFieldByName("user_id"), "u-4711");
    for (String item : items) {
      order.addRepeatedField(ORDER.findFieldByName("items"), item);
    }
    return order.build();
  }

  /** Makes what the proto compiler would of a file with rules. */
  private static Descriptor descriptor() {
    FieldRules text =
        FieldRules.newBuilder()
            .setString(StringRules.newBuilder().setMinLen(1).setMaxLen(64))
            .build();
    FieldRules items =
        FieldRules.newBuilder()
            .setRepeated(RepeatedRules.newBuilder().setMinItems(1).setMaxItems(10).setItems(text))
            .build();
    FileDescriptorProto file =
        FileDescriptorProto.newBuilder()
            .setName("order.proto")
            .setPackage("ecommerce.v1")
            .setSyntax("proto3")
            .addDependency("buf/validate/validate.proto")
            .addMessageType(
                DescriptorProto.newBuilder()
                    .setName("Order")
                    .addField(field("user_id", 1, FieldDescriptorProto.Label.LABEL_OPTIONAL, text))
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
