// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What requests there are, and when and for how long by default. Closing it ends its connections.
 */
public final class Scenario implements AutoCloseable {
  private final String name;
  private final Shape shape;
  private final List<Operation> operations;
  private final double[] bounds;
  private final Runnable close;

  Scenario(String name, Shape shape, List<Operation> operations, Runnable close) {
    this.name = name;
    this.shape = shape;
    this.operations = List.copyOf(operations);
    this.close = close;
    bounds = new double[operations.size()];
    double sum = 0;
    for (int i = 0; i < bounds.length; i++) {
      sum += operations.get(i).weight();
      bounds[i] = sum;
    }
  }

  /** Returns what it is called. */
  public String name() {
    return name;
  }

  /** Returns when its requests are made unless said otherwise. */
  public Shape shape() {
    return shape;
  }

  List<Operation> operations() {
    return operations;
  }

  /** Returns the number of one of the operations, by their weights. */
  int choose(RandomGenerator random) {
    double at = random.nextDouble() * bounds[bounds.length - 1];
    int i = 0;
    while (i < bounds.length - 1 && at >= bounds[i]) {
      i++;
    }
    return i;
  }

  @Override
  public void close() {
    close.run();
  }
}
