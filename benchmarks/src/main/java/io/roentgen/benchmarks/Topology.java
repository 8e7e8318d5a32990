// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The system that the reference data comes from: 10 services with 50 operations each, where an
 * operation has its own fixed set of 11 attribute keys out of 97, and the keys share 1,000 values,
 * a few keys having many and most having few. Always the same.
 */
final class Topology {
  static final int SERVICE_COUNT = 10;
  static final int OPERATIONS_PER_SERVICE = 50;
  static final int KEY_COUNT = 97;
  static final int KEYS_PER_SPAN = 11;
  static final int VALUE_COUNT = 1_000;

  static final int METHOD = 0;
  static final int STATUS_CODE = 1;
  static final int SERVER_ADDRESS = 2;
  static final int DB_SYSTEM = 3;
  static final int DB_NAMESPACE = 4;

  /** The key with the most values. */
  static final int WIDEST = 5;

  private static final int SERVERS = 20;
  private static final int CLIENTS = 18;
  private static final int DATABASES = 6;
  private static final long SEED = 0x526f656e7467656eL;

  private static final String[] SERVICES = {
    "gateway", "web", "mobile", "orders", "cart", "stock", "payment", "shipping", "search", "mail"
  };
  private static final String[] METHODS = {"GET", "POST", "PUT", "DELETE"};
  private static final long[] STATUS_CODES = {200, 201, 204, 404, 500};
  private static final String[] DB_SYSTEMS = {"postgresql", "mysql", "redis"};
  private static final String[] FIELDS = {
    "app", "order", "parcel", "customer", "invoice", "item", "campaign", "session", "shop", "batch"
  };
  private static final String[] NOUNS = {
    "id", "kind", "tier", "state", "source", "channel", "version", "group", "zone", "count"
  };

  /** What an operation does. */
  enum Role {
    SERVER,
    CLIENT,
    DATABASE,
    INTERNAL
  }

  /**
   * An operation.
   *
   * @param target the service that it calls; the own one unless it is a client
   * @param keys numbers of its attribute keys
   */
  record Operation(int service, String name, Role role, int target, List<Integer> keys) {
    Operation {
      keys = List.copyOf(keys);
    }
  }

  /** A value of an attribute: its text, and whether it is sent as a number. */
  record KeyValue(String key, String text, boolean number) {}

  private final List<List<Operation>> operations = new ArrayList<>();
  private final List<List<KeyValue>> values = new ArrayList<>();

  /** For each key the shares of its values, summed up. */
  private final double[][] shares = new double[KEY_COUNT][];

  Topology() {
    SplittableRandom random = new SplittableRandom(SEED);
    makeValues(random);
    for (int service = 0; service < SERVICE_COUNT; service++) {
      operations.add(makeOperations(service, random));
    }
  }

  private void makeValues(SplittableRandom random) {
    values.add(texts("http.request.method", METHODS));
    List<KeyValue> codes = new ArrayList<>();
    for (long code : STATUS_CODES) {
      codes.add(new KeyValue("http.response.status_code", Long.toString(code), true));
    }
    values.add(codes);
    values.add(texts("server.address", SERVICES));
    values.add(texts("db.system.name", DB_SYSTEMS));
    List<KeyValue> namespaces = new ArrayList<>();
    for (String service : SERVICES) {
      namespaces.add(new KeyValue("db.namespace", service + "-data", false));
    }
    values.add(namespaces);

    List<String> keys = new ArrayList<>();
    for (String field : FIELDS) {
      for (String noun : NOUNS) {
        keys.add(field + "." + noun);
      }
    }
    shuffle(keys, random);
    int taken = values.stream().mapToInt(List::size).sum();
    int[] counts = counts(KEY_COUNT - values.size(), VALUE_COUNT - taken);
    for (int i = 0; i < counts.length; i++) {
      String key = keys.get(i);
      boolean number = key.endsWith(".count");
      String word = key.substring(key.indexOf('.') + 1);
      Set<String> used = new HashSet<>();
      List<KeyValue> made = new ArrayList<>();
      while (made.size() < counts[i]) {
        String text =
            number
                ? Integer.toString(random.nextInt(1_000_000))
                : word + "-" + Long.toString(random.nextLong(1L << 36), 36);
        if (used.add(text)) {
          made.add(new KeyValue(key, text, number));
        }
      }
      values.add(made);
    }
    for (int key = 0; key < KEY_COUNT; key++) {
      shares[key] = zipf(values.get(key).size());
    }
  }

  private static List<KeyValue> texts(String key, String[] texts) {
    List<KeyValue> made = new ArrayList<>();
    for (String text : texts) {
      made.add(new KeyValue(key, text, false));
    }
    return made;
  }

