// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.grpc.client;

import static io.grpc.ConnectivityState.CONNECTING;
import static io.grpc.ConnectivityState.IDLE;
import static io.grpc.ConnectivityState.READY;
import static io.grpc.ConnectivityState.SHUTDOWN;
import static io.grpc.ConnectivityState.TRANSIENT_FAILURE;

import io.grpc.ConnectivityState;
import io.grpc.ConnectivityStateInfo;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.Metadata;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Rendezvous hashing (Thaler and Ravishankar, 1998): each pair of header value and backend has a
 * score, and the backend with the highest one gets the call. A backend that is gone gives its
 * values to the next highest, all others stay where they are.
 *
 * <p>Backends are connected at once, as round_robin does, and one that failed counts as failed
 * until it is connected again. A value whose backend is still connecting waits for it; it goes to
 * the next one only if that backend failed.
 *
 * <p>Everything here runs in the channel's synchronization context, except {@link Picker}.
 */
final class HashLoadBalancer extends LoadBalancer {
  private final Helper helper;
  private final Map<String, Backend> backends = new LinkedHashMap<>();
  private Metadata.@Nullable Key<String> header;

  HashLoadBalancer(Helper helper) {
    this.helper = helper;
  }

  @Override
  @SuppressWarnings("unchecked") // The provider's parser made it.
  public Status acceptResolvedAddresses(ResolvedAddresses resolved) {
    Object config = resolved.getLoadBalancingPolicyConfig();
    if (config == null) {
      return fail(
          Status.UNAVAILABLE.withDescription(
              HashLoadBalancerProvider.POLICY + ": no config (expected: {\"header\": KEY})"));
    }
    if (resolved.getAddresses().isEmpty()) {
      return fail(
          Status.UNAVAILABLE.withDescription(
              HashLoadBalancerProvider.POLICY + ": the name resolved to no backends"));
    }
    header = (Metadata.Key<String>) config;
    Map<String, EquivalentAddressGroup> wanted = new LinkedHashMap<>();
    for (EquivalentAddressGroup group : resolved.getAddresses()) {
      wanted.put(identity(group), group);
    }
    for (Iterator<Backend> i = backends.values().iterator(); i.hasNext(); ) {
      Backend backend = i.next();
      if (!wanted.containsKey(backend.identity)) {
        i.remove();
        backend.subchannel.shutdown();
      }
    }
    List<Backend> added = new ArrayList<>();
    wanted.forEach(
        (identity, group) -> {
          Backend known = backends.get(identity);
          if (known == null) {
            Subchannel subchannel =
                helper.createSubchannel(
                    CreateSubchannelArgs.newBuilder().setAddresses(group).build());
            Backend backend = new Backend(identity, subchannel);
            backends.put(identity, backend);
            added.add(backend);
          } else {
            // The attributes may differ.
            known.subchannel.updateAddresses(List.of(group));
          }
        });
    for (Backend backend : added) {
      backend.subchannel.start(info -> onState(backend, info));
      backend.subchannel.requestConnection();
    }
    publish();
    return Status.OK;
  }

  private Status fail(Status status) {
    handleNameResolutionError(status);
    return status;
  }

  @Override
  public void handleNameResolutionError(Status error) {
    if (backends.values().stream().noneMatch(b -> b.state == READY)) {
      helper.updateBalancingState(
          TRANSIENT_FAILURE, new FixedResultPicker(PickResult.withError(error)));
    }
  }

  @Override
  public void shutdown() {
    backends.values().forEach(b -> b.subchannel.shutdown());
    backends.clear();
  }

  private void onState(Backend backend, ConnectivityStateInfo info) {
    ConnectivityState state = info.getState();
    if (state == SHUTDOWN || backends.get(backend.identity) != backend) {
      return;
    }
    if (state == TRANSIENT_FAILURE || state == IDLE) {
      // A backend that hangs up may be gone for good.
      helper.refreshNameResolution();
    }
    if (state == IDLE) {
      backend.subchannel.requestConnection();
    }
    boolean stillFailed =
        backend.state == TRANSIENT_FAILURE && (state == CONNECTING || state == IDLE);
    if (!stillFailed) {
      backend.state = state;
      backend.error = info.getStatus();
      publish();
    }
  }

  private void publish() {
    if (header == null) {
      return;
    }
    ConnectivityState state = TRANSIENT_FAILURE;
    List<Candidate> candidates = new ArrayList<>();
    for (Backend backend : backends.values()) {
      candidates.add(backend.candidate());
      if (backend.state == READY) {
        state = READY;
      } else if (backend.state != TRANSIENT_FAILURE && state != READY) {
        state = CONNECTING;
      }
    }
    helper.updateBalancingState(state, new Picker(header, candidates));
  }

  /** Not {@code toString}: that of a looked-up address depends on the name it was looked up by. */
  private static String identity(EquivalentAddressGroup group) {
    StringBuilder identity = new StringBuilder();
    for (SocketAddress address : group.getAddresses()) {
      if (address instanceof InetSocketAddress inet) {
        identity.append(
            inet.isUnresolved() ? inet.getHostString() : inet.getAddress().getHostAddress());
        identity.append(':').append(inet.getPort());
      } else {
        identity.append(address);
      }
      identity.append(' ');
    }
    return identity.toString();
  }

  /**
   * FNV-1a over UTF-16 units, then the finalizer of MurmurHash3, which FNV needs for its high bits.
   */
  static long hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return mix(hash);
  }

  static long mix(long hash) {
    hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
    hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return hash ^ (hash >>> 33);
  }

  private static final class Backend {
    private final String identity;
    private final Subchannel subchannel;
    private ConnectivityState state = CONNECTING;
    private Status error = Status.OK;

    Backend(String identity, Subchannel subchannel) {
      this.identity = identity;
      this.subchannel = subchannel;
    }

    Candidate candidate() {
      PickResult result;
      if (state == READY) {
        result = PickResult.withSubchannel(subchannel);
      } else if (state == TRANSIENT_FAILURE) {
        result = PickResult.withError(error);
      } else {
        result = PickResult.withNoResult();
      }
      return new Candidate(hash(identity), state == TRANSIENT_FAILURE, result);
    }
  }

  private record Candidate(long hash, boolean failed, PickResult result) {}

  /** Used by the threads that make calls; holds nothing that changes. */
  static final class Picker extends SubchannelPicker {
    private final Metadata.Key<String> header;
    private final List<Candidate> candidates;

    private Picker(Metadata.Key<String> header, List<Candidate> candidates) {
      this.header = header;
      this.candidates = List.copyOf(candidates);
    }

    @Override
    public PickResult pickSubchannel(PickSubchannelArgs args) {
      String value = args.getHeaders().get(header);
      long hash = value == null ? ThreadLocalRandom.current().nextLong() : hash(value);
      Candidate best = null;
      Candidate bestFailed = null;
      long bestScore = 0;
      long bestFailedScore = 0;
      for (Candidate candidate : candidates) {
        long score = mix(hash ^ candidate.hash);
        if (candidate.failed) {
          if (bestFailed == null || score > bestFailedScore) {
            bestFailed = candidate;
            bestFailedScore = score;
          }
        } else if (best == null || score > bestScore) {
          best = candidate;
          bestScore = score;
        }
      }
      if (best != null) {
        return best.result;
      }
      return bestFailed == null ? PickResult.withNoResult() : bestFailed.result;
    }
  }
}
