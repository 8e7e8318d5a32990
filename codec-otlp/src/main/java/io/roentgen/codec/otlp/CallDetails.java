// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.codec.otlp;

import io.roentgen.model.GrpcStatus;
import io.roentgen.model.Outcome;
import io.roentgen.model.SpanBatch;
import io.roentgen.model.SpanKind;
import io.roentgen.model.StatusCode;
import io.roentgen.model.Value;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Works out how a call went and whom it went to, from the attributes of one span. While these are
 * read, the places of the few that matter are noted; which do is looked up once for each key of a
 * batch.
 *
 * <p>Names follow OpenTelemetry's semantic conventions, each new one before its old one.
 */
final class CallDetails {
  /** What an attribute says about a call. */
  private enum Role {
    HTTP_STATUS("http.response.status_code"),
    HTTP_STATUS_OLD("http.status_code"),
    GRPC_STATUS("rpc.grpc.status_code"),
    RPC_STATUS("rpc.response.status_code"),
    RPC_SYSTEM("rpc.system.name"),
    RPC_SYSTEM_OLD("rpc.system"),
    RPC_SERVICE("rpc.service"),
    RPC_METHOD("rpc.method"),
    PEER_NAME("service.peer.name"),
    PEER_SERVICE("peer.service"),
    AWS_REMOTE_SERVICE("aws.remote.service"),
    AWS_SERVICE("aws.service"),
    TABLE_NAMES("aws.dynamodb.table_names"),
    TABLE_NAME("aws.table_name"),
    TABLE_NAME_OLD("aws.table.name"),
    QUEUE_URL("aws.sqs.queue.url"),
    QUEUE_URL_XRAY("aws.queue_url"),
    QUEUE_URL_OLD("aws.queue.url"),
    TOPIC_ARN("aws.sns.topic.arn"),
    BUCKET("aws.s3.bucket"),
    BUCKET_OLD("aws.bucket.name"),
    FUNCTION("faas.invoked_name"),
    DB_SYSTEM("db.system.name"),
    DB_SYSTEM_OLD("db.system"),
    DB_NAMESPACE("db.namespace"),
    DB_NAME("db.name"),
    DB_COLLECTION("db.collection.name"),
    MESSAGING_SYSTEM("messaging.system"),
    DESTINATION_TEMPLATE("messaging.destination.template"),
    DESTINATION("messaging.destination.name"),
    DESTINATION_OLD("messaging.destination"),
    HTTP_HOST("http.host"),
    NET_PEER_NAME("net.peer.name"),
    SERVER_ADDRESS("server.address"),
    URL("url.full"),
    URL_OLD("http.url"),
    SOCKET_NAME("net.sock.peer.name"),
    NETWORK_ADDRESS("network.peer.address"),
    SOCKET_ADDRESS("net.sock.peer.addr"),
    PEER_IP("net.peer.ip");

    final String key;

    Role(String key) {
      this.key = key;
    }

    long bit() {
      return 1L << ordinal();
    }
  }

  private static final Map<String, Role> BY_KEY = new HashMap<>();

  static {
    for (Role role : Role.values()) {
      BY_KEY.put(role.key, role);
    }
  }

  private static final byte[] REMOTE = ascii("remote");
  private static final byte[] AWS_API = ascii("aws-api");
  private static final byte[] GRPC = ascii("grpc");
  private static final byte[] CONNECT = ascii("connect");
  private static final byte[] AWS_TYPE = ascii("AWS::");
  private static final byte[] DATABASE_TYPE = ascii("Database::");
  private static final byte[] MESSAGING_TYPE = ascii("Messaging::");
  private static final byte[] SQL_TYPE = ascii("Database::SQL");
  private static final byte[] DYNAMODB = ascii("DynamoDB");
  private static final byte[] DYNAMODB_V2 = ascii("DynamoDBv2");
  private static final byte[] AWS = ascii("AWS");
  private static final byte[][] VENDORS = {ascii("Amazon"), AWS};
  private static final byte[] SQS = ascii("SQS");
  private static final byte[] SNS = ascii("SNS");
  private static final byte[] S3 = ascii("S3");
  private static final byte[] LAMBDA = ascii("Lambda");
  private static final byte[] TABLE_TYPE = ascii("AWS::DynamoDB::Table");
  private static final byte[] QUEUE_TYPE = ascii("AWS::SQS::Queue");
  private static final byte[] TOPIC_TYPE = ascii("AWS::SNS::Topic");
  private static final byte[] BUCKET_TYPE = ascii("AWS::S3::Bucket");
  private static final byte[] UNKNOWN = ascii("unknown");

