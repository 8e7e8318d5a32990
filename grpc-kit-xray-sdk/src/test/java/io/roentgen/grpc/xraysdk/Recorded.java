// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.xraysdk;

import com.amazonaws.xray.AWSXRayRecorder;
import com.amazonaws.xray.AWSXRayRecorderBuilder;
import com.amazonaws.xray.emitters.Emitter;
import com.amazonaws.xray.entities.Segment;
import com.amazonaws.xray.entities.Subsegment;
import com.amazonaws.xray.strategy.sampling.AllSamplingStrategy;
import com.amazonaws.xray.strategy.sampling.NoSamplingStrategy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what a recorder sends. */
final class Recorded extends Emitter {
  final List<Segment> segments = new CopyOnWriteArrayList<>();

  AWSXRayRecorder recorder() {
    return AWSXRayRecorderBuilder.standard()
        .withEmitter(this)
        .withSamplingStrategy(new AllSamplingStrategy())
        .build();
  }

  AWSXRayRecorder unsampled() {
    return AWSXRayRecorderBuilder.standard()
        .withEmitter(this)
        .withSamplingStrategy(new NoSamplingStrategy())
        .build();
  }

  @Override
  public boolean sendSegment(Segment segment) {
    segments.add(segment);
    return true;
  }

  @Override
  public boolean sendSubsegment(Subsegment subsegment) {
    throw new AssertionError("subsegment alone " + subsegment.getName());
  }

  Segment segment(String name) {
    return named(name).getFirst();
  }

  List<Segment> named(String name) {
    return segments.stream().filter(segment -> segment.getName().equals(name)).toList();
  }
}
