// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

package io.roentgen.load;

import java.io.IOException;
import java.net.URI;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** A profile: what is asked, when and for how long is known. */
@Command(versionProvider = Version.class, mixinStandardHelpOptions = true)
final class ProfileCommand extends RunCommand {
  /** The profiles. */
  enum Profile {
    HEY15(
        "http://127.0.0.1:8080/api/greeting",
        600,
        "The platform's gateway: 15 users, closed loop, 10 minutes."),
    HEY20(
        "http://127.0.0.1:8080/api/greeting",
        600,
        "The platform's gateway: 20 users, closed loop, 10 minutes."),
    SHOP2(
        "http://127.0.0.1:8080",
        600,
        "The shop's front end: 2 customers who wait 5 to 20 s between pages, 10 minutes."),
    SHOP20TPM(
        "http://127.0.0.1:8080",
        600,
        "The shop's front end: 20 pages a minute, open loop, 10 minutes."),
    ORDER_MIX(
        "127.0.0.1:50051",
        300,
        "The order service: all kinds of call, 20 a second, open loop, 5 minutes. Needs a token:"
            + " -H 'authorization: Bearer ...'"),
    FETCH_LOOP(
        "http://127.0.0.1:8081",
        60,
        "The fetcher: 5 a second over 20 pages of a site of its own, a minute; 5 % are missing and"
            + " 2 % broken. Needs a fetcher with ALLOW_PRIVATE=true.");

    private final String target;
    private final int seconds;
    private final String description;

    Profile(String target, int seconds, String description) {
      this.target = target;
      this.seconds = seconds;
      this.description = description;
    }

    String command() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String description() {
      return description;
    }
  }

  @Parameters(
      arity = "0..1",
      paramLabel = "TARGET",
      description = "Where it is, if not where the example listens by itself.")
  private String target = "";

  private final Profile profile;

  ProfileCommand(Ending process, Profile profile) {
    super(process);
    this.profile = profile;
  }

  @Override
  Scenario scenario() throws IOException, InterruptedException {
    String where = target.isEmpty() ? profile.target : target;
    return switch (profile) {
      case HEY15 -> hey(where, 15);
      case HEY20 -> hey(where, 20);
      case SHOP2 -> shop(where, Profiles.shopUsers());
      case SHOP20TPM -> shop(where, Profiles.shopRate());
      case ORDER_MIX -> orderMix(where);
      case FETCH_LOOP -> {
        URI uri = Target.http(where, options.anywhere());
        yield FetchLoop.scenario(options.httpCalls(), options.shape(Profiles.fetchRate()), uri);
      }
    };
  }

  private Scenario hey(String where, int users) {
    Shape shape = options.shape(new Shape.Closed(users));
    URI uri = Target.http(where, options.anywhere());
    return HttpCalls.scenario(
        options.httpCalls(), profile.command(), shape, uri, "GET", new byte[0]);
  }

  private Scenario shop(String where, Shape otherwise) {
    Shape shape = options.shape(otherwise);
    URI uri = Target.http(where, options.anywhere());
    return Profiles.shop(profile.command(), options.httpCalls(), shape, uri);
  }

  private Scenario orderMix(String where) throws InterruptedException {
    Shape shape = options.shape(Profiles.orderRate());
    GrpcCalls calls =
        new GrpcCalls(
            Target.grpc(where, options.anywhere()),
            false,
            options.timeout(),
            options.headers(),
            options.trace());
    try {
      return OrderMix.scenario(calls, shape);
    } catch (WrongUseException | InterruptedException e) {
      calls.close();
      throw e;
    }
  }

  @Override
  int defaultSeconds() {
    return profile.seconds;
  }
}
