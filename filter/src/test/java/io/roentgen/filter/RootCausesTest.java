// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.roentgen.filter.RootCause.CauseService;
import io.roentgen.filter.RootCause.Entity;
import io.roentgen.filter.RootCause.Thrown;
import io.roentgen.model.NodeId;
import io.roentgen.model.Span;
import io.roentgen.store.Trace;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RootCausesTest {
  private static final Trace TRACE =
      Documents.trace(
          """
          {'id':'0000000000000001','name':'web','start_time':0,'end_time':10,'fault':true,
           'subsegments':[
            {'id':'0000000000000002','name':'api','namespace':'remote','start_time':1,'end_time':6,
             'fault':true},
            {'id':'0000000000000003','name':'cache','start_time':6,'end_time':9,'error':true}]}
          """,
          """
          {'id':'0000000000000004','parent_id':'0000000000000002','name':'api','origin':'T',
           'start_time':1,'end_time':6,'fault':true,'aws':{'account_id':'1'},
           'subsegments':[
            {'id':'0000000000000005','name':'S3','namespace':'aws','start_time':1,'end_time':5,
             'fault':true,'aws':{'bucket_name':'b'},
             'cause':{'exceptions':[{'type':'Slow','message':'down'},{'type':'Net'}]}}]}
          """);

  private static CauseService web(Entity... path) {
    return new CauseService(new NodeId("web", ""), null, false, List.of(path));
  }

  private static CauseService api(Entity... path) {
    return new CauseService(new NodeId("api", "T"), "1", false, List.of(path));
  }

  private static CauseService bucket(Double coverage) {
    return new CauseService(
        new NodeId("b", "AWS::S3::Bucket"),
        null,
        true,
        List.of(new Entity("b", coverage, false, List.of())));
  }

  @Test
  void rootCauses_askedForAgain_areNotWorkedOutAgain() {
    var view = new TraceView(TRACE);
    for (Expression.CauseKind kind : Expression.CauseKind.values()) {
      assertThat(view.rootCauses(kind)).isNotEmpty().isSameAs(view.rootCauses(kind));
    }
  }

  @Test
  void of_traceWithAFault_hasTheWayToIt() {
    assertThat(RootCauses.of(TRACE).faults())
        .containsExactly(
            new RootCause(
                List.of(
                    web(
                        new Entity("web", null, false, List.of()),
                        new Entity("api", null, true, List.of())),
                    api(
                        new Entity("api", null, false, List.of()),
                        new Entity(
                            "S3",
                            null,
                            false,
                            List.of(new Thrown("Slow", "down"), new Thrown("Net", "")))),
                    bucket(null)),
                true));
  }

  @Test
  void of_errorThatTheRootDidNotHave_impactsNoClient() {
    assertThat(RootCauses.of(TRACE).errors())
        .containsExactly(
            new RootCause(
                List.of(
                    web(
                        new Entity("web", null, false, List.of()),
                        new Entity("cache", null, false, List.of()))),
                false));
  }

  @Test
  void of_anyTrace_followsTheTime() {
    assertThat(RootCauses.of(TRACE).responseTimes())
        .containsExactly(
            new RootCause(
                List.of(
                    web(
                        new Entity("web", 1.0, false, List.of()),
                        new Entity("api", 0.5, true, List.of())),
                    api(
                        new Entity("api", 0.5, false, List.of()),
                        new Entity("S3", 0.4, false, List.of())),
                    bucket(0.4)),
                true));
  }

  @Test
  void of_manyFaults_areCut() {
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      spans.addAll(
          Documents.trace(
                  "{'id':'%016x','name':'s%d','start_time':1,'end_time':2,'fault':true}"
                      .formatted(i + 1, i))
              .spans());
    }
    assertThat(RootCauses.of(Trace.ofWritten(spans)).faults()).hasSize(50).doesNotHaveDuplicates();
  }
}
