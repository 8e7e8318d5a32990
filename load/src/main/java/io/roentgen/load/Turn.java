// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import java.util.random.RandomGenerator;

/**
 * One request's turn.
 *
 * @param number of the request in its run, from 0
 * @param user who makes it, from 0: in a closed loop one of the users, in an open one a number that
 *     goes round
 * @param random chooses; the same for each run of one seed
 * @param endNanos when the run ends, by {@link System#nanoTime()}
 */
record Turn(long number, int user, RandomGenerator random, long endNanos) {}
