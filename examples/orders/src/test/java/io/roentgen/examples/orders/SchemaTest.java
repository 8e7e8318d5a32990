// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.ecommerce.api.v1.Order;
import com.example.ecommerce.api.v1.User;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Timestamp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The published schema, in {@code schema-baseline.txt}, is never broken: only added to. */
class SchemaTest {
  private static final Path BASELINE = Path.of("src/test/resources/schema-baseline.txt");
  private static final FileDescriptor USERS = User.getDescriptor().getFile();
  private static final FileDescriptor ORDERS = Order.getDescriptor().getFile();

  @Test
  void schema_ofThisBuild_keepsAllOfTheBaseline() throws IOException {
    assertThat(Schema.broken(Files.readAllLines(BASELINE), now()))
        .as(
            "lines of %s that this schema breaks: add fields with new numbers instead, and reserve"
                + " what is given up",
            BASELINE)
        .isEmpty();
  }

  @Test
  void baseline_hasAllOfThisBuild_soThatTheNextOneIsHeldToIt() throws IOException {
    assertThat(now())
        .as("additions have to be written into %s", BASELINE)
        .isSubsetOf(Files.readAllLines(BASELINE));
  }

  private static SortedSet<String> now() {
    return Schema.of(USERS, ORDERS, com.example.ecommerce.api.v2.User.getDescriptor().getFile());
  }

  @Test
  void field_removed_breaks() {
    assertThat(after(file -> user(file).removeField(2)))
        .containsExactly("field ecommerce.v1.User.name = 3: string");
  }

  @Test
  void field_renumbered_breaks() {
    assertThat(after(file -> user(file).getFieldBuilder(1).setNumber(9)))
        .containsExactly("field ecommerce.v1.User.email = 2: string");
  }

  @Test
  void field_ofAnotherType_breaks() {
    assertThat(
            after(
                file ->
                    user(file).getFieldBuilder(0).setType(FieldDescriptorProto.Type.TYPE_INT64)))
        .containsExactly("field ecommerce.v1.User.id = 1: string");
  }

  @Test
  void field_renamed_breaks() {
    assertThat(after(file -> user(file).getFieldBuilder(1).setName("mail")))
        .containsExactly("field ecommerce.v1.User.email = 2: string");
  }

  @Test
  void enumValue_removed_breaks() {
    assertThat(after(file -> role(file).removeValue(2)))
        .containsExactly("value ecommerce.v1.UserRole.USER_ROLE_ADMIN = 2");
  }

  @Test
  void method_thatStreamsNoLonger_breaks() throws Exception {
    FileDescriptorProto.Builder file = ORDERS.toProto().toBuilder();
    for (MethodDescriptorProto.Builder method : file.getServiceBuilder(0).getMethodBuilderList()) {
      if (method.getName().equals("WatchOrder")) {
        method.setServerStreaming(false);
      }
    }
    assertThat(Schema.broken(Schema.of(ORDERS), Schema.of(build(file.build()))))
        .containsExactly(
            "rpc ecommerce.v1.OrderService.WatchOrder(ecommerce.v1.WatchOrderRequest) returns"
                + " (stream ecommerce.v1.OrderUpdate)");
  }

  @Test
  void additions_breakNothing() {
    List<String> broken =
        after(
            file -> {
              user(file)
                  .addFieldBuilder()
                  .setName("phone_number")
                  .setNumber(6)
                  .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL)
                  .setType(FieldDescriptorProto.Type.TYPE_STRING);
              role(file).addValueBuilder().setName("USER_ROLE_GUEST").setNumber(3);
              file.addMessageTypeBuilder().setName("Address");
            });
    assertThat(broken).isEmpty();
  }

  @Test
  void secondVersion_underTheFirstOnesName_isRefused() throws Exception {
    FileDescriptorProto v2 =
        com.example.ecommerce.api.v2.User.getDescriptor().getFile().toProto().toBuilder()
            .setPackage("ecommerce.v1")
            .build();
    assertThat(Schema.broken(Schema.of(USERS), Schema.of(build(v2))))
        .contains(
            "field ecommerce.v1.User.created_at = 4: google.protobuf.Timestamp",
            "field ecommerce.v1.User.role = 5: ecommerce.v1.UserRole");
  }

  @Test
  void secondVersion_reservesWhatItGaveUp() {
    assertThat(Schema.of(com.example.ecommerce.api.v2.User.getDescriptor().getFile()))
        .contains(
            "reserved ecommerce.v2.User 7",
            "reserved ecommerce.v2.User 8",
            "reserved ecommerce.v2.User old_field_name");
  }

  /** Returns what an edit of the users' file breaks. */
  private static List<String> after(Consumer<FileDescriptorProto.Builder> edit) {
    FileDescriptorProto.Builder file = USERS.toProto().toBuilder();
    edit.accept(file);
    return Schema.broken(Schema.of(USERS), Schema.of(build(file.build())));
  }

  private static FileDescriptor build(FileDescriptorProto file) {
    try {
      return FileDescriptor.buildFrom(
          file, new FileDescriptor[] {Timestamp.getDescriptor().getFile()});
    } catch (DescriptorValidationException e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }

  private static DescriptorProto.Builder user(FileDescriptorProto.Builder file) {
    return file.getMessageTypeBuilder(0);
  }

  private static EnumDescriptorProto.Builder role(FileDescriptorProto.Builder file) {
    return file.getEnumTypeBuilder(0);
  }
}
