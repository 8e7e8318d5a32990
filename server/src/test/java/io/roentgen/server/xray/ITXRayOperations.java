// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.roentgen.model.TraceId;
import io.roentgen.store.lake.LakeConfig;
import io.roentgen.store.lake.LakeStore;
import io.roentgen.store.memory.MemoryStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.xray.model.EncryptionConfig;
import software.amazon.awssdk.services.xray.model.EncryptionStatus;
import software.amazon.awssdk.services.xray.model.EncryptionType;
import software.amazon.awssdk.services.xray.model.GetSamplingTargetsResponse;
import software.amazon.awssdk.services.xray.model.Group;
import software.amazon.awssdk.services.xray.model.GroupSummary;
import software.amazon.awssdk.services.xray.model.InsightState;
import software.amazon.awssdk.services.xray.model.InsightSummary;
import software.amazon.awssdk.services.xray.model.InvalidPolicyRevisionIdException;
import software.amazon.awssdk.services.xray.model.InvalidRequestException;
import software.amazon.awssdk.services.xray.model.LockoutPreventionException;
import software.amazon.awssdk.services.xray.model.MalformedPolicyDocumentException;
import software.amazon.awssdk.services.xray.model.PolicyCountLimitExceededException;
import software.amazon.awssdk.services.xray.model.PolicySizeLimitExceededException;
import software.amazon.awssdk.services.xray.model.ResourceNotFoundException;
import software.amazon.awssdk.services.xray.model.ResourcePolicy;
import software.amazon.awssdk.services.xray.model.RetrievalStatus;
import software.amazon.awssdk.services.xray.model.RetrievedTrace;
import software.amazon.awssdk.services.xray.model.RuleLimitExceededException;
import software.amazon.awssdk.services.xray.model.SamplingRule;
import software.amazon.awssdk.services.xray.model.SamplingRuleRecord;
import software.amazon.awssdk.services.xray.model.SamplingStatisticSummary;
import software.amazon.awssdk.services.xray.model.SamplingStatisticsDocument;
import software.amazon.awssdk.services.xray.model.SamplingTargetDocument;
import software.amazon.awssdk.services.xray.model.Tag;
import software.amazon.awssdk.services.xray.model.TooManyTagsException;
import software.amazon.awssdk.services.xray.model.TraceFormatType;
import software.amazon.awssdk.services.xray.model.TraceSegmentDestination;
import software.amazon.awssdk.services.xray.model.TraceSegmentDestinationStatus;

/**
 * Every operation that is there, driven by the AWS SDK for Java v2 (software.amazon.awssdk:xray):
 * what it does, what it refuses, and what a restart leaves of it.
 */
@SuppressWarnings("unchecked") // the SDK takes consumers of builders as generic varargs
class ITXRayOperations {
  private static final String ARN = "arn:aws:xray:eu-west-1:123456789012:";
  private static final String CLIENT = "ABCDEF1234567890ABCDEF1";
  private static final String POLICY =
      "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":"
          + "{\"Service\":\"logs.amazonaws.com\"},\"Action\":\"xray:PutTraceSegments\","
          + "\"Resource\":\"*\"}]}";

  private final ObjectMapper json = new ObjectMapper();
  private XRayServer server;

