// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server.xray;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.ServerBuilder;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.roentgen.ingest.Ingest;
import io.roentgen.ingest.IngestMetrics;
import io.roentgen.sampling.RuleSet;
import io.roentgen.server.intake.Intake;
import io.roentgen.server.intake.Refusal;
import io.roentgen.server.sample.SampleStore;
import io.roentgen.server.xray.graph.GraphOperations;
import io.roentgen.server.xray.graph.Graphs;
import io.roentgen.server.xray.groups.Filters;
import io.roentgen.server.xray.groups.GroupOperations;
import io.roentgen.server.xray.groups.Groups;
import io.roentgen.server.xray.ingest.IngestOperations;
import io.roentgen.server.xray.insights.InsightDocuments;
import io.roentgen.server.xray.insights.InsightExamples;
import io.roentgen.server.xray.insights.InsightMonitor;
import io.roentgen.server.xray.insights.InsightOperations;
import io.roentgen.server.xray.protocol.OperationTable;
import io.roentgen.server.xray.protocol.RequestAccess;
import io.roentgen.server.xray.protocol.XRayAnswers;
import io.roentgen.server.xray.sampling.Rules;
import io.roentgen.server.xray.sampling.SamplingOperations;
import io.roentgen.server.xray.settings.PolicyOperations;
import io.roentgen.server.xray.settings.SettingOperations;
import io.roentgen.server.xray.state.Account;
import io.roentgen.server.xray.sums.KeptSums;
import io.roentgen.server.xray.tags.TagOperations;
import io.roentgen.server.xray.traces.RetrievalOperations;
import io.roentgen.server.xray.traces.TraceOperations;
import io.roentgen.store.DocumentStore;
import io.roentgen.store.TraceStore;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The X-Ray API over a store. */
public final class XRayApi {
  /** Searches that may run at a time. */
  private static final int MAX_SEARCHES = 16;

  private final OperationTable table = new OperationTable(MAX_SEARCHES);
  private final InsightMonitor insightMonitor;
  private final GroupOperations groupOperations;
  private final InsightDocuments insights;
  private final Graphs graphs;
  private final SamplingOperations sampling;

  /**
   * Makes it.
   *
   * @param ingest takes segments
   * @param limits what requests with segments may be
   * @param account what names of resources are made of
   * @param sums what is kept of the traces of groups, which is told of the groups, or null to count
   *     them at each question
   * @param ruleFile sampling rules of a file, or null for none
   * @param clock tells the time
   */
  public XRayApi(
      TraceStore store,
      Ingest ingest,
      IngestMetrics metrics,
      PrometheusRegistry registry,
      Limits limits,
      Account account,
      @Nullable KeptSums sums,
      @Nullable RuleSet ruleFile,
      InstantSource clock) {
    IngestOperations.addTo(
        table, ingest, metrics, registry, limits.maxRequestBytes, limits.maxDocuments);
    DocumentStore documents = store.documents();
    var groups = new Groups(documents, account);
    var filters = new Filters(groups);
    TraceOperations.addTo(table, store, filters);
    if (sums != null) {
      sums.start(filters::ofGroups);
    }
    graphs = new Graphs(store, sums);
    GraphOperations.addTo(table, store, graphs, groups, filters);
    insights = new InsightDocuments(documents);
    InsightOperations.addTo(table, insights, groups, filters, graphs);
    // What is only shown leaves no insight behind.
    TraceStore received = store instanceof SampleStore both ? both.received() : store;
    Graphs receivedGraphs =
        store instanceof SampleStore both
            ? new Graphs(received, sums, () -> !both.hasSample())
            : graphs;
    insightMonitor =
        new InsightMonitor(
            groups,
            filters,
            receivedGraphs,
            insights,
            new InsightExamples(received.reader()),
            clock);
    RetrievalOperations.addTo(table, store, clock);
    groupOperations = new GroupOperations(groups, filters, clock);
    groupOperations.addTo(table);
    var rules = new Rules(documents, account, clock, ruleFile);
    sampling = new SamplingOperations(rules, registry, clock);
    sampling.addTo(table);
    TagOperations.addTo(table, List.of(groups, rules));
    SettingOperations.addTo(table, documents, clock);
    PolicyOperations.addTo(table, documents, clock);
  }

  /**
   * What requests with segments may be.
   *
   * @param maxRequestBytes compressed and decompressed
   * @param maxDocuments segment documents in one request
   */
  public record Limits(int maxRequestBytes, int maxDocuments) {}

  /** Returns the name of the operation at each path. */
  public Map<String, String> operations() {
    return table.names();
  }

  /** Adds a route for each operation; see {@link OperationTable#addTo}. */
  public void addTo(ServerBuilder server, Intake spans, Intake questions, RequestAccess access) {
    table.addTo(server, spans, questions, access);
  }

  /** Returns what changes the groups, which filter expressions may name. */
  public GroupOperations groups() {
    return groupOperations;
  }

  /** Returns what finds insights; it is to be started and closed. */
  public InsightMonitor insightMonitor() {
    return insightMonitor;
  }

  /** Returns the graphs of what filters match. */
  public Graphs graphs() {
    return graphs;
  }

  /** Returns the insights that were found. */
  public InsightDocuments insights() {
    return insights;
  }

  /** Returns what changes the sampling rules. */
  public SamplingOperations sampling() {
    return sampling;
  }

  /** Refuses a request as the X-Ray API does. */
  public static HttpResponse refuse(Refusal refusal) {
    return XRayAnswers.refuse(refusal);
  }
}
