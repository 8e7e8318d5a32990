// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The parts of {@code examples/kubernetes/xray-daemon.yaml} name each other and fit. */
class DaemonManifestTest {
  private static final Path MANIFEST = Path.of("..", "examples", "kubernetes", "xray-daemon.yaml");

  @TempDir private Path folder;
  private final Map<String, JsonNode> byKind = new TreeMap<>();

  @BeforeEach
  void read() throws IOException {
    try (MappingIterator<JsonNode> documents =
        new YAMLMapper().readerFor(JsonNode.class).readValues(MANIFEST.toFile())) {
      while (documents.hasNext()) {
        JsonNode document = documents.next();
        assertThat(byKind.put(document.get("kind").asText(), document)).isNull();
      }
    }
    assertThat(byKind).containsOnlyKeys("ConfigMap", "DaemonSet", "Service");
  }

  private JsonNode container() {
    JsonNode containers = byKind.get("DaemonSet").at("/spec/template/spec/containers");
    assertThat(containers).hasSize(1);
    return containers.get(0);
  }

  private static List<String> ports(JsonNode ports, String number) {
    List<String> all = new ArrayList<>();
    ports.forEach(
        port -> all.add(port.path(number).asText() + "/" + port.path("protocol").asText()));
    return all;
  }

  @Test
  void kinds_haveTheVersionsOfTheirApis() {
    assertThat(byKind.get("ConfigMap").get("apiVersion").asText()).isEqualTo("v1");
    assertThat(byKind.get("Service").get("apiVersion").asText()).isEqualTo("v1");
    assertThat(byKind.get("DaemonSet").get("apiVersion").asText()).isEqualTo("apps/v1");
    byKind
        .values()
        .forEach(
            document ->
                assertThat(document.at("/metadata/name").asText()).isEqualTo("xray-daemon"));
  }

  @Test
  void selectors_matchThePods() {
    JsonNode labels = byKind.get("DaemonSet").at("/spec/template/metadata/labels");
    assertThat(labels.get("app").asText()).isEqualTo("xray-daemon");
    assertThat(byKind.get("DaemonSet").at("/spec/selector/matchLabels")).isEqualTo(labels);
    assertThat(byKind.get("Service").at("/spec/selector")).isEqualTo(labels);
  }

  @Test
  void ports_ofServiceAndPods_areThoseOfTheConfiguration() {
    assertThat(ports(byKind.get("Service").at("/spec/ports"), "port"))
        .containsExactlyInAnyOrder("2000/UDP", "2000/TCP");
    assertThat(ports(container().get("ports"), "containerPort"))
        .containsExactlyInAnyOrder("2000/UDP", "2000/TCP");
    byKind
        .get("Service")
        .at("/spec/ports")
        .forEach(
            port ->
                assertThat(container().get("ports"))
                    .anySatisfy(
                        pod -> {
                          assertThat(pod.get("name")).isEqualTo(port.get("targetPort"));
                          assertThat(pod.get("protocol")).isEqualTo(port.get("protocol"));
                        }));
  }

  @Test
  void configuration_isMountedWhereTheDaemonReadsIt_andIsOneThatIsUnderstood() throws IOException {
    JsonNode pod = byKind.get("DaemonSet").at("/spec/template/spec");
    JsonNode mount = container().at("/volumeMounts/0");
    assertThat(pod.at("/volumes/0/name")).isEqualTo(mount.get("name"));
    assertThat(pod.at("/volumes/0/configMap/name").asText()).isEqualTo("xray-daemon");
    assertThat(container().at("/args/1").asText())
        .isEqualTo(mount.get("mountPath").asText() + "/cfg.yaml");

    Path config = folder.resolve("cfg.yaml");
    Files.writeString(config, byKind.get("ConfigMap").at("/data/cfg.yaml").asText());
    DaemonConfigFile read = DaemonConfigFile.read(config);
    assertThat(read.settings())
        .containsEntry(Setting.XRAY_UDP, "0.0.0.0:2000")
        .containsEntry(Setting.XRAY_TCP, "0.0.0.0:2000");
  }
}