  /**
   * Shares out {@code total} among {@code keys}: key n gets about 1/n of the first's, at least 2.
   */
  private static int[] counts(int keys, int total) {
    int[] counts = new int[keys];
    int sum = 0;
    for (int first = 2; sum < total; first++) {
      sum = 0;
      for (int i = 0; i < keys; i++) {
        counts[i] = Math.max(2, first / (i + 1));
        sum += counts[i];
      }
    }
    counts[0] -= sum - total;
    return counts;
  }

  /** Returns the summed shares of {@code count} things of which the n-th has 1/n of the first's. */
  static double[] zipf(int count) {
    double[] shares = new double[count];
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += 1.0 / (i + 1);
      shares[i] = sum;
    }
    for (int i = 0; i < count; i++) {
      shares[i] /= sum;
    }
    return shares;
  }

  /** Returns which of the summed shares {@code uniform}, from 0 to below 1, falls in. */
  static int pick(double[] shares, double uniform) {
    int at = 0;
    while (at < shares.length - 1 && uniform >= shares[at]) {
      at++;
    }
    return at;
  }

  private List<Operation> makeOperations(int service, SplittableRandom random) {
    List<Operation> made = new ArrayList<>();
    String own = SERVICES[service];
    for (int i = 0; i < SERVERS; i++) {
      String name =
          METHODS[i % METHODS.length]
              + " /"
              + own
              + "/"
              + NOUNS[i / 2]
              + (i % 2 == 0 ? "" : "/{id}");
      made.add(operation(service, name, Role.SERVER, service, random, METHOD, STATUS_CODE));
    }
    for (int i = 0; i < CLIENTS; i++) {
      int target = (service + 1 + i / 2) % SERVICE_COUNT;
      String name = METHODS[i % 2] + " " + SERVICES[target];
      made.add(
          operation(
              service, name, Role.CLIENT, target, random, METHOD, STATUS_CODE, SERVER_ADDRESS));
    }
    for (int i = 0; i < DATABASES; i++) {
      String name = (i % 2 == 0 ? "SELECT " : "UPDATE ") + own + "_" + NOUNS[i];
      made.add(operation(service, name, Role.DATABASE, service, random, DB_SYSTEM, DB_NAMESPACE));
    }
    while (made.size() < OPERATIONS_PER_SERVICE) {
      String name = "compute " + own + " " + NOUNS[made.size() % NOUNS.length];
      made.add(operation(service, name, Role.INTERNAL, service, random));
    }
    return made;
  }

  private static Operation operation(
      int service, String name, Role role, int target, SplittableRandom random, int... fixedKeys) {
    List<Integer> keys = new ArrayList<>();
    for (int key : fixedKeys) {
      keys.add(key);
    }
    while (keys.size() < KEYS_PER_SPAN) {
      int key = WIDEST + random.nextInt(KEY_COUNT - WIDEST);
      if (!keys.contains(key)) {
        keys.add(key);
      }
    }
    return new Operation(service, name, role, target, keys);
  }

  private static void shuffle(List<String> texts, SplittableRandom random) {
    for (int i = texts.size() - 1; i > 0; i--) {
      Collections.swap(texts, i, random.nextInt(i + 1));
    }
  }

  String service(int service) {
    return SERVICES[service];
  }

  List<Operation> operations(int service) {
    return operations.get(service);
  }

  /** Returns an operation of a service that has a role; {@code uniform} says which, zipf-like. */
  Operation operation(int service, Role role, double uniform) {
    int from = 0;
    int count = SERVERS;
    if (role == Role.CLIENT) {
      from = SERVERS;
      count = CLIENTS;
    } else if (role == Role.DATABASE) {
      from = SERVERS + CLIENTS;
      count = DATABASES;
    } else if (role == Role.INTERNAL) {
      from = SERVERS + CLIENTS + DATABASES;
      count = OPERATIONS_PER_SERVICE - from;
    }
    // Squared, so that the first are taken more often.
    return operations.get(service).get(from + (int) (uniform * uniform * count));
  }

  List<KeyValue> values(int key) {
    return values.get(key);
  }

  /** Returns a value's number within its key; {@code uniform} says which, zipf-like. */
  int pickValue(int key, double uniform) {
    return pick(shares[key], uniform);
  }

  /** Returns words for people. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d services, %d operations, %d keys, %d values",
        SERVICE_COUNT,
        operations.stream().mapToInt(List::size).sum(),
        values.size(),
        values.stream().mapToInt(List::size).sum());
  }
}
