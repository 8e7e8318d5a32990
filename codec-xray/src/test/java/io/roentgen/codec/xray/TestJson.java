// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0
package io.roentgen.codec.xray;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A second, small JSON reader, so that tests compare documents without the code under test: maps, lists, strings,
 * booleans, null, and numbers in one normal form.
 */
final class TestJson {
  /** A number as 0.digits * 10^point, equal when numerically equal. */
  record JsonNumber(boolean negative, String digits, BigInteger point) {}

  private final String text;
  private int at;

  private TestJson(String text) {
    this.text = text;
  }

  static Object parse(String text) {
    TestJson json = new TestJson(text);
    Object value = json.value();
    json.space();
    if (json.at != text.length()) {
      throw new IllegalArgumentException("text behind the value at " + json.at + " in " + text);
    }
    return value;
  }

  private Object value() {
    space();
    return switch (text.charAt(at)) {
      case '{' -> object();
      case '[' -> array();
      case '"' -> string();
      case 't' -> literal("true", true);
      case 'f' -> literal("false", false);
      case 'n' -> literal("null", null);
      default -> number();
    };
  }

  private Object literal(String word, Object value) {
    at += word.length();
    return value;
  }

  private Map<String, Object> object() {
    Map<String, Object> object = new LinkedHashMap<>();
    expect('{');
    space();
    while (text.charAt(at) != '}') {
      space();
      String key = string();
      space();
      expect(':');
      object.put(key, value());
      space();
      if (text.charAt(at) == ',') {
        at++;
      }
    }
    at++;
    return object;
  }

  private List<Object> array() {
    List<Object> array = new ArrayList<>();
    expect('[');
    space();
    while (text.charAt(at) != ']') {
      array.add(value());
      space();
      if (text.charAt(at) == ',') {
        at++;
      }
    }
    at++;
    return array;
  }

  private String string() {
    expect('"');
    StringBuilder string = new StringBuilder();
    while (text.charAt(at) != '"') {
      char c = text.charAt(at++);
      if (c != '\\') {
        string.append(c);
        continue;
      }
      char code = text.charAt(at++);
      switch (code) {
        case 'b' -> string.append('\b');
        case 'f' -> string.append('\f');
        case 'n' -> string.append('\n');
        case 'r' -> string.append('\r');
        case 't' -> string.append('\t');
        case 'u' -> {
          string.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
          at += 4;
        }
        default -> string.append(code);
      }
    }
    at++;
    return string.toString();
  }

  private JsonNumber number() {
    int start = at;
    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    String number = text.substring(start, at);
    boolean negative = number.startsWith("-");
    String[] parts = (negative ? number.substring(1) : number).split("[eE]", -1);
    int dot = parts[0].indexOf('.');
    String digits = parts[0].replace(".", "");
    BigInteger point = BigInteger.valueOf(dot < 0 ? digits.length() : dot);
    if (parts.length > 1) {
      point = point.add(new BigInteger(parts[1].replace("+", "")));
    }
    String stripped = digits.replaceFirst("^0+", "");
    point = point.subtract(BigInteger.valueOf(digits.length() - stripped.length()));
    stripped = stripped.replaceFirst("0+$", "");
    return stripped.isEmpty()
        ? new JsonNumber(false, "", BigInteger.ZERO)
        : new JsonNumber(negative, stripped, point);
  }

  private void expect(char c) {
    if (text.charAt(at++) != c) {
      throw new IllegalArgumentException("no " + c + " at " + (at - 1) + " in " + text);
    }
  }

  private void space() {
    while (at < text.length() && " \n\r\t".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }
}
