// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.ingest;

/**
 * Something that was refused lately, with all that was refused with the same words since.
 *
 * @param transport how it came
 * @param reason a label: of a {@link io.roentgen.model.Rejection}, or of a {@link RequestResult}
 *     where a request was refused before its spans were looked at
 * @param epochNanos when it was refused last
 * @param count how many spans, or requests
 * @param message what was wrong, as the sender was told, with what to do where that is known
 */
public record Refused(
    Transport transport, String reason, long epochNanos, long count, String message) {}
