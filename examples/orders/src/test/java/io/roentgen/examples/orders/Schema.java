// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.examples.orders;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A schema as facts that callers rely on, a line each: what a field is called, its number and type;
 * the values of enums; what methods take and return. What is added is new lines; a line that is
 * gone breaks somebody.
 */
final class Schema {
  private Schema() {}

  static SortedSet<String> of(FileDescriptor... files) {
    SortedSet<String> lines = new TreeSet<>();
    for (FileDescriptor file : files) {
      file.getMessageTypes().forEach(message -> add(lines, message));
      file.getEnumTypes().forEach(type -> add(lines, type));
      file.getServices()
          .forEach(
              service ->
                  service
                      .getMethods()
                      .forEach(
                          method ->
                              lines.add(
                                  String.format(
                                      "rpc %s(%s%s) returns (%s%s)",
                                      method.getFullName(),
                                      method.isClientStreaming() ? "stream " : "",
                                      method.getInputType().getFullName(),
                                      method.isServerStreaming() ? "stream " : "",
                                      method.getOutputType().getFullName()))));
    }
    return lines;
  }

  private static void add(SortedSet<String> lines, Descriptor message) {
    lines.add("message " + message.getFullName());
    for (FieldDescriptor field : message.getFields()) {
      lines.add(
          String.format(
              "field %s = %d: %s%s%s",
              field.getFullName(),
              field.getNumber(),
              field.isRepeated() ? "repeated " : "",
              type(field),
              field.getRealContainingOneof() == null
                  ? ""
                  : " in " + field.getRealContainingOneof().getName()));
    }
    message
        .toProto()
        .getReservedRangeList()
        .forEach(
            range -> {
              for (int number = range.getStart(); number < range.getEnd(); number++) {
                lines.add("reserved " + message.getFullName() + " " + number);
              }
            });
    message
        .toProto()
        .getReservedNameList()
        .forEach(name -> lines.add("reserved " + message.getFullName() + " " + name));
    message.getNestedTypes().forEach(nested -> add(lines, nested));
    message.getEnumTypes().forEach(type -> add(lines, type));
  }

  private static String type(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case MESSAGE -> field.getMessageType().getFullName();
      case ENUM -> field.getEnumType().getFullName();
      default -> field.getType().name().toLowerCase(Locale.ROOT);
    };
  }

  private static void add(SortedSet<String> lines, EnumDescriptor type) {
    type.getValues()
        .forEach(value -> lines.add("value " + value.getFullName() + " = " + value.getNumber()));
  }

  /** Returns what the new schema breaks: the lines of the old one that it does not have. */
  static List<String> broken(Iterable<String> before, SortedSet<String> now) {
    List<String> broken = new ArrayList<>();
    before.forEach(
        line -> {
          if (!now.contains(line)) {
            broken.add(line);
          }
        });
    return broken;
  }
}
