// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.sampling;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.roentgen.sampling.RuleSet;
import io.roentgen.sampling.SamplingRule;
import io.roentgen.server.xray.protocol.XRayException;
import io.roentgen.server.xray.state.Account;
import io.roentgen.server.xray.state.StateDocuments;
import io.roentgen.server.xray.tags.TaggedResources;
import io.roentgen.store.DocumentStore;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All sampling rules. Some are given at the start: the default rule, and those of a local rule
 * file. The others were made over the API and are durable. A given rule that was changed over the
 * API is kept as it was changed, and is in force in place of the given one until it is deleted.
 * Safe for use by several threads.
 */
public final class Rules implements TaggedResources {
  /** Rules beside the default one, as AWS is said to allow by default. */
  static final int MAX_RULES = 25;

  private static final String LAST_DELETION = "last";

  private final StateDocuments documents;
  private final StateDocuments deletions;
  private final Account account;
  private final InstantSource clock;
  private final Map<String, StoredRule> given = new LinkedHashMap<>();

  /** Those that are kept in {@code store}, and the default rule. */
  public Rules(DocumentStore store, Account account, InstantSource clock) {
    this(store, account, clock, null);
  }

  /**
   * Those that are kept in {@code store}, and those of a file.
   *
   * @param file has a default rule; null for none but that
   */
  public Rules(DocumentStore store, Account account, InstantSource clock, @Nullable RuleSet file) {
    documents = new StateDocuments(store, "sampling-rule");
    deletions = new StateDocuments(store, "sampling-rule-deletion");
    this.account = account;
    this.clock = clock;
    if (file == null) {
      given.put(SamplingRule.DEFAULT_NAME, StoredRule.ofDefault());
    } else {
      // As of now, as the file may have been another before.
      Instant now = clock.instant();
      for (SamplingRule rule : file.rules()) {
        given.put(rule.name(), StoredRule.ofFile(rule, now));
      }
    }
  }

  /** A rule that is in force, and where it is from. */
  public record InForce(SamplingRule rule, Source source) {}

  /** Where a rule is from. */
  public enum Source {
    /** Made or changed over the API. */
    API,
    /** In the local rule file. */
    FILE,
    /** There without anyone having done anything. */
    BUILT_IN
  }

  /** Returns all rules in the order in which they are tried, the default one last. */
  public List<InForce> inForce() {
    return all().stream().map(each -> new InForce(each.rule(), source(each))).toList();
  }

  private Source source(StoredRule stored) {
    if (!stored.equals(given.get(stored.rule().name()))) {
      return Source.API;
    }
    return stored.equals(StoredRule.ofDefault()) ? Source.BUILT_IN : Source.FILE;
  }

  /** Returns all rules in the order in which they are tried, the default one last. */
  List<StoredRule> all() {
    Map<String, StoredRule> all = new LinkedHashMap<>(given);
    for (StateDocuments.State state : documents.list()) {
      all.put(state.name(), StoredRule.read(state));
    }
    return all.values().stream().sorted(Comparator.comparing(StoredRule::rule)).toList();
  }

  @Nullable StoredRule find(String name) {
    StateDocuments.State state = documents.find(name).orElse(null);
    return state == null ? given.get(name) : StoredRule.read(state);
  }

  @Nullable StoredRule findByArn(String arn) {
    return all().stream().filter(stored -> arn(stored.rule()).equals(arn)).findFirst().orElse(null);
  }

  String arn(SamplingRule rule) {
    return account.arn("sampling-rule/" + rule.name());
  }

  /** Returns when the rules were last changed: made, changed or deleted; 1970 if never. */
  Instant modifiedAt() {
    Instant last =
        deletions
            .find(LAST_DELETION)
            .map(state -> Instant.ofEpochMilli(state.content().path("at").asLong()))
            .orElse(Instant.EPOCH);
    for (StoredRule stored : all()) {
      last = stored.modifiedAt().isAfter(last) ? stored.modifiedAt() : last;
    }
    return last;
  }

  StoredRule create(SamplingRule rule, SortedMap<String, String> tags) {
    return create(rule, tags, "SamplingRule.RuleName");
  }

  /**
   * Adds a rule whose name the request has in {@code member}; one at a time, so that no two take
   * the last place.
   */
  synchronized StoredRule create(SamplingRule rule, SortedMap<String, String> tags, String member) {
    if (find(rule.name()) != null) {
      throw XRayException.invalid(member, '\'' + rule.name() + '\'', "a name that no rule has yet");
    }
    int count = all().size() - given.size();
    if (count >= MAX_RULES) {
      throw XRayException.badRequest(
          "RuleLimitExceededException",
          "sampling rules: "
              + count
              + " are there (expected: at most "
              + MAX_RULES
              + "); delete one");
    }
    Instant now = clock.instant();
    StoredRule stored = new StoredRule(rule, now, now, tags);
    if (documents.put(rule.name(), stored.write(), DocumentStore.NONE).isEmpty()) {
      throw new IllegalStateException("sampling rule made twice: " + rule.name());
    }
    return stored;
  }

  /** Changes a rule and returns it as it is then, or null if it has gone. */
  @Nullable StoredRule change(String name, UnaryOperator<StoredRule> change) {
    while (true) {
      StateDocuments.State state = documents.find(name).orElse(null);
      StoredRule before = state == null ? given.get(name) : StoredRule.read(state);
      if (before == null) {
        return null;
      }
      StoredRule changed = change.apply(before);
      long revision = state == null ? DocumentStore.NONE : state.revision();
      if (documents.put(name, changed.write(), revision).isPresent()) {
        return changed;
      }
    }
  }

  /** Returns whether a rule is as it was given, so that there is nothing to delete. */
  boolean isGiven(String name) {
    return given.containsKey(name) && documents.find(name).isEmpty();
  }

  /** Deletes a rule; does nothing if it has gone. One that was given is then as it was given. */
  void delete(String name) {
    // First, as clients that fetch rules once too often do no harm.
    ObjectNode now = StateDocuments.object().put("at", clock.instant().toEpochMilli());
    long revision;
    do {
      revision =
          deletions
              .find(LAST_DELETION)
              .map(StateDocuments.State::revision)
              .orElse(DocumentStore.NONE);
    } while (deletions.put(LAST_DELETION, now, revision).isEmpty());
    StateDocuments.State state = documents.find(name).orElse(null);
    while (state != null && !documents.delete(name, state.revision())) {
      state = documents.find(name).orElse(null);
    }
  }

  @Override
  public @Nullable SortedMap<String, String> tags(String arn) {
    StoredRule stored = findByArn(arn);
    return stored == null ? null : stored.tags();
  }

  @Override
  public boolean changeTags(String arn, UnaryOperator<Map<String, String>> change) {
    StoredRule stored = findByArn(arn);
    return stored != null
        && change(stored.rule().name(), now -> now.withTags(change.apply(now.tags()))) != null;
  }
}
