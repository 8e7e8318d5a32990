// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import io.roentgen.model.Hex;
import io.roentgen.model.Rejection;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One JSON text taken apart into a flat list of nodes: a strict parser that builds no tree and keeps every
 * scalar as the bytes it came in, so that any of them can be written out again unchanged.
 *
 * <p>The nodes stand in document order. An object is followed by key and value nodes in turn, an array by its
 * elements; {@link #next} steps over a whole value. RFC 8259 is kept to the letter; besides, keys must not
 * repeat in one object, escapes must not leave half of a surrogate pair, nesting is limited, and so is the
 * length of a number. Nothing is converted here, so a huge exponent costs nothing. The caller has checked that
 * the bytes are UTF-8. Not safe for use by several threads.
 */
final class JsonTape {
  static final int OBJECT = 1;
  static final int ARRAY = 2;
  static final int STRING = 3;

  /** A number without fraction and exponent. */
  static final int INTEGER = 4;

  /** A number with a fraction or an exponent. */
  static final int DECIMAL = 5;

  static final int TRUE = 6;
  static final int FALSE = 7;
  static final int NULL = 8;

  /** The node of the outermost value; no other value has it. */
  static final int ROOT = 0;

  static final int MAX_NUMBER_BYTES = 1000;

  private static final int TYPE_MASK = 0xf;
  private static final int ESCAPED = 0x10;
  private static final int NODE_INTS = 4;
  private static final int START = 1;
  private static final int END = 2;

  /** Of an object or array the node behind it; of a string the hash of its content. */
  private static final int LINK = 3;

  private static final int KEPT_INTS = 64 * 1024;
  private static final int FEW_KEYS = 16;

  private final int maxDepth;
  private byte[] source = new byte[0];
  private int base;
  private int end;
  private int at;
  private int[] tape = new int[1024];
  private int size;
  private int[] openKeys = new int[64];
  private int openKeyCount;
  private boolean spaced;
  private Rejection failure = Rejection.PARSE_ERROR;
  private String failureMessage = "";
  private byte[] unescaped = new byte[256];
  private byte[] textBytes = source;
  private int textOffset;
  private int textLength;

  JsonTape(int maxDepth) {
    this.maxDepth = maxDepth;
  }

  /**
   * Reads one JSON text and returns whether it is one; else {@link #failure} and {@link #failureMessage} tell
   * why not. The array is not copied and must stay as it is while nodes are looked at.
   */
  boolean parse(byte[] bytes, int offset, int length) {
    source = bytes;
    base = offset;
    at = offset;
    end = offset + length;
    size = 0;
    openKeyCount = 0;
    spaced = false;
    if (tape.length > KEPT_INTS) {
      tape = new int[1024];
      openKeys = new int[64];
      unescaped = new byte[256];
    }
    skipSpace();
    if (!value(0)) {
      return false;
    }
    skipSpace();
    return at == end || fail("text behind the end of the value (expected: one JSON object)");
  }

  Rejection failure() {
    return failure;
  }

  String failureMessage() {
    return failureMessage;
  }

  int type(int node) {
    return tape[node * NODE_INTS] & TYPE_MASK;
  }

  /** Returns the first node inside an object or array; it is {@link #next} of it when that is empty. */
  int first(int node) {
    return node + 1;
  }

  /** Returns the node behind this value and everything in it. */
  int next(int node) {
    return type(node) <= ARRAY ? tape[node * NODE_INTS + LINK] : node + 1;
  }

  /** Returns the hash of a string's content, as {@link #hash} has it. */
  int hash(int node) {
    return tape[node * NODE_INTS + LINK];
  }

  /** Returns where the value's own bytes start, a string's at its quote. */
  int start(int node) {
    return tape[node * NODE_INTS + START];
  }

  /** Returns where the value's own bytes end. */
  int end(int node) {
    return tape[node * NODE_INTS + END];
  }

  byte[] source() {
    return source;
  }

  /** Makes a string's content, without quotes and escapes, readable by the three text methods. */
  void readText(int node) {
    int start = start(node) + 1;
    int stop = end(node) - 1;
    if ((tape[node * NODE_INTS] & ESCAPED) == 0) {
      textBytes = source;
      textOffset = start;
      textLength = stop - start;
    } else {
      unescape(start, stop);
    }
  }

  byte[] textBytes() {
    return textBytes;
  }

  int textOffset() {
    return textOffset;
  }

  int textLength() {
    return textLength;
  }

  /** Returns a string's content. */
  String string(int node) {
    readText(node);
    return new String(textBytes, textOffset, textLength, StandardCharsets.UTF_8);
  }

  /** Returns whether a string's content is that text, which is ASCII. */
  boolean contentEquals(int node, String ascii) {
    readText(node);
    if (textLength != ascii.length()) {
      return false;
    }
    for (int i = 0; i < textLength; i++) {
      if (textBytes[textOffset + i] != ascii.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Adds the value's JSON text to {@code sink}, without the white space between its parts. */
  void copyTo(int node, Utf8Sink sink) {
    int from = start(node);
    int to = end(node);
    if (!spaced || type(node) > ARRAY) {
      sink.putBytes(source, from, to - from);
      return;
    }
    boolean quoted = false;
    for (int i = from; i < to; i++) {
      byte b = source[i];
      if (quoted) {
        if (b == '\\') {
          sink.putByte(b);
          b = source[++i];
        } else if (b == '"') {
          quoted = false;
        }
        sink.putByte(b);
      } else if (b > ' ') {
        quoted = b == '"';
        sink.putByte(b);
      }
    }
  }

  /** Returns the value's JSON text as it stands. */
  String json(int node) {
    return new String(source, start(node), end(node) - start(node), StandardCharsets.UTF_8);
  }

  /** Returns the value of an INTEGER node, or null if a long cannot hold it. */
  @Nullable Long integer(int node) {
    int i = start(node);
    int stop = end(node);
    boolean negative = source[i] == '-';
    if (negative) {
      i++;
    }
    if (stop - i > 19) {
      return null;
    }
    long value = 0;
    for (; i < stop; i++) {
      int digit = source[i] - '0';
      // Negative numbers reach one further, so collect there.
      if (value < (Long.MIN_VALUE + digit) / 10) {
        return null;
      }
      value = value * 10 - digit;
    }
    if (negative) {
      return value;
    }
    return value == Long.MIN_VALUE ? null : Long.valueOf(-value);
  }

  /** Returns the hash by which keys are looked up. */
  static int hash(byte[] bytes, int offset, int length) {
    int hash = 0;
    for (int i = offset; i < offset + length; i++) {
      hash = 31 * hash + bytes[i];
    }
    return hash;
  }

  private boolean value(int depth) {
    if (at == end) {
      return fail("the text ends (expected: a value)");
    }
    return switch (source[at]) {
      case '{' -> object(depth + 1);
      case '[' -> array(depth + 1);
      case '"' -> string();
      case 't' -> literal("true", TRUE);
      case 'f' -> literal("false", FALSE);
      case 'n' -> literal("null", NULL);
      case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
      default -> failAtByte("a value");
    };
  }

  private boolean object(int depth) {
    if (depth > maxDepth) {
      return failTooDeep();
    }
    int node = add(OBJECT, at++);
    int firstKey = openKeyCount;
    Set<String> manyKeys = null;
    skipSpace();
    if (!take('}')) {
      do {
        skipSpace();
        int key = size / NODE_INTS;
        if (at == end || source[at] != '"') {
          return failAtByte("a member name in quotes");
        }
        if (!string()) {
          return false;
        }
        if (openKeyCount - firstKey == FEW_KEYS && manyKeys == null) {
          manyKeys = new HashSet<>();
          for (int i = firstKey; i < openKeyCount; i++) {
            manyKeys.add(string(openKeys[i]));
          }
        }
        if (manyKeys == null ? repeats(firstKey, key) : !manyKeys.add(string(key))) {
          return fail("member '" + Hex.quote(string(key)) + "' twice (expected: once)");
        }
        if (manyKeys == null) {
          pushKey(key);
        }
        skipSpace();
        if (!take(':')) {
          return failAtByte("':'");
        }
        skipSpace();
        if (!value(depth)) {
          return false;
        }
        skipSpace();
      } while (take(','));
      if (!take('}')) {
        return failAtByte("',' or '}'");
      }
    }
    openKeyCount = firstKey;
    close(node);
    return true;
  }

  private boolean repeats(int firstKey, int key) {
    int hash = hash(key);
    for (int i = firstKey; i < openKeyCount; i++) {
      if (hash(openKeys[i]) == hash && string(openKeys[i]).equals(string(key))) {
        return true;
      }
    }
    return false;
  }

  private void pushKey(int key) {
    if (openKeyCount == openKeys.length) {
      openKeys = Arrays.copyOf(openKeys, openKeyCount * 2);
    }
    openKeys[openKeyCount++] = key;
  }

  private boolean array(int depth) {
    if (depth > maxDepth) {
      return failTooDeep();
    }
    int node = add(ARRAY, at++);
    skipSpace();
    if (!take(']')) {
      do {
        skipSpace();
        if (!value(depth)) {
          return false;
        }
        skipSpace();
      } while (take(','));
      if (!take(']')) {
        return failAtByte("',' or ']'");
      }
    }
    close(node);
    return true;
  }

  private boolean string() {
    byte[] bytes = source;
    int stop = end;
    int node = add(STRING, at);
    int i = at + 1;
    int hash = 0;
    while (i < stop) {
      byte b = bytes[i];
      if (b == '"') {
        at = i + 1;
        tape[node * NODE_INTS + END] = at;
        if ((tape[node * NODE_INTS] & ESCAPED) != 0) {
          readText(node);
          hash = hash(textBytes, textOffset, textLength);
        }
        tape[node * NODE_INTS + LINK] = hash;
        return true;
      }
      if (b == '\\') {
        tape[node * NODE_INTS] |= ESCAPED;
        at = i;
        if (!escape()) {
          return false;
        }
        i = at;
      } else if (b >= 0 && b < ' ') {
        at = i;
        return failAtByte("control characters escaped");
      } else {
        hash = 31 * hash + b;
        i++;
      }
    }
    at = end;
    return fail("the text ends in a string (expected: '\"')");
  }

  /** Checks the escape at the backslash and goes behind it, or behind the second of a pair. */
  private boolean escape() {
    if (at + 1 >= end) {
      return fail("the text ends in an escape");
    }
    int b = source[at + 1];
    switch (b) {
      case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> {
        at += 2;
        return true;
      }
      case 'u' -> {
        int unit = unit(at);
        if (unit < 0) {
          return fail("'\\u' (expected: four hex digits behind it)");
        }
        if (Character.isHighSurrogate((char) unit)) {
          int second = at + 6 < end && source[at + 6] == '\\' ? unit(at + 6) : -1;
          if (second < 0 || !Character.isLowSurrogate((char) second)) {
            return fail(Rejection.INVALID_TEXT, "half of a surrogate pair (expected: both halves)");
          }
          at += 12;
          return true;
        }
        if (Character.isLowSurrogate((char) unit)) {
          return fail(Rejection.INVALID_TEXT, "half of a surrogate pair (expected: both halves)");
        }
        at += 6;
        return true;
      }
      default -> {
        return fail("an escape that JSON does not have");
      }
    }
  }

  /** Returns the UTF-16 unit of the escape at {@code backslash}, or -1 if it is none. */
  private int unit(int backslash) {
    if (backslash + 6 > end || source[backslash + 1] != 'u') {
      return -1;
    }
    int unit = 0;
    for (int i = backslash + 2; i < backslash + 6; i++) {
      int digit = Hex.digit(source[i]);
      if (digit < 0) {
        return -1;
      }
      unit = (unit << 4) | digit;
    }
    return unit;
  }

  private void unescape(int from, int to) {
    if (unescaped.length < to - from) {
      unescaped = new byte[Math.max(to - from, unescaped.length * 2)];
    }
    byte[] out = unescaped;
    int length = 0;
    int i = from;
    while (i < to) {
      byte b = source[i];
      if (b != '\\') {
        out[length++] = b;
        i++;
        continue;
      }
      byte code = source[i + 1];
      if (code != 'u') {
        out[length++] =
            (byte)
                switch (code) {
                  case 'b' -> '\b';
                  case 'f' -> '\f';
                  case 'n' -> '\n';
                  case 'r' -> '\r';
                  case 't' -> '\t';
                  default -> code;
                };
        i += 2;
        continue;
      }
      int codePoint = unit(i);
      i += 6;
      if (Character.isHighSurrogate((char) codePoint)) {
        codePoint = Character.toCodePoint((char) codePoint, (char) unit(i));
        i += 6;
      }
      length = putUtf8(codePoint, out, length);
    }
    textBytes = out;
    textOffset = 0;
    textLength = length;
  }

  private static int putUtf8(int codePoint, byte[] out, int length) {
    if (codePoint < 0x80) {
      out[length++] = (byte) codePoint;
    } else if (codePoint < 0x800) {
      out[length++] = (byte) (0xc0 | (codePoint >> 6));
      out[length++] = (byte) (0x80 | (codePoint & 0x3f));
    } else if (codePoint < 0x10000) {
      out[length++] = (byte) (0xe0 | (codePoint >> 12));
      out[length++] = (byte) (0x80 | ((codePoint >> 6) & 0x3f));
      out[length++] = (byte) (0x80 | (codePoint & 0x3f));
    } else {
      out[length++] = (byte) (0xf0 | (codePoint >> 18));
      out[length++] = (byte) (0x80 | ((codePoint >> 12) & 0x3f));
      out[length++] = (byte) (0x80 | ((codePoint >> 6) & 0x3f));
      out[length++] = (byte) (0x80 | (codePoint & 0x3f));
    }
    return length;
  }

  private boolean number() {
    int start = at;
    int type = INTEGER;
    take('-');
    if (take('0')) {
      if (isDigit()) {
        return fail("a number that starts with 0 (expected: no leading zero)");
      }
    } else if (!digits()) {
      return failAtByte("a digit");
    }
    if (take('.')) {
      type = DECIMAL;
      if (!digits()) {
        return failAtByte("a digit");
      }
    }
    if (take('e') || take('E')) {
      type = DECIMAL;
      if (!take('-')) {
        take('+');
      }
      if (!digits()) {
        return failAtByte("a digit");
      }
    }
    if (at - start > MAX_NUMBER_BYTES) {
      return fail(
          Rejection.TOO_LARGE,
          "a number of "
              + (at - start)
              + " characters (expected: at most "
              + MAX_NUMBER_BYTES
              + ")");
    }
    addScalar(type, start);
    return true;
  }

  private boolean digits() {
    int start = at;
    while (isDigit()) {
      at++;
    }
    return at > start;
  }

  private boolean isDigit() {
    return at < end && source[at] >= '0' && source[at] <= '9';
  }

  private boolean literal(String text, int type) {
    int start = at;
    for (int i = 0; i < text.length(); i++) {
      if (start + i >= end || source[start + i] != text.charAt(i)) {
        return failAtByte("a value");
      }
    }
    at += text.length();
    addScalar(type, start);
    return true;
  }

  private void addScalar(int type, int start) {
    int node = add(type, start);
    tape[node * NODE_INTS + END] = at;
  }

  private int add(int type, int start) {
    if (size + NODE_INTS > tape.length) {
      tape = Arrays.copyOf(tape, tape.length * 2);
    }
    tape[size] = type;
    tape[size + START] = start;
    size += NODE_INTS;
    return size / NODE_INTS - 1;
  }

  private void close(int node) {
    tape[node * NODE_INTS + END] = at;
    tape[node * NODE_INTS + LINK] = size / NODE_INTS;
  }

  private boolean take(char c) {
    if (at < end && source[at] == c) {
      at++;
      return true;
    }
    return false;
  }

  private void skipSpace() {
    while (at < end) {
      byte b = source[at];
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        return;
      }
      spaced = true;
      at++;
    }
  }

  private boolean failTooDeep() {
    return fail(
        Rejection.TOO_LARGE, "nesting (expected: at most " + maxDepth + " objects and arrays)");
  }

  private boolean failAtByte(String expected) {
    if (at >= end) {
      return fail("the text ends (expected: " + expected + ")");
    }
    int b = source[at] & 0xff;
    String found = b > ' ' && b < 0x7f ? "'" + (char) b + "'" : "0x" + Integer.toHexString(b);
    return fail(found + " (expected: " + expected + ")");
  }

  private boolean fail(String what) {
    return fail(Rejection.PARSE_ERROR, what);
  }

  private boolean fail(Rejection reason, String what) {
    failure = reason;
    failureMessage = "at byte " + (at - base) + " " + what;
    return false;
  }
}
