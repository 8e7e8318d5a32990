// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.server;

/**
 * Every setting of the server: its key, default and meaning. The CLI and the documentation are made
 * from these.
 */
public enum Setting {
  BIND_ADDRESS(
      "server.bind-address", "127.0.0.1", "address of all listeners that do not name their own"),
  HTTP("server.http", "8600", "main port: X-Ray API, OTLP/HTTP, OTLP/gRPC, /api, /metrics"),
  OTLP_GRPC("server.otlp-grpc", "4317", "the port that OTLP/gRPC exporters use by default"),
  OTLP_HTTP("server.otlp-http", "4318", "the port that OTLP/HTTP exporters use by default"),
  XRAY_TCP("server.xray-tcp", "2000", "the TCP port that X-Ray SDKs ask for sampling rules"),
  XRAY_UDP("server.xray-udp", "2000", "the UDP port that X-Ray SDKs send segments to"),
  TOKEN_FILE("server.token-file", "", "file with the token that requests must carry"),
  ACCESS_KEYS_FILE(
      "server.access-keys-file",
      "",
      "file with access keys; requests to the X-Ray API must then be signed with one"),
  INSECURE("server.insecure", "false", "let anyone in who reaches a listener that is not local"),
  TLS_CERT(
      "server.tls-cert", "", "PEM file with the certificate chain; all TCP ports then speak TLS"),
  TLS_KEY("server.tls-key", "", "PEM file with the private key (PKCS #8)"),
  REQUEST_TIMEOUT("server.request-timeout", "30s", "how long a request may take"),
  MAX_CONNECTIONS("server.max-connections", "10000", "connections that may be open at once"),
  XRAY_REGION(
      "server.xray-region", "us-east-1", "region in the names (ARNs) of groups and sampling rules"),
  XRAY_ACCOUNT("server.xray-account-id", "000000000000", "account in these names, 12 digits"),
  SAMPLING_RULES(
      "server.sampling-rules", "", "a local rule file of the X-Ray SDKs, whose rules clients get"),
  MAX_REQUEST("ingest.max-request-bytes", "64MiB", "largest request, compressed and decompressed"),
  MAX_ADMITTED(
      "ingest.max-admitted-bytes",
      "64MiB",
      "bytes of requests in work; more are told to come again"),
  XRAY_MAX_DOCUMENTS(
      "ingest.xray.max-documents", "50", "documents in one PutTraceSegments request"),
  UDP_QUEUE("ingest.udp.queue-bytes", "24MiB", "datagrams that wait to be decoded (at least 3MiB)"),
  UDP_RECEIVE_BUFFER(
      "ingest.udp.receive-buffer-bytes", "16MiB", "kernel buffer asked for, for each socket"),
  UDP_MAX_DATAGRAM("ingest.udp.max-datagram-bytes", "65535", "longest datagram that is taken"),
  UDP_SOCKETS("ingest.udp.sockets", "2", "sockets that share the UDP port"),
  STORE_PATH("store.path", "data", "data folder"),
  STORE_RETENTION("store.retention", "30d", "spans that ended longer ago are deleted"),
  STORE_DISK_LIMIT(
      "store.disk-limit-bytes", "none", "the oldest spans are deleted when all files take more"),
  STORE_LIVE_BYTES("store.live-bytes", "64MiB", "spans in memory before they become a part file"),
  STORE_LIVE_AGE("store.live-age", "5m", "how long spans stay in memory at most"),
  STORE_PENDING_BYTES(
      "store.pending-bytes", "64MiB", "what may wait for the log; more is told to come again"),
  STORE_ENGINE_MEMORY(
      "store.engine-memory-bytes", "512MiB", "memory of the query engine, beside the heap");

  private final String key;
  private final String defaultText;
  private final String meaning;

  Setting(String key, String defaultText, String meaning) {
    this.key = key;
    this.defaultText = defaultText;
    this.meaning = meaning;
  }

  /** Returns the name in files and messages, such as {@code server.http}. */
  public String key() {
    return key;
  }

  /** Returns the value when nothing is set, as it would be written. */
  public String defaultText() {
    return defaultText;
  }

  /** Returns what it does, in one line. */
  public String meaning() {
    return meaning;
  }
}
