package io.crmwebhooks.cli;

import java.time.Instant;
import picocli.CommandLine.Option;

/** Options that say which changes are meant, by their event and time. */
final class ChangeFilter {
  @Option(
      names = {"-e", "--event"},
      description = "Only this event, or events: object.action, object.* or *.action.")
  private String event;

  @Option(
      names = "--since",
      converter = PastTime.class,
      description = "Only changes made from then on: " + PastTime.FORMS + ".")
  private Instant since;

  @Option(
      names = "--until",
      converter = PastTime.class,
      description = "Only changes made before, in the same forms.")
  private Instant until;

  boolean isEmpty() {
    return event == null && since == null && until == null;
  }

  Request on(Request request) {
    return request.with("event", event).with("since", since).with("until", until);
  }
}
