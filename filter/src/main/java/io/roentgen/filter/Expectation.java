// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

/**
 * Something that may come next in a filter expression.
 *
 * @param kind what it is
 * @param text the text of a keyword, operator, sign or join; for others what they are of
 * @param behind what is best written right behind it
 */
public record Expectation(Kind kind, String text, String behind) {
  /** What may come next. */
  public enum Kind {
    /** {@code text} itself, a name that the grammar knows. */
    KEYWORD,
    /** {@code text} itself, a comparison. */
    OPERATOR,
    /** {@code text} itself, a bracket or another sign. */
    SIGN,
    /** {@code text} itself, AND or OR. */
    JOIN,
    /** The name of a service in quotes. */
    SERVICE,
    /** The name of a service that calls, in quotes. */
    CALLER,
    /** The name, in quotes, of one that the service {@code text} calls; any if that is empty. */
    CALLEE,
    /** The type of a node in quotes. */
    TYPE,
    /** An annotation with its key: {@code annotation.KEY}. */
    ANNOTATION,
    /** A key in quotes, of an annotation or attribute as {@code text} says. */
    KEY,
    /** A value of the keyword, annotation or attribute {@code text}. */
    VALUE,
    /** A group in quotes, by {@code group.name} or {@code group.arn} as {@code text} says. */
    GROUP
  }
}
