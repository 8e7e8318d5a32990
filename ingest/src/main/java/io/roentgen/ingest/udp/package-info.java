// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** X-Ray segment documents over UDP; {@link io.roentgen.ingest.udp.UdpCollector} is the way in. */
@NullMarked
package io.roentgen.ingest.udp;

import org.jspecify.annotations.NullMarked;