  /** Values of db.system and db.system.name that stand for a database spoken to in SQL. */
  private static final byte[][] SQL_SYSTEMS =
      asciiAll(
          "postgresql mysql mariadb mssql microsoft.sql_server oracle oracle.db sqlite h2 h2database"
              + " other_sql db2 ibm.db2 derby hive hsqldb cockroachdb redshift aws.redshift spanner"
              + " gcp.spanner teradata trino clickhouse snowflake hanadb sap.hana sybase vertica"
              + " netezza ibm.netezza informix ibm.informix firebird firebirdsql ingres actian.ingres"
              + " interbase maxdb sap.maxdb");

  /** Values of messaging.system for AWS's queues and topics, new and old. */
  private static final byte[][] SQS_SYSTEMS = asciiAll("aws_sqs AmazonSQS aws.sqs");

  private static final byte[][] SNS_SYSTEMS = asciiAll("aws.sns aws_sns AmazonSNS");

  private static final byte[][] DYNAMODB_SYSTEMS = asciiAll("dynamodb aws.dynamodb");

  /** gRPC's status codes by number. */
  private static final byte[][] GRPC_CODES = asciiAll(String.join(" ", GrpcStatus.names()));

  /** As the Connect protocol spells CANCELLED. */
  private static final byte[] CANCELED = ascii("canceled");

  private static final int TEXT = 1;
  private static final int NUMBER = 2;
  private static final int OTHER = 3;

  private final byte[] bytes;
  private byte[] roles = new byte[64];
  private int keyCount;

  private long present;
  private final byte[] types = new byte[Role.values().length];
  private final int[] starts = new int[Role.values().length];
  private final int[] lengths = new int[Role.values().length];
  private final long[] numbers = new long[Role.values().length];
  private @Nullable Value tableNames;

  private final WireSink scratch = new WireSink(64);
  private byte[] nameBytes;
  private int nameAt;
  private int nameLength;

