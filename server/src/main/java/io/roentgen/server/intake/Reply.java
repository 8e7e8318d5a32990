// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.intake;

import com.linecorp.armeria.common.HttpResponse;
import io.roentgen.ingest.RequestResult;

/** An answer and how it is counted. */
public record Reply(HttpResponse response, RequestResult result) {}
