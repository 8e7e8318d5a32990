// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.roentgen.model.GrpcStatus;
import io.roentgen.model.Outcome;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How calls went, as X-Ray divides it, by the status that they ended with: as {@link GrpcStatus}
 * has it, but for methods of which something else is said.
 *
 * <pre>{@code
 * GrpcKit.builder("shop").outcomes(
 *     CallOutcomes.defaults()
 *         .fault("shop.Cart/*", Status.Code.NOT_FOUND)
 *         .ok("shop.Stock/Find", Status.Code.NOT_FOUND))
 * }</pre>
 *
 * <p>Methods are named in full, {@code package.Service/Method}, or all of a service, {@code
 * package.Service/*}, or all, {@code *}. What is said of fewer methods counts, and of the same
 * methods what is said last. Immutable.
 */
public final class CallOutcomes {
  private static final String ALL = "*";
  private static final int UNSAID = -1;
  private static final Outcome[] BY_BITS = new Outcome[8];
  private static final CallOutcomes DEFAULTS = new CallOutcomes(Map.of());

  static {
    Arrays.setAll(BY_BITS, Outcome::ofBits);
  }

  /** Bits by the number of the status; by what is said in place of the method. */
  private final Map<String, int[]> said;

  private CallOutcomes(Map<String, int[]> said) {
    this.said = said;
  }

  /** Returns those of {@link GrpcStatus} for every method. */
  public static CallOutcomes defaults() {
    return DEFAULTS;
  }

  /**
   * Returns these, but calls of {@code methods} that end with one of {@code codes} went well.
   *
   * @throws IllegalArgumentException if the methods are not named as said above, or there is no
   *     code or {@link Status.Code#OK} among them
   */
  public CallOutcomes ok(String methods, Status.Code... codes) {
    return with(methods, 0, codes);
  }

  /**
   * Returns these, but such calls were the caller's mistake.
   *
   * @throws IllegalArgumentException as {@link #ok}
   */
  public CallOutcomes error(String methods, Status.Code... codes) {
    return with(methods, Outcome.ERROR_BIT, codes);
  }

  /**
   * Returns these, but such calls were the callee's failure.
   *
   * @throws IllegalArgumentException as {@link #ok}
   */
  public CallOutcomes fault(String methods, Status.Code... codes) {
    return with(methods, Outcome.FAULT_BIT, codes);
  }

  /**
   * Returns these, but such calls were refused for their rate, which is an error too.
   *
   * @throws IllegalArgumentException as {@link #ok}
   */
  public CallOutcomes throttle(String methods, Status.Code... codes) {
    return with(methods, Outcome.ERROR_BIT | Outcome.THROTTLE_BIT, codes);
  }

  /** Returns how a call of the method went that ended with the status. */
  public Outcome of(MethodDescriptor<?, ?> method, Status.Code code) {
    return BY_BITS[bits(method, code)];
  }

  /** Returns the same as {@link Outcome#bits}. */
  int bits(MethodDescriptor<?, ?> method, Status.Code code) {
    if (!said.isEmpty()) {
      int bits = said(method.getFullMethodName(), code);
      bits = bits == UNSAID ? said(method.getServiceName() + "/*", code) : bits;
      bits = bits == UNSAID ? said(ALL, code) : bits;
      if (bits != UNSAID) {
        return bits;
      }
    }
    return GrpcStatus.outcomeBits(code.value());
  }

  private int said(String methods, Status.Code code) {
    int @Nullable [] bits = said.get(methods);
    return bits == null ? UNSAID : bits[code.value()];
  }

  private CallOutcomes with(String methods, int bits, Status.Code... codes) {
    check(methods);
    if (codes.length == 0) {
      throw new IllegalArgumentException("codes: none (expected: at least one)");
    }
    Map<String, int[]> more = new HashMap<>(said);
    int[] known = more.get(methods);
    int[] changed = new int[Status.Code.values().length];
    if (known == null) {
      Arrays.fill(changed, UNSAID);
    } else {
      System.arraycopy(known, 0, changed, 0, known.length);
    }
    for (Status.Code code : codes) {
      if (code == Status.Code.OK) {
        throw new IllegalArgumentException("codes: OK (expected: those of calls that failed)");
      }
      changed[code.value()] = bits;
    }
    more.put(methods, changed);
    return new CallOutcomes(more);
  }

  private static void check(String methods) {
    int slash = methods.lastIndexOf('/');
    String method = methods.substring(slash + 1);
    boolean named = slash > 0 && !method.isEmpty() && methods.indexOf(' ') < 0;
    boolean star = methods.indexOf('*') >= 0;
    boolean wild =
        methods.equals(ALL) || (named && methods.indexOf('*') == slash + 1 && method.equals(ALL));
    if (!wild && (star || !named)) {
      throw new IllegalArgumentException(
          "methods: '" + methods + "' (expected: package.Service/Method, package.Service/* or *)");
    }
  }
}