  CallDetails(byte[] bytes) {
    this.bytes = bytes;
    nameBytes = bytes;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[][] asciiAll(String words) {
    return Arrays.stream(words.split(" ", -1)).map(CallDetails::ascii).toArray(byte[][]::new);
  }

  /** Forgets the span before. */
  void clear() {
    present = 0;
  }

  /**
   * Returns which role an attribute has, 0 for none. To be called once for every index that the
   * batch builder gives out, so that new ones come in order.
   */
  int roleOf(int key, int at, int length) {
    if (key < keyCount) {
      return roles[key];
    }
    if (key == roles.length) {
      roles = Arrays.copyOf(roles, 2 * roles.length);
    }
    Role role = BY_KEY.get(new String(bytes, at, length, StandardCharsets.UTF_8));
    roles[key] = (byte) (role == null ? 0 : role.ordinal() + 1);
    keyCount = key + 1;
    return roles[key];
  }

  void text(int role, int at, int length) {
    int index = role - 1;
    types[index] = TEXT;
    starts[index] = at;
    lengths[index] = length;
    present |= 1L << index;
  }

  void number(int role, long number) {
    int index = role - 1;
    types[index] = NUMBER;
    numbers[index] = number;
    present |= 1L << index;
  }

  void value(int role, Value value) {
    int index = role - 1;
    types[index] = OTHER;
    present |= 1L << index;
    if (index == Role.TABLE_NAMES.ordinal()) {
      tableNames = value;
    }
  }

  /**
   * Returns the {@link Outcome#bits}: an HTTP status of 400 to 599 decides, else a gRPC status that
   * is not OK, else the span's own status.
   */
  int outcome(int status) {
    if (present != 0) {
      long http = statusNumber(Role.HTTP_STATUS, Role.HTTP_STATUS_OLD);
      if (http >= 400 && http < 600) {
        return http >= 500
            ? Outcome.FAULT_BIT
            : http == 429 ? Outcome.ERROR_BIT | Outcome.THROTTLE_BIT : Outcome.ERROR_BIT;
      }
      int grpc = grpcStatus();
      if (grpc > 0) {
        return GrpcStatus.outcomeBits(grpc);
      }
    }
    return status == StatusCode.ERROR.number() ? Outcome.FAULT_BIT : 0;
  }

  private long statusNumber(Role role, Role oldRole) {
    long number = statusNumber(role);
    return number >= 0 ? number : statusNumber(oldRole);
  }

  /** Returns a status given as number or digits, or -1. */
  private long statusNumber(Role role) {
    int index = role.ordinal();
    if ((present & role.bit()) == 0) {
      return -1;
    }
    return switch (types[index]) {
      case NUMBER -> numbers[index];
      case TEXT -> digits(starts[index], lengths[index]);
      default -> -1;
    };
  }

  private int digits(int at, int length) {
    if (length == 0 || length > 3) {
      return -1;
    }
    int number = 0;
    for (int i = at; i < at + length; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = 10 * number + digit;
    }
    return number;
  }

  private int grpcStatus() {
    long number = statusNumber(Role.GRPC_STATUS);
    if (number < 0 && (present & Role.RPC_STATUS.bit()) != 0 && speaksGrpcCodes()) {
      number = statusNumber(Role.RPC_STATUS);
      if (number < 0 && pick(Role.RPC_STATUS)) {
        number = namedCode();
      }
    }
    return Math.clamp(number, -1, Integer.MAX_VALUE);
  }

  /** Other systems have codes of their own in rpc.response.status_code. */
  private boolean speaksGrpcCodes() {
    if (!pickSystem()) {
      return true;
    }
    return nameStartsWith(GRPC) || nameStartsWith(CONNECT);
  }

  private boolean pickSystem() {
    return pick(Role.RPC_SYSTEM) || pick(Role.RPC_SYSTEM_OLD);
  }

  /** Returns the code that the name picked is, or -1. */
  private int namedCode() {
    for (int code = 0; code < GRPC_CODES.length; code++) {
      if (isNamed(GRPC_CODES[code])) {
        return code;
      }
    }
    return isNamed(CANCELED) ? 1 : -1;
  }

  /**
   * Adds the callee's name and type to the open span, if it is of a kind that calls and says whom;
   * to a consumer, in the same way, those of the queue that it received from.
   */
  void putPeer(SpanBatch.Builder batch, int kind) {
    if (present == 0) {
      return;
    }
    if (kind == SpanKind.CONSUMER.number()) {
      if (saysQueue()) {
        putPeer(batch);
      }
    } else if (kind == SpanKind.CLIENT.number() || kind == SpanKind.PRODUCER.number()) {
      putPeer(batch);
    }
  }

  private void putPeer(SpanBatch.Builder batch) {
    if (isAws()) {
      putAws(batch);
    } else if (pick(Role.DB_SYSTEM) || pick(Role.DB_SYSTEM_OLD)) {
      putDatabase(batch);
    } else if (pick(Role.MESSAGING_SYSTEM)) {
      byte[] type = messagingType();
      if (!pickQueueName(type) && !pickGivenName() && !pickDestination()) {
        pick(Role.MESSAGING_SYSTEM);
      }
      put(batch, type);
    } else if (pickDestination()) {
      pickGivenName();
      put(batch, concat(MESSAGING_TYPE, UNKNOWN));
    } else if (pickGivenName() || pickRpcService() || pickHost()) {
      put(batch, REMOTE);
    }
  }

  /** Returns whether a consumer names what it received from. */
  private boolean saysQueue() {
    boolean named = pickQueueUrl() || pick(Role.TOPIC_ARN) || pickDestination();
    if (isAws()) {
      boolean queue = pickAwsService() && isQueueService();
      return named && queue;
    }
    if (pick(Role.DB_SYSTEM) || pick(Role.DB_SYSTEM_OLD)) {
      return false;
    }
    return named || (pick(Role.MESSAGING_SYSTEM) && pickGivenName());
  }

  private boolean isQueueService() {
    cutVendor();
    return isNamed(SQS) || isNamed(SNS);
  }

  /**
   * Returns the type of the messaging system picked; AWS's queues have the types of AWS's SDK
   * calls.
   */
  private byte[] messagingType() {
    if (isAny(SQS_SYSTEMS)) {
      return QUEUE_TYPE;
    }
    return isAny(SNS_SYSTEMS) ? TOPIC_TYPE : typeOf(MESSAGING_TYPE);
  }

  private boolean pickQueueName(byte[] type) {
    return type == QUEUE_TYPE ? pickQueueUrl() : type == TOPIC_TYPE && pick(Role.TOPIC_ARN);
  }

  private boolean pickQueueUrl() {
    return pick(Role.QUEUE_URL) || pick(Role.QUEUE_URL_XRAY) || pick(Role.QUEUE_URL_OLD);
  }

  /** Picks the name that the sender gave to the callee for this very purpose. */
  private boolean pickGivenName() {
    return pick(Role.AWS_REMOTE_SERVICE) || pick(Role.PEER_NAME) || pick(Role.PEER_SERVICE);
  }

  private boolean pickDestination() {
    return pick(Role.DESTINATION_TEMPLATE) || pick(Role.DESTINATION) || pick(Role.DESTINATION_OLD);
  }

  private boolean isAws() {
    if (pickSystem() && isNamed(AWS_API)) {
      return true;
    }
    if ((pick(Role.DB_SYSTEM) || pick(Role.DB_SYSTEM_OLD)) && isAny(DYNAMODB_SYSTEMS)) {
      return true;
    }
    return pick(Role.AWS_SERVICE);
  }

  private void putAws(SpanBatch.Builder batch) {
    if (pickAwsService()) {
      cutVendor();
    } else {
      pickBytes(AWS);
    }
    if (isNamed(DYNAMODB)) {
      putResource(batch, pickTable(), TABLE_TYPE, DYNAMODB);
    } else if (isNamed(SQS)) {
      putResource(batch, pickQueueUrl() || pickDestination(), QUEUE_TYPE, SQS);
    } else if (isNamed(SNS)) {
      putResource(batch, pick(Role.TOPIC_ARN) || pickDestination(), TOPIC_TYPE, SNS);
    } else if (isNamed(S3)) {
      putResource(batch, pick(Role.BUCKET) || pick(Role.BUCKET_OLD), BUCKET_TYPE, S3);
    } else if (isNamed(LAMBDA)) {
      putResource(batch, pick(Role.FUNCTION), concat(AWS_TYPE, LAMBDA), LAMBDA);
    } else {
      byte[] type = typeOf(AWS_TYPE);
      put(batch, type);
    }
  }

  /**
   * Cuts what older SDKs put around a service's name: AmazonSQS, Amazon S3, AmazonDynamoDBv2,
   * AWSLambda.
   */
  private void cutVendor() {
    for (byte[] vendor : VENDORS) {
      if (nameLength > vendor.length && nameStartsWith(vendor)) {
        nameAt += vendor.length;
        nameLength -= vendor.length;
        break;
      }
    }
    if (nameLength > 1 && nameBytes[nameAt] == ' ') {
      nameAt++;
      nameLength--;
    }
    if (isNamed(DYNAMODB_V2)) {
      pickBytes(DYNAMODB);
    }
  }

  /** Adds the resource that has been picked, or else the AWS service as a whole. */
  private void putResource(SpanBatch.Builder batch, boolean picked, byte[] type, byte[] service) {
    if (picked) {
      put(batch, type);
    } else {
      pickBytes(service);
      put(batch, concat(AWS_TYPE, service));
    }
  }

  /**
   * Picks the name of the AWS service: SDKs put it into rpc.service, or before the method's name.
   */
  private boolean pickAwsService() {
    if (pick(Role.RPC_SERVICE) || pick(Role.AWS_SERVICE)) {
      return true;
    }
    if (pick(Role.RPC_METHOD)) {
      for (int i = nameAt; i < nameAt + nameLength; i++) {
        if (nameBytes[i] == '/' || nameBytes[i] == '.') {
          nameLength = i - nameAt;
          return nameLength > 0;
        }
      }
    }
    if ((pick(Role.DB_SYSTEM) || pick(Role.DB_SYSTEM_OLD)) && isAny(DYNAMODB_SYSTEMS)) {
      pickBytes(DYNAMODB);
      return true;
    }
    return false;
  }

  private boolean pickTable() {
    if ((present & Role.TABLE_NAMES.bit()) != 0) {
      if (pick(Role.TABLE_NAMES)) {
        return true;
      }
      if (types[Role.TABLE_NAMES.ordinal()] == OTHER
          && tableNames instanceof Value.ArrayValue(var names)
          && names.size() == 1
          && names.getFirst() instanceof Value.StringValue(var name)
          && !name.isEmpty()) {
        pickBytes(name.getBytes(StandardCharsets.UTF_8));
        return true;
      }
    }
    return pick(Role.TABLE_NAME) || pick(Role.TABLE_NAME_OLD) || pick(Role.DB_COLLECTION);
  }

  private void putDatabase(SpanBatch.Builder batch) {
    byte[] type = isAny(SQL_SYSTEMS) ? SQL_TYPE : typeOf(DATABASE_TYPE);
    if (!pickGivenName()) {
      pickDatabaseName();
    }
    put(batch, type);
  }

  /**
   * Picks {@code database@host}, or what there is of it; what was picked before stays if there is
   * neither.
   */
  private void pickDatabaseName() {
    boolean named = pick(Role.DB_NAMESPACE) || pick(Role.DB_NAME);
    int at = nameAt;
    int length = nameLength;
    boolean located = pick(Role.SERVER_ADDRESS) || pick(Role.NET_PEER_NAME);
    if (named && located) {
      scratch.clear();
      scratch.putBytes(bytes, at, length);
      scratch.putByte('@');
      scratch.putBytes(nameBytes, nameAt, nameLength);
      nameBytes = scratch.bytes;
      nameAt = 0;
      nameLength = scratch.size;
    }
  }

  private boolean pickRpcService() {
    if (pick(Role.RPC_SERVICE)) {
      return true;
    }
    // The newer convention has package.Service/Method in rpc.method.
    if (pick(Role.RPC_METHOD)) {
      for (int i = nameAt + nameLength - 1; i > nameAt; i--) {
        if (nameBytes[i] == '/') {
          nameLength = i - nameAt;
          return true;
        }
      }
    }
    return false;
  }

  private boolean pickHost() {
    if (pick(Role.HTTP_HOST)) {
      return cutPort();
    }
    return pick(Role.NET_PEER_NAME)
        || pick(Role.SERVER_ADDRESS)
        || pickHostOf(Role.URL)
        || pickHostOf(Role.URL_OLD)
        || pick(Role.SOCKET_NAME)
        || pick(Role.NETWORK_ADDRESS)
        || pick(Role.SOCKET_ADDRESS)
        || pick(Role.PEER_IP);
  }

  private boolean pickHostOf(Role role) {
    if (!pick(role)) {
      return false;
    }
    int end = nameAt + nameLength;
    int at = nameAt;
    while (at + 2 < end && !(bytes[at] == ':' && bytes[at + 1] == '/' && bytes[at + 2] == '/')) {
      at++;
    }
    at += 3;
    if (at >= end) {
      return false;
    }
    int start = at;
    for (; at < end && bytes[at] != '/' && bytes[at] != '?' && bytes[at] != '#'; at++) {
      if (bytes[at] == '@') {
        start = at + 1;
      }
    }
    nameAt = start;
    nameLength = at - start;
    return cutPort();
  }

  /**
   * Cuts a port off the name; an IPv6 address keeps its brackets. Returns whether a name is left.
   */
  private boolean cutPort() {
    int i = nameAt + nameLength - 1;
    while (i >= nameAt && bytes[i] >= '0' && bytes[i] <= '9') {
      i--;
    }
    if (i >= nameAt
        && bytes[i] == ':'
        && (bytes[nameAt] == '[') == (i > nameAt && bytes[i - 1] == ']')) {
      nameLength = i - nameAt;
    }
    return nameLength > 0;
  }

  private boolean hasText(Role role) {
    int index = role.ordinal();
    return (present & role.bit()) != 0 && types[index] == TEXT && lengths[index] > 0;
  }

  /** Makes the attribute's text the name; false if the span has no such text. */
  private boolean pick(Role role) {
    if (!hasText(role)) {
      return false;
    }
    nameBytes = bytes;
    nameAt = starts[role.ordinal()];
    nameLength = lengths[role.ordinal()];
    return true;
  }

  private void pickBytes(byte[] name) {
    nameBytes = name;
    nameAt = 0;
    nameLength = name.length;
  }

  private void put(SpanBatch.Builder batch, byte[] type) {
    batch.block(SpanBatch.FIELD_PEER_NAME, nameBytes, nameAt, nameLength);
    batch.block(SpanBatch.FIELD_PEER_TYPE, type, 0, type.length);
  }

  /** Returns a type made of {@code prefix} and the name picked. */
  private byte[] typeOf(byte[] prefix) {
    byte[] type = Arrays.copyOf(prefix, prefix.length + nameLength);
    System.arraycopy(nameBytes, nameAt, type, prefix.length, nameLength);
    return type;
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private boolean isAny(byte[][] words) {
    for (byte[] word : words) {
      if (isNamed(word)) {
        return true;
      }
    }
    return false;
  }

  private boolean isNamed(byte[] word) {
    return nameLength == word.length && nameStartsWith(word);
  }

  private boolean nameStartsWith(byte[] prefix) {
    return nameLength >= prefix.length && equalsIgnoreCase(nameBytes, nameAt, prefix);
  }

  private static boolean equalsIgnoreCase(byte[] text, int at, byte[] word) {
    for (int i = 0; i < word.length; i++) {
      if (lower(text[at + i]) != lower(word[i])) {
        return false;
      }
    }
    return true;
  }

  private static int lower(byte c) {
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
  }
}
