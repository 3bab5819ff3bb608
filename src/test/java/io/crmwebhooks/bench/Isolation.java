package io.crmwebhooks.bench;

import java.util.Map;

/**
 * (i) What a webhook that hangs until its deadline, with 100,000 deliveries waiting for it, costs
 * another one: how fast that drains a backlog, and how long its deliveries take at 200 a second,
 * first alone and then beside it, by the same program.
 */
final class Isolation {
  private static final String PERSON = "'person.created'";
  private static final String TASK = "'task.created'";

  private final Run run;
  private final String how;
  private final Map<String, String> settings;

  /**
   * @param how is added to the names of what is measured
   * @param settings of the program, but for which it is as shipped
   */
  Isolation(Run run, String how, Map<String, String> settings) {
    this.run = run;
    this.how = how;
    this.settings = settings;
  }

  void measure() throws Exception {
    int changes = run.size(100_000);
    run.database.webhook(run.url("/isolated"), "person.*");
    run.startWarm(settings);
    Scenarios.warmUp(run, changes, 1, PERSON);
    measure(changes, "alone");
    run.database.webhook(run.url("/never"), "task.*");
    Scenarios.warmUp(run, changes, 0, TASK); // until all of them wait as pending deliveries
    measure(changes, "beside a hanging one");
  }

  private void measure(int changes, String beside) throws Exception {
    Scenarios.drain(run, "(i) drain, " + beside + how, changes, 1, PERSON);
    new Steady(run, 200, 1).measure("(i) 200/s, " + beside + how);
  }
}