  @BeforeEach
  void start() {
    server = new XRayServer(new MemoryStore());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static Tag tag(String key, String value) {
    return Tag.builder().key(key).value(value).build();
  }

  private static List<Tag> tags(int count) {
    return IntStream.range(0, count).mapToObj(i -> tag("key-" + i, "")).toList();
  }

  private static SamplingRule.Builder rule(String name, int priority) {
    return SamplingRule.builder()
        .ruleName(name)
        .priority(priority)
        .fixedRate(0.25)
        .reservoirSize(10)
        .resourceARN("*")
        .serviceName("shop")
        .serviceType("*")
        .host("*.example.com")
        .httpMethod("GET")
        .urlPath("/api/*")
        .version(1);
  }

  private void putSegments(String... segments) {
    assertThat(
            server
                .aws
                .putTraceSegments(request -> request.traceSegmentDocuments(segments))
                .unprocessedTraceSegments())
        .isEmpty();
  }

  private String segment(long second, int trace, int id) {
    return "{\"name\":\"shop\",\"id\":\"%016x\",\"trace_id\":\"1-%08x-%024x\",\"start_time\":%d.5,\"end_time\":%d}"
        .formatted(id, second, trace, second, second + 1);
  }

  // ---- groups

  @Test
  void groups_createGetUpdateDelete_areDone() {
    Group created =
        server
            .aws
            .createGroup(
                request ->
                    request
                        .groupName("shop")
                        .filterExpression("service(\"shop\")")
                        .insightsConfiguration(c -> c.insightsEnabled(true))
                        .tags(tag("team", "a")))
            .group();
    assertThat(created.groupARN()).matches(ARN + "group/shop/[A-Z2-7]{26}");
    assertThat(created.filterExpression()).isEqualTo("service(\"shop\")");
    assertThat(created.insightsConfiguration().insightsEnabled()).isTrue();
    assertThat(created.insightsConfiguration().notificationsEnabled()).isFalse();
    assertThat(server.aws.getGroup(request -> request.groupName("shop")).group())
        .isEqualTo(created);
    assertThat(server.aws.getGroup(request -> request.groupARN(created.groupARN())).group())
        .isEqualTo(created);
    assertThat(server.aws.getGroups().groups())
        .extracting(GroupSummary::groupName, GroupSummary::groupARN)
        .containsExactly(
            tuple("Default", ARN + "group/Default"), tuple("shop", created.groupARN()));

    Group updated =
        server
            .aws
            .updateGroup(
                request ->
                    request
                        .groupARN(created.groupARN())
                        .filterExpression("fault")
                        .insightsConfiguration(c -> c.notificationsEnabled(true)))
            .group();
    assertThat(updated.filterExpression()).isEqualTo("fault");
    assertThat(updated.insightsConfiguration().insightsEnabled()).isTrue();
    assertThat(updated.insightsConfiguration().notificationsEnabled()).isTrue();
    Group off =
        server
            .aws
            .updateGroup(
                request ->
                    request.groupName("shop").insightsConfiguration(c -> c.insightsEnabled(false)))
            .group();
    assertThat(off.filterExpression()).isEqualTo("fault");
    assertThat(off.insightsConfiguration().notificationsEnabled()).isFalse();

    server.aws.deleteGroup(request -> request.groupName("shop"));
    assertThat(server.aws.getGroups().groups()).hasSize(1);
    assertThat(server.aws.createGroup(request -> request.groupName("shop")).group().groupARN())
        .isNotEqualTo(created.groupARN());
  }

  @Test
  void groups_default_isAlwaysThereAndHasAllTraces() {
    Group group = server.aws.getGroup(request -> request.groupName("Default")).group();
    assertThat(group.filterExpression()).isNull();
    assertThat(
            server
                .aws
                .updateGroup(
                    request ->
                        request
                            .groupName("Default")
                            .insightsConfiguration(c -> c.insightsEnabled(true)))
                .group()
                .insightsConfiguration()
                .insightsEnabled())
        .isTrue();
    assertThat(server.aws.getGroups().groups()).hasSize(1);
    assertThatThrownBy(
            () ->
                server.aws.updateGroup(
                    request -> request.groupName("Default").filterExpression("fault")))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> server.aws.deleteGroup(request -> request.groupName("Default")))
        .isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void groups_refused_changeNothing() {
    Group shop =
        server
            .aws
            .createGroup(request -> request.groupName("shop").filterExpression("fault"))
            .group();
    Group other = server.aws.createGroup(request -> request.groupName("other")).group();
    assertInvalid(
        () -> server.aws.createGroup(request -> request.groupName("shop")),
        "a name that no group has yet");
    assertInvalid(
        () -> server.aws.createGroup(request -> request.groupName("bad").filterExpression("wrong")),
        "FilterExpression: line 1, column 1");
    assertInvalid(
        () ->
            server.aws.updateGroup(
                request ->
                    request
                        .groupName("shop")
                        .filterExpression("ok")
                        .insightsConfiguration(
                            c -> c.insightsEnabled(false).notificationsEnabled(true))),
        "InsightsConfiguration.NotificationsEnabled: true (expected: false");
    assertInvalid(
        () ->
            server.aws.updateGroup(request -> request.groupName("shop").filterExpression("wrong")),
        "FilterExpression");
    assertInvalid(
        () ->
            server.aws.deleteGroup(request -> request.groupName("shop").groupARN(other.groupARN())),
        "GroupARN: of the group 'other'");
    assertInvalid(() -> server.aws.getGroup(request -> request.groupName("SHOP")), "GroupName");
    assertThat(server.aws.getGroups().groups()).hasSize(3);
    assertThat(server.aws.getGroup(request -> request.groupName("shop")).group()).isEqualTo(shop);
  }

  @Test
  void groups_thatWouldReferToThemselves_areRefused() {
    String first =
        server
            .aws
            .createGroup(
                request ->
                    request.groupName("first").filterExpression("group.name = \"second\" OR fault"))
            .group()
            .groupARN();
    assertInvalid(
        () ->
            server.aws.createGroup(
                request ->
                    request
                        .groupName("second")
                        .filterExpression("group.arn = \"" + first + "\" OR error")),
        "FilterExpression: line 1, column 1: group.name \"second\" within itself");
    server.aws.createGroup(request -> request.groupName("second").filterExpression("error"));
    assertInvalid(
        () ->
            server.aws.updateGroup(
                request -> request.groupName("second").filterExpression("!group.name = \"first\"")),
        "within itself");
    assertThat(
            server.aws.getGroup(request -> request.groupName("second")).group().filterExpression())
        .isEqualTo("error");
    server.aws.updateGroup(request -> request.groupARN(first).filterExpression("ok"));
    server.aws.updateGroup(
        request -> request.groupName("second").filterExpression("group.name = \"first\""));
  }

  @Test
  void updateGroup_makesAnotherGroupTooLong_isRefused() {
    String clause = "annotation.key = \"" + "x".repeat(1_900) + "\"";
    server.aws.createGroup(request -> request.groupName("inner-a").filterExpression("ok"));
    String twelve =
        IntStream.range(0, 12)
            .mapToObj(i -> "group.name = \"inner-a\"")
            .collect(Collectors.joining(" OR "));
    server.aws.createGroup(request -> request.groupName("outer-a").filterExpression(twelve));

    assertInvalid(
        () ->
            server.aws.updateGroup(
                request -> request.groupName("inner-a").filterExpression(clause)),
        "FilterExpression: the group 'outer-a' refers to this one, and its filter would be refused");

    assertThat(
            server.aws.getGroup(request -> request.groupName("inner-a")).group().filterExpression())
        .isEqualTo("ok");
    for (String name : List.of("outer-a", "inner-a")) {
      server.aws.deleteGroup(request -> request.groupName(name));
    }
  }

  @Test
  void groups_namesThatNoGroupCanHave_matchNothing() {
    putSegments(segment(1_700_000_000L, 1, 1));
    for (String name : List.of("", "x".repeat(1_100))) {
      assertThat(
              server
                  .aws
                  .getTraceSummaries(
                      request ->
                          request
                              .startTime(Instant.ofEpochSecond(1_700_000_000L))
                              .endTime(Instant.ofEpochSecond(1_700_000_001L))
                              .filterExpression("group.name = \"" + name + "\""))
                  .traceSummaries())
          .isEmpty();
    }
  }

  @Test
  void groups_moreThanAllowed_areRefused() {
    for (int i = 0; i < 25; i++) {
      String name = "g-" + i;
      server.aws.createGroup(request -> request.groupName(name));
    }
    assertInvalid(
        () -> server.aws.createGroup(request -> request.groupName("one-more")),
        "groups: 25 are there (expected: at most 25)");
    assertThat(server.aws.getGroups().groups()).hasSize(26);
  }

  private static void assertInvalid(Runnable call, String message) {
    assertThatThrownBy(call::run)
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining(message);
  }

  // ---- tags

  @Test
  void tags_ofGroupsAndRules_areListedAddedAndTakenAway() {
    String group =
        server
            .aws
            .createGroup(request -> request.groupName("shop").tags(tag("b", "1"), tag("a", "")))
            .group()
            .groupARN();
    String rule =
        server
            .aws
            .createSamplingRule(
                request -> request.samplingRule(rule("r", 1).build()).tags(tag("c", "3")))
            .samplingRuleRecord()
            .samplingRule()
            .ruleARN();
    assertThat(server.aws.listTagsForResource(request -> request.resourceARN(group)).tags())
        .containsExactly(tag("a", ""), tag("b", "1"));
    assertThat(server.aws.listTagsForResource(request -> request.resourceARN(rule)).tags())
        .containsExactly(tag("c", "3"));

    server.aws.tagResource(
        request -> request.resourceARN(group).tags(tag("b", "2"), tag("d", "4")));
    server.aws.untagResource(request -> request.resourceARN(group).tagKeys("a", "none"));
    assertThat(server.aws.listTagsForResource(request -> request.resourceARN(group)).tags())
        .containsExactly(tag("b", "2"), tag("d", "4"));
    server.aws.tagResource(
        request -> request.resourceARN(ARN + "sampling-rule/Default").tags(tag("x", "y")));
    assertThat(
            server
                .aws
                .listTagsForResource(request -> request.resourceARN(ARN + "sampling-rule/Default"))
                .tags())
        .containsExactly(tag("x", "y"));
  }

  @Test
  void tags_tooManyOrReserved_areRefused() {
    String group =
        server
            .aws
            .createGroup(request -> request.groupName("shop").tags(tags(50)))
            .group()
            .groupARN();
    TooManyTagsException tooMany =
        catchThrowableOfType(
            TooManyTagsException.class,
            () ->
                server.aws.tagResource(
                    request -> request.resourceARN(group).tags(tag("one-more", ""))));
    assertThat(tooMany.resourceName()).isEqualTo(group);
    assertThat(tooMany.statusCode()).isEqualTo(400);
    server.aws.tagResource(request -> request.resourceARN(group).tags(tag("key-7", "changed")));
    assertThat(server.aws.listTagsForResource(request -> request.resourceARN(group)).tags())
        .hasSize(50);
    assertThatThrownBy(
            () -> server.aws.createGroup(request -> request.groupName("other").tags(tags(51))))
        .isInstanceOf(TooManyTagsException.class);
    assertInvalid(
        () -> server.aws.tagResource(request -> request.resourceARN(group).tags(tag("AWS:x", ""))),
        "Tags[0].Key: 'AWS:x' (expected: no prefix aws:");
    assertInvalid(
        () ->
            server.aws.createGroup(
                request -> request.groupName("other").tags(tag("a", "1"), tag("a", "2"))),
        "each key once");
    assertThat(server.aws.getGroups().groups()).hasSize(2);
  }

  @Test
  void tags_unknownResource_isNotFound() {
    for (String arn : List.of("arn", ARN + "group/none/ABC", ARN + "sampling-rule/none")) {
      ResourceNotFoundException e =
          catchThrowableOfType(
              ResourceNotFoundException.class,
              () -> server.aws.listTagsForResource(request -> request.resourceARN(arn)));
      assertThat(e.resourceName()).isEqualTo(arn);
      assertThat(e.statusCode()).isEqualTo(404);
      assertThatThrownBy(
              () -> server.aws.tagResource(request -> request.resourceARN(arn).tags(tags(1))))
          .isInstanceOf(ResourceNotFoundException.class);
      assertThatThrownBy(
              () -> server.aws.untagResource(request -> request.resourceARN(arn).tagKeys("a")))
          .isInstanceOf(ResourceNotFoundException.class);
    }
  }

  // ---- sampling

  private List<SamplingRuleRecord> rules() {
    return server.aws.getSamplingRules().samplingRuleRecords();
  }

  @Test
  void rules_createUpdateDelete_areSeenInTheirOrder() {
    SamplingRule wanted =
        rule("second", 20)
            .attributes(Map.of("tier", "g*"))
            .samplingRateBoost(boost -> boost.maxRate(0.5).cooldownWindowMinutes(3))
            .build();
    SamplingRuleRecord created =
        server.aws.createSamplingRule(request -> request.samplingRule(wanted)).samplingRuleRecord();
    String arn = ARN + "sampling-rule/second";
    assertThat(created.samplingRule()).isEqualTo(wanted.toBuilder().ruleARN(arn).build());
    assertThat(created.createdAt()).isEqualTo(server.now());
    assertThat(created.modifiedAt()).isEqualTo(server.now());
    server.aws.createSamplingRule(request -> request.samplingRule(rule("first", 20).build()));
    assertThat(rules())
        .extracting(record -> record.samplingRule().ruleName())
        .containsExactly("first", "second", "Default");

    Instant before = server.now();
    server.advance(Duration.ofSeconds(5));
    SamplingRuleRecord updated =
        server
            .aws
            .updateSamplingRule(
                request ->
                    request.samplingRuleUpdate(
                        update ->
                            update
                                .ruleARN(arn)
                                .priority(1)
                                .fixedRate(0.0)
                                .urlPath("*")
                                .attributes(Map.of())))
            .samplingRuleRecord();
    assertThat(updated.samplingRule())
        .isEqualTo(
            wanted.toBuilder()
                .ruleARN(arn)
                .priority(1)
                .fixedRate(0.0)
                .urlPath("*")
                .attributes(Map.of())
                .build());
    assertThat(updated.createdAt()).isEqualTo(before);
    assertThat(updated.modifiedAt()).isEqualTo(server.now());
    assertThat(lastRuleModification()).isEqualTo(server.now());

    server.advance(Duration.ofSeconds(5));
    SamplingRuleRecord deleted =
        server.aws.deleteSamplingRule(request -> request.ruleName("second")).samplingRuleRecord();
    assertThat(deleted).isEqualTo(updated);
    assertThat(rules()).hasSize(2);
    assertThat(lastRuleModification()).isEqualTo(server.now());
  }

  private Instant lastRuleModification() {
    return server
        .aws
        .getSamplingTargets(request -> request.samplingStatisticsDocuments(List.of()))
        .lastRuleModification();
  }

  @Test
  void rules_default_changesInRateAndReservoirOnly() {
    SamplingRuleRecord initial = rules().getFirst();
    assertThat(initial.createdAt()).isEqualTo(Instant.EPOCH);
    SamplingRule changed =
        server
            .aws
            .updateSamplingRule(
                request ->
                    request.samplingRuleUpdate(
                        update -> update.ruleName("Default").fixedRate(0.5).reservoirSize(7)))
            .samplingRuleRecord()
            .samplingRule();
    assertThat(changed)
        .isEqualTo(initial.samplingRule().toBuilder().fixedRate(0.5).reservoirSize(7).build());
    assertInvalid(
        () ->
            server.aws.updateSamplingRule(
                request ->
                    request.samplingRuleUpdate(
                        update -> update.ruleName("Default").fixedRate(0.1).host("x"))),
        "SamplingRuleUpdate.Host: given (expected: only FixedRate and ReservoirSize");
    assertInvalid(
        () -> server.aws.deleteSamplingRule(request -> request.ruleName("Default")), "RuleName");
    assertInvalid(
        () ->
            server.aws.createSamplingRule(
                request -> request.samplingRule(rule("Default", 1).build())),
        "SamplingRule.RuleName: 'Default'");
    assertThat(rules()).extracting(SamplingRuleRecord::samplingRule).containsExactly(changed);
  }

  @Test
  void rules_twentySixth_isOverTheLimit() {
    for (int i = 0; i < 25; i++) {
      SamplingRule rule = rule("r-" + i, 100 + i).build();
      server.aws.createSamplingRule(request -> request.samplingRule(rule));
    }
    RuleLimitExceededException e =
        catchThrowableOfType(
            RuleLimitExceededException.class,
            () ->
                server.aws.createSamplingRule(
                    request -> request.samplingRule(rule("r-25", 1).build())));
    assertThat(e.statusCode()).isEqualTo(400);
    assertThat(rules()).hasSize(26);
  }

  @Test
  void rules_badOnes_areRefusedAndNothingChanges() {
    server.aws.createSamplingRule(request -> request.samplingRule(rule("r", 5).build()));
    List<SamplingRuleRecord> before = rules();
    String arn = ARN + "sampling-rule/r";
    for (SamplingRule bad :
        List.of(
            rule("r", 6).build(),
            rule("x/y", 6).build(),
            rule("x", 0).build(),
            rule("x", 10_000).build(),
            rule("x", 6).fixedRate(1.01).build(),
            rule("x", 6).fixedRate(-0.1).build(),
            rule("x", 6).reservoirSize(-1).build(),
            rule("x", 6).version(2).build(),
            rule("x", 6).version(null).build(),
            rule("x", 6).ruleName(null).build(),
            rule("x", 6).ruleARN(arn).build(),
            rule("x", 6).host(null).build(),
            rule("x", 6).host("h".repeat(65)).build(),
            rule("x", 6).urlPath("/a\nb").build(),
            rule("x", 6).httpMethod("PROPPATCHED").build(),
            rule("x", 6).attributes(Map.of("k", "v".repeat(33))).build(),
            rule("x", 6)
                .attributes(Map.of("1", "v", "2", "v", "3", "v", "4", "v", "5", "v", "6", "v"))
                .build(),
            rule("x", 6)
                .samplingRateBoost(boost -> boost.maxRate(2.0).cooldownWindowMinutes(1))
                .build(),
            rule("x", 6).samplingRateBoost(boost -> boost.maxRate(1.0)).build())) {
      assertThatThrownBy(() -> server.aws.createSamplingRule(request -> request.samplingRule(bad)))
          .as(bad.toString())
          .isInstanceOf(InvalidRequestException.class)
          .hasMessageContaining("SamplingRule.");
    }
    assertInvalid(
        () ->
            server.aws.updateSamplingRule(
                request ->
                    request.samplingRuleUpdate(
                        update -> update.ruleName("r").ruleARN(arn).priority(1))),
        "not both");
    assertInvalid(
        () ->
            server.aws.updateSamplingRule(
                request -> request.samplingRuleUpdate(update -> update.priority(1))),
        "RuleName: missing");
    assertInvalid(
        () ->
            server.aws.updateSamplingRule(
                request ->
                    request.samplingRuleUpdate(update -> update.ruleName("r").priority(10_000))),
        "SamplingRuleUpdate.Priority: 10000");
    assertInvalid(
        () -> server.aws.deleteSamplingRule(request -> request.ruleName("none")),
        "RuleName: 'none'");
    assertInvalid(
        () -> server.aws.deleteSamplingRule(request -> request.ruleARN(arn + "x")), "RuleARN");
    assertThat(rules()).isEqualTo(before);
  }

  private GetSamplingTargetsResponse report(String rule, String client, int requests) {
    return server.aws.getSamplingTargets(
        request ->
            request.samplingStatisticsDocuments(
                document ->
                    document
                        .ruleName(rule)
                        .clientID(CLIENT + client)
                        .timestamp(server.now())
                        .requestCount(requests)
                        .sampledCount(2)
                        .borrowCount(1)));
  }

  @Test
  void targets_severalClients_shareTheReservoirAndAreCounted() {
    server.aws.createSamplingRule(request -> request.samplingRule(rule("r", 5).build()));
    SamplingTargetDocument first = report("r", "1", 100).samplingTargetDocuments().getFirst();
    assertThat(first.ruleName()).isEqualTo("r");
    assertThat(first.fixedRate()).isEqualTo(0.25);
    assertThat(first.reservoirQuota()).isEqualTo(10);
    assertThat(first.reservoirQuotaTTL()).isEqualTo(server.now().plus(Duration.ofMinutes(5)));
    assertThat(first.interval()).isEqualTo(10);
    assertThat(first.samplingBoost()).isNull();
    assertThat(report("r", "2", 50).samplingTargetDocuments().getFirst().reservoirQuota()).isZero();
    server.advance(Duration.ofSeconds(10));
    assertThat(report("r", "1", 1).samplingTargetDocuments().getFirst().reservoirQuota())
        .isEqualTo(5);
    assertThat(report("r", "2", 1).samplingTargetDocuments().getFirst().reservoirQuota())
        .isEqualTo(5);

    assertThat(server.aws.getSamplingStatisticSummaries().samplingStatisticSummaries())
        .containsExactly(
            SamplingStatisticSummary.builder()
                .ruleName("r")
                .timestamp(server.now().minusSeconds(10))
                .requestCount(150)
                .sampledCount(4)
                .borrowCount(2)
                .build(),
            SamplingStatisticSummary.builder()
                .ruleName("r")
                .timestamp(server.now())
                .requestCount(2)
                .sampledCount(4)
                .borrowCount(2)
                .build());
  }

  @Test
  void targets_unknownRuleOrOldReport_areNamed() {
    assertThat(report("none", "1", 1).unprocessedStatistics())
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.ruleName()).isEqualTo("none");
              assertThat(each.errorCode()).isEqualTo("RuleNotFound");
            });
    GetSamplingTargetsResponse old =
        server.aws.getSamplingTargets(
            request ->
                request.samplingStatisticsDocuments(
                    document ->
                        document
                            .ruleName("Default")
                            .clientID(CLIENT + "1")
                            .timestamp(server.now().minus(Duration.ofHours(2)))
                            .requestCount(1)
                            .sampledCount(1)));
    assertThat(old.samplingTargetDocuments()).isEmpty();
    assertThat(old.unprocessedStatistics())
        .extracting(each -> each.errorCode())
        .containsExactly("StatisticsTooOld");
  }

  @Test
  void targets_anomalies_boostTheRate() {
    server.aws.createSamplingRule(
        request ->
            request.samplingRule(
                rule("r", 5)
                    .samplingRateBoost(boost -> boost.maxRate(0.9).cooldownWindowMinutes(10))
                    .build()));
    GetSamplingTargetsResponse response =
        server.aws.getSamplingTargets(
            request ->
                request
                    .samplingStatisticsDocuments(
                        document ->
                            document
                                .ruleName("r")
                                .clientID(CLIENT + "1")
                                .timestamp(server.now())
                                .requestCount(100)
                                .sampledCount(10))
                    .samplingBoostStatisticsDocuments(
                        document ->
                            document
                                .ruleName("r")
                                .serviceName("shop")
                                .timestamp(server.now())
                                .anomalyCount(4)
                                .totalCount(100)
                                .sampledAnomalyCount(1),
                        document ->
                            document
                                .ruleName("none")
                                .serviceName("shop")
                                .timestamp(server.now())
                                .anomalyCount(4)
                                .totalCount(100)
                                .sampledAnomalyCount(1)));
    SamplingTargetDocument target = response.samplingTargetDocuments().getFirst();
    assertThat(target.samplingBoost().boostRate()).isEqualTo(0.9);
    assertThat(target.samplingBoost().boostRateTTL())
        .isEqualTo(server.now().plus(Duration.ofMinutes(1)));
    assertThat(response.unprocessedBoostStatistics())
        .extracting(each -> each.ruleName())
        .containsExactly("none");
  }

  @Test
  void statistics_manyWindows_areGivenInPages() {
    for (int i = 0; i < 25; i++) {
      SamplingRule rule = rule("r-" + i, 100 + i).build();
      server.aws.createSamplingRule(request -> request.samplingRule(rule));
    }
    int windows = 41;
    for (int window = 0; window < windows; window++) {
      server.aws.getSamplingTargets(
          request ->
              request.samplingStatisticsDocuments(
                  IntStream.range(0, 25)
                      .mapToObj(
                          i ->
                              SamplingStatisticsDocument.builder()
                                  .ruleName("r-" + i)
                                  .clientID(CLIENT + "1")
                                  .timestamp(server.now())
                                  .requestCount(1)
                                  .sampledCount(1)
                                  .build())
                      .toList()));
      server.advance(Duration.ofSeconds(10));
    }
    var pages = new ArrayList<Integer>();
    server
        .aws
        .getSamplingStatisticSummariesPaginator()
        .forEach(page -> pages.add(page.samplingStatisticSummaries().size()));
    assertThat(pages).containsExactly(1_000, 25 * windows - 1_000);
  }

  // ---- settings

  @Test
  void encryption_put_isUpdatingAndThenActive() {
    EncryptionConfig initial = server.aws.getEncryptionConfig().encryptionConfig();
    assertThat(initial)
        .isEqualTo(
            EncryptionConfig.builder()
                .type(EncryptionType.NONE)
                .status(EncryptionStatus.ACTIVE)
                .build());
    EncryptionConfig put =
        server
            .aws
            .putEncryptionConfig(request -> request.type(EncryptionType.KMS).keyId("alias/x"))
            .encryptionConfig();
    assertThat(put.status()).isEqualTo(EncryptionStatus.UPDATING);
    assertThat(server.aws.getEncryptionConfig().encryptionConfig())
        .isEqualTo(put.toBuilder().status(EncryptionStatus.ACTIVE).build());
    assertInvalid(
        () -> server.aws.putEncryptionConfig(request -> request.type(EncryptionType.KMS)),
        "KeyId: missing");
    assertInvalid(
        () ->
            server.aws.putEncryptionConfig(request -> request.type(EncryptionType.NONE).keyId("x")),
        "KeyId: 'x' (expected: none");
    assertThat(server.aws.getEncryptionConfig().encryptionConfig().keyId()).isEqualTo("alias/x");
    server.aws.putEncryptionConfig(request -> request.type(EncryptionType.NONE));
    assertThat(server.aws.getEncryptionConfig().encryptionConfig()).isEqualTo(initial);
  }

  @Test
  void indexingRule_update_isKept() {
    var initial = server.aws.getIndexingRules(request -> {}).indexingRules();
    assertThat(initial).hasSize(1);
    assertThat(initial.getFirst().name()).isEqualTo("Default");
    assertThat(initial.getFirst().rule().probabilistic().desiredSamplingPercentage()).isEqualTo(1);
    var updated =
        server
            .aws
            .updateIndexingRule(
                request ->
                    request
                        .name("Default")
                        .rule(rule -> rule.probabilistic(p -> p.desiredSamplingPercentage(12.5))))
            .indexingRule();
    assertThat(updated.modifiedAt()).isEqualTo(server.now());
    assertThat(server.aws.getIndexingRules(request -> {}).indexingRules()).containsExactly(updated);
    assertThat(updated.rule().probabilistic().desiredSamplingPercentage()).isEqualTo(12.5);
    assertThat(updated.rule().probabilistic().actualSamplingPercentage()).isEqualTo(100);
    assertThatThrownBy(
            () ->
                server.aws.updateIndexingRule(
                    request ->
                        request
                            .name("Other")
                            .rule(
                                rule -> rule.probabilistic(p -> p.desiredSamplingPercentage(1.0)))))
        .isInstanceOf(ResourceNotFoundException.class);
    assertInvalid(
        () ->
            server.aws.updateIndexingRule(
                request ->
                    request
                        .name("Default")
                        .rule(rule -> rule.probabilistic(p -> p.desiredSamplingPercentage(100.5)))),
        "Rule.Probabilistic.DesiredSamplingPercentage: 100.5 (expected: a number, 0 to 100)");
  }

  @Test
  void destination_update_isPendingAndThenActive() {
    assertThat(server.aws.getTraceSegmentDestination(request -> {}).destination())
        .isEqualTo(TraceSegmentDestination.X_RAY);
    var updated =
        server.aws.updateTraceSegmentDestination(
            request -> request.destination(TraceSegmentDestination.CLOUD_WATCH_LOGS));
    assertThat(updated.status()).isEqualTo(TraceSegmentDestinationStatus.PENDING);
    var now = server.aws.getTraceSegmentDestination(request -> {});
    assertThat(now.destination()).isEqualTo(TraceSegmentDestination.CLOUD_WATCH_LOGS);
    assertThat(now.status()).isEqualTo(TraceSegmentDestinationStatus.ACTIVE);
  }

  // ---- policies

  private ResourcePolicy putPolicy(String name, String document, String revision) {
    return server
        .aws
        .putResourcePolicy(
            request -> request.policyName(name).policyDocument(document).policyRevisionId(revision))
        .resourcePolicy();
  }

  @Test
  void policies_putListDelete_compareRevisions() {
    ResourcePolicy first = putPolicy("logs", POLICY, "0");
    assertThat(first.policyDocument()).isEqualTo(POLICY);
    assertThat(first.lastUpdatedTime()).isEqualTo(server.now());
    ResourcePolicy second = putPolicy("logs", POLICY + " ", first.policyRevisionId());
    assertThat(second.policyRevisionId()).isNotEqualTo(first.policyRevisionId());
    for (String stale : List.of("0", first.policyRevisionId(), "x")) {
      assertThatThrownBy(() -> putPolicy("logs", POLICY, stale))
          .isInstanceOf(InvalidPolicyRevisionIdException.class);
      assertThatThrownBy(
              () ->
                  server.aws.deleteResourcePolicy(
                      request -> request.policyName("logs").policyRevisionId(stale)))
          .isInstanceOf(InvalidPolicyRevisionIdException.class);
    }
    assertThat(server.aws.listResourcePolicies(request -> {}).resourcePolicies())
        .containsExactly(second);
    ResourcePolicy third = putPolicy("logs", POLICY, null);
    server.aws.deleteResourcePolicy(
        request -> request.policyName("logs").policyRevisionId(third.policyRevisionId()));
    assertThat(server.aws.listResourcePolicies(request -> {}).resourcePolicies()).isEmpty();
    assertInvalid(
        () -> server.aws.deleteResourcePolicy(request -> request.policyName("logs")),
        "PolicyName: 'logs'");
  }

  @Test
  void policies_badOnes_areRefused() {
    for (String bad :
        List.of(
            "",
            "{",
            "[]",
            "{}",
            "{\"Statement\":[]}",
            POLICY + "}",
            POLICY.replace("Allow", "Maybe"),
            POLICY.replace("Action", "Acton"),
            POLICY.replace("2012-10-17", "2012-10-18"))) {
      assertThatThrownBy(() -> putPolicy("p", bad, null))
          .as(bad)
          .isInstanceOf(MalformedPolicyDocumentException.class);
    }
    assertThatThrownBy(() -> putPolicy("p", " ".repeat(5_121), null))
        .isInstanceOf(PolicySizeLimitExceededException.class);
    String deny =
        "{\"Statement\":{\"Effect\":\"Deny\",\"Principal\":{\"AWS\":[\"*\"]},"
            + "\"Action\":[\"logs:*\",\"xray:put*\"],\"Resource\":\"*\"}}";
    assertThatThrownBy(() -> putPolicy("p", deny, null))
        .isInstanceOf(LockoutPreventionException.class);
    assertThat(server.aws.listResourcePolicies(request -> {}).resourcePolicies()).isEmpty();
    server.aws.putResourcePolicy(
        request -> request.policyName("p").policyDocument(deny).bypassPolicyLockoutCheck(true));

    for (int i = 1; i < 5; i++) {
      var _ = putPolicy("p-" + i, POLICY, null);
    }
    assertThatThrownBy(() -> putPolicy("p-5", POLICY, null))
        .isInstanceOf(PolicyCountLimitExceededException.class);
    assertThat(putPolicy("p-4", POLICY, null).policyName()).isEqualTo("p-4");
    assertThat(server.aws.listResourcePolicies(request -> {}).resourcePolicies()).hasSize(5);
  }

  // ---- retrieval

  @Test
  void retrieval_manyTraces_areListedByFive() throws Exception {
    long second = 1_700_000_000L;
    List<String> ids = new ArrayList<>();
    for (int i = 1; i <= 12; i++) {
      putSegments(segment(second + i, i, i));
      ids.add("1-%08x-%024x".formatted(second + i, i));
    }
    ids.add("1-%08x-%024x".formatted(second, 99));
    String token =
        server
            .aws
            .startTraceRetrieval(
                request ->
                    request
                        .traceIds(ids)
                        .startTime(Instant.ofEpochSecond(second))
                        .endTime(Instant.ofEpochSecond(second + 11)))
            .retrievalToken();
    List<RetrievedTrace> all = new ArrayList<>();
    List<Integer> pages = new ArrayList<>();
    String next = null;
    do {
      String from = next;
      var page =
          server.aws.listRetrievedTraces(request -> request.retrievalToken(token).nextToken(from));
      assertThat(page.retrievalStatus()).isEqualTo(RetrievalStatus.COMPLETE);
      assertThat(page.traceFormat()).isEqualTo(TraceFormatType.XRAY);
      all.addAll(page.traces());
      pages.add(page.traces().size());
      next = page.nextToken();
    } while (next != null);
    assertThat(pages.subList(0, 2)).containsExactly(5, 5);
    assertThat(all).extracting(RetrievedTrace::id).isEqualTo(ids.subList(0, 10));
    assertThat(all.getFirst().duration()).isEqualTo(0.5);
    JsonNode document = json.readTree(all.getFirst().spans().getFirst().document());
    assertThat(document.path("name").asText()).isEqualTo("shop");
    assertThat(document.path("id").asText()).isEqualTo(all.getFirst().spans().getFirst().id());

    var otel =
        server.aws.listRetrievedTraces(
            request -> request.retrievalToken(token).traceFormat(TraceFormatType.OTEL));
    JsonNode span =
        json.readTree(otel.traces().getFirst().spans().getFirst().document())
            .at("/resourceSpans/0/scopeSpans/0/spans/0");
    assertThat(span.path("traceId").asText()).isEqualTo(TraceId.parse(ids.getFirst()).toHex());
    assertInvalid(
        () ->
            server.aws.listRetrievedTraces(
                request -> request.retrievalToken(token).nextToken(otel.nextToken())),
        "NextToken");
    // 10 of the 12 are within the range, here as well.
    assertThat(
            server.aws.getRetrievedTracesGraph(request -> request.retrievalToken(token)).services())
        .filteredOn(service -> service.service().type() == null)
        .singleElement()
        .satisfies(
            service ->
                assertThat(service.service().summaryStatistics().totalCount()).isEqualTo(10));
  }

  @Test
  void retrieval_traceOfManySegments_isGivenInPiecesOfAHundred() {
    long second = 1_700_000_000L;
    for (int from = 1; from <= 250; from += 50) {
      putSegments(
          IntStream.range(from, from + 50)
              .mapToObj(i -> segment(second, 1, i))
              .toArray(String[]::new));
    }
    String id = "1-%08x-%024x".formatted(second, 1);
    String token =
        server
            .aws
            .startTraceRetrieval(
                request ->
                    request
                        .traceIds(id, id)
                        .startTime(Instant.ofEpochSecond(second))
                        .endTime(Instant.ofEpochSecond(second + 60)))
            .retrievalToken();
    assertThat(server.aws.listRetrievedTraces(request -> request.retrievalToken(token)).traces())
        .extracting(RetrievedTrace::id, trace -> trace.spans().size())
        .containsExactly(tuple(id, 100), tuple(id, 100), tuple(id, 50));
  }

  @Test
  void retrieval_cancelledOrExpired_givesNothing() {
    String id = "1-%08x-%024x".formatted(1_700_000_000L, 1);
    putSegments(segment(1_700_000_000L, 1, 1));
    String token =
        server
            .aws
            .startTraceRetrieval(
                request -> request.traceIds(id).startTime(Instant.EPOCH).endTime(server.now()))
            .retrievalToken();
    assertThat(server.aws.listRetrievedTraces(request -> request.retrievalToken(token)).traces())
        .hasSize(1);
    server.aws.cancelTraceRetrieval(request -> request.retrievalToken(token));
    var cancelled = server.aws.listRetrievedTraces(request -> request.retrievalToken(token));
    assertThat(cancelled.retrievalStatus()).isEqualTo(RetrievalStatus.CANCELLED);
    assertThat(cancelled.traces()).isEmpty();
    server.advance(Duration.ofMinutes(60));
    for (String gone : List.of(token, "none", "")) {
      assertThatThrownBy(
              () -> server.aws.listRetrievedTraces(request -> request.retrievalToken(gone)))
          .isInstanceOf(ResourceNotFoundException.class);
      assertThatThrownBy(
              () -> server.aws.cancelTraceRetrieval(request -> request.retrievalToken(gone)))
          .isInstanceOf(ResourceNotFoundException.class);
    }
  }

  @Test
  void retrieval_badRequest_isRefused() {
    Instant now = server.now();
    assertInvalid(
        () ->
            server.aws.startTraceRetrieval(
                request ->
                    request
                        .traceIds(Collections.nCopies(101, "1-58406520-a006649127e371903a2de979"))
                        .startTime(now)
                        .endTime(now.plusSeconds(1))),
        "TraceIds: 101 values (expected: 0 to 100)");
    assertInvalid(
        () ->
            server.aws.startTraceRetrieval(
                request -> request.traceIds("nonsense").startTime(now).endTime(now.plusSeconds(1))),
        "TraceIds: 'nonsense' (expected: trace ids)");
    assertInvalid(
        () ->
            server.aws.startTraceRetrieval(
                request -> request.traceIds(List.of()).startTime(now).endTime(now)),
        "EndTime: not after StartTime");
  }

  // ---- all of them

  @Test
  void everyOperation_throughTheSdk_answers() {
    Instant now = server.now();
    var aws = server.aws;
    putSegments(segment(1_700_000_000L, 1, 1));
    aws.putTelemetryRecords(request -> request.telemetryRecords(record -> record.timestamp(now)));
    aws.batchGetTraces(request -> request.traceIds("x"));
    aws.getTraceSummaries(request -> request.startTime(now).endTime(now.plusSeconds(1)));
    String group = aws.createGroup(request -> request.groupName("g")).group().groupARN();
    aws.updateGroup(request -> request.groupName("g"));
    aws.getGroup(request -> request.groupName("g"));
    aws.getGroupsPaginator().forEach(page -> {});
    aws.tagResource(request -> request.resourceARN(group).tags(tags(1)));
    aws.listTagsForResourcePaginator(request -> request.resourceARN(group)).forEach(page -> {});
    aws.untagResource(request -> request.resourceARN(group).tagKeys("key-0"));
    aws.deleteGroup(request -> request.groupName("g"));
    aws.createSamplingRule(request -> request.samplingRule(rule("r", 1).build()));
    aws.updateSamplingRule(request -> request.samplingRuleUpdate(update -> update.ruleName("r")));
    aws.getSamplingRulesPaginator().forEach(page -> {});
    report("r", "1", 1);
    aws.getSamplingStatisticSummariesPaginator().forEach(page -> {});
    aws.deleteSamplingRule(request -> request.ruleName("r"));
    aws.putEncryptionConfig(request -> request.type(EncryptionType.NONE));
    aws.getEncryptionConfig();
    aws.updateIndexingRule(
        request ->
            request
                .name("Default")
                .rule(rule -> rule.probabilistic(p -> p.desiredSamplingPercentage(5.0))));
    aws.getIndexingRules(request -> {});
    aws.updateTraceSegmentDestination(
        request -> request.destination(TraceSegmentDestination.X_RAY));
    aws.getTraceSegmentDestination(request -> {});
    var _ = putPolicy("p", POLICY, null);
    aws.listResourcePoliciesPaginator(request -> {}).forEach(page -> {});
    aws.deleteResourcePolicy(request -> request.policyName("p"));
    String token =
        aws.startTraceRetrieval(
                request -> request.traceIds(List.of()).startTime(now).endTime(now.plusSeconds(1)))
            .retrievalToken();
    aws.listRetrievedTraces(request -> request.retrievalToken(token));
    aws.getRetrievedTracesGraph(request -> request.retrievalToken(token));
    aws.cancelTraceRetrieval(request -> request.retrievalToken(token));
    aws.getServiceGraphPaginator(request -> request.startTime(now).endTime(now.plusSeconds(60)))
        .forEach(page -> {});
    aws.getTraceGraphPaginator(request -> request.traceIds("1-58406520-a006649127e371903a2de979"))
        .forEach(page -> {});
    aws.getTimeSeriesServiceStatisticsPaginator(
            request -> request.startTime(now).endTime(now.plusSeconds(60)))
        .forEach(page -> {});
    server.plantInsight();
    List<InsightSummary> insights = new ArrayList<>();
    aws.getInsightSummariesPaginator(
            request -> request.groupName("Default").startTime(Instant.EPOCH).endTime(now))
        .forEach(page -> insights.addAll(page.insightSummaries()));
    assertThat(insights).hasSize(1);
    String id = insights.getFirst().insightId();
    assertThat(aws.getInsight(request -> request.insightId(id)).insight().state())
        .isEqualTo(InsightState.ACTIVE);
    aws.getInsightEventsPaginator(request -> request.insightId(id))
        .forEach(page -> assertThat(page.insightEvents()).hasSize(1));
    aws.getInsightImpactGraph(
        request -> request.insightId(id).startTime(now.minusSeconds(600)).endTime(now));
    assertThat(server.unanswered()).isEmpty();
  }

  @Test
  void restart_durableStore_hasAllState(@TempDir Path folder) {
    server.close();
    server = new XRayServer(LakeStore.open(LakeConfig.of(folder)));
    Group group =
        server
            .aws
            .createGroup(
                request ->
                    request
                        .groupName("shop")
                        .filterExpression("fault")
                        .insightsConfiguration(c -> c.insightsEnabled(true))
                        .tags(tag("team", "a")))
            .group();
    server.aws.createSamplingRule(
        request ->
            request.samplingRule(
                rule("kept", 5)
                    .attributes(Map.of("a", "b"))
                    .samplingRateBoost(boost -> boost.maxRate(0.5).cooldownWindowMinutes(3))
                    .build()));
    server.aws.createSamplingRule(request -> request.samplingRule(rule("gone", 6).build()));
    server.aws.updateSamplingRule(
        request ->
            request.samplingRuleUpdate(update -> update.ruleName("Default").fixedRate(0.75)));
    server.advance(Duration.ofSeconds(5));
    server.aws.deleteSamplingRule(request -> request.ruleName("gone"));
    server.aws.putEncryptionConfig(request -> request.type(EncryptionType.KMS).keyId("k"));
    server.aws.updateTraceSegmentDestination(
        request -> request.destination(TraceSegmentDestination.CLOUD_WATCH_LOGS));
    server.aws.updateIndexingRule(
        request ->
            request
                .name("Default")
                .rule(rule -> rule.probabilistic(p -> p.desiredSamplingPercentage(5.0))));
    ResourcePolicy policy = putPolicy("logs", POLICY, null);
    Instant modified = lastRuleModification();
    List<SamplingRuleRecord> rules = rules();
    String token =
        server
            .aws
            .startTraceRetrieval(
                request ->
                    request
                        .traceIds("1-58406520-a006649127e371903a2de979")
                        .startTime(Instant.EPOCH)
                        .endTime(Instant.ofEpochSecond(1)))
            .retrievalToken();

    server.close();
    server = new XRayServer(LakeStore.open(LakeConfig.of(folder)));
    assertThat(server.aws.getGroup(request -> request.groupName("shop")).group()).isEqualTo(group);
    assertThat(
            server.aws.listTagsForResource(request -> request.resourceARN(group.groupARN())).tags())
        .containsExactly(tag("team", "a"));
    assertThat(rules()).isEqualTo(rules).hasSize(2);
    assertThat(lastRuleModification()).isEqualTo(modified).isAfter(server.now());
    assertThat(server.aws.getEncryptionConfig().encryptionConfig().keyId()).isEqualTo("k");
    assertThat(server.aws.getTraceSegmentDestination(request -> {}).destination())
        .isEqualTo(TraceSegmentDestination.CLOUD_WATCH_LOGS);
    assertThat(
            server
                .aws
                .getIndexingRules(request -> {})
                .indexingRules()
                .getFirst()
                .rule()
                .probabilistic()
                .desiredSamplingPercentage())
        .isEqualTo(5);
    assertThat(server.aws.listResourcePolicies(request -> {}).resourcePolicies())
        .containsExactly(policy);
    assertThat(
            server
                .aws
                .listRetrievedTraces(request -> request.retrievalToken(token))
                .retrievalStatus())
        .isEqualTo(RetrievalStatus.COMPLETE);
  }
}
