// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.sampling.RequestMatch;
import io.roentgen.sampling.RuleFile;
import io.roentgen.sampling.RuleFileException;
import io.roentgen.sampling.RuleSet;
import io.roentgen.sampling.SamplingRule;
import io.roentgen.server.xray.sampling.Rules.InForce;
import io.roentgen.server.xray.sampling.Rules.Source;
import io.roentgen.server.xray.state.Account;
import io.roentgen.store.memory.MemoryStore;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rules of a local rule file beside those that are made over the API. */
class RulesTest {
  private static final Account ACCOUNT = new Account("us-east-1", "000000000000");

  private final MemoryStore store = new MemoryStore();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @AfterEach
  void close() {
    store.close();
  }

  private static RuleSet file(String target) throws RuleFileException {
    return RuleFile.parse(
        """
        {"version":2,"default":{"fixed_target":3,"rate":0.5},"rules":[
         {"host":"*","http_method":"GET","url_path":"/a","fixed_target":TARGET,"rate":1},
         {"host":"*","http_method":"PUT","url_path":"/a","fixed_target":0,"rate":0}]}
        """
            .replace("TARGET", target));
  }

  private Rules open(RuleSet file) {
    return new Rules(store.documents(), ACCOUNT, () -> now, file);
  }

  private static List<String> names(Rules rules) {
    return rules.inForce().stream().map(each -> each.rule().name()).toList();
  }

  private static SamplingRule changed(SamplingRule rule) {
    return new SamplingRule(rule.name(), rule.priority(), 9, 0, rule.match(), null);
  }

  @Test
  void inForce_ofAFile_areBehindThoseOfTheApi() throws Exception {
    Rules rules = open(file("1"));
    SamplingRule mine = new SamplingRule("mine", 100, 1, 1, RequestMatch.ANY, null);
    rules.create(mine, new TreeMap<>());
    assertThat(rules.inForce())
        .containsExactly(
            new InForce(mine, Source.API),
            new InForce(file("1").rules().get(0), Source.FILE),
            new InForce(file("1").rules().get(1), Source.FILE),
            new InForce(file("1").rules().get(2), Source.FILE));
    assertThat(rules.modifiedAt()).isEqualTo(now);

    // Later with another file, or without any.
    now = now.plusSeconds(100);
    assertThat(open(file("7")).inForce().get(1).rule().reservoirSize()).isEqualTo(7);
    assertThat(open(file("7")).modifiedAt()).isEqualTo(now);
    Rules without = open(null);
    assertThat(without.inForce())
        .containsExactly(
            new InForce(mine, Source.API), new InForce(SamplingRule.ofDefault(), Source.BUILT_IN));
  }

  @Test
  void change_ofAFilesRule_isKeptUntilItIsDeleted() throws Exception {
    Rules rules = open(file("1"));
    assertThat(rules.isGiven("file-001")).isTrue();
    assertThat(rules.change("file-001", stored -> stored.with(changed(stored.rule()), now)))
        .isNotNull();
    assertThat(rules.change("Default", stored -> stored.with(changed(stored.rule()), now)))
        .isNotNull();
    assertThat(rules.isGiven("file-001")).isFalse();

    Rules again = open(file("1"));
    assertThat(names(again)).containsExactly("file-001", "file-002", "Default");
    assertThat(again.inForce())
        .extracting(InForce::source)
        .containsExactly(Source.API, Source.FILE, Source.API);
    assertThat(again.find("file-001").rule().reservoirSize()).isEqualTo(9);

    again.delete("file-001");
    assertThat(again.find("file-001").rule().reservoirSize()).isEqualTo(1);
    assertThat(again.isGiven("file-001")).isTrue();
  }

  @Test
  void create_asManyAsAllowed_doesNotCountThoseOfTheFile() throws Exception {
    Rules rules = open(file("1"));
    for (int i = 0; i < Rules.MAX_RULES; i++) {
      rules.create(
          new SamplingRule("r" + i, 100 + i, 1, 1, RequestMatch.ANY, null), new TreeMap<>());
    }
    assertThat(rules.inForce()).hasSize(Rules.MAX_RULES + 3);
  }
}
