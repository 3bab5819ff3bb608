package io.crmwebhooks.bench;

import java.util.Map;

/**
 * (i) What a webhook that hangs until its deadline, with 100,000 deliveries waiting for it, costs
 * another one: how fast that drains a backlog, and how long its deliveries take at 200 a second,
 * alone and beside it, by the same program. A program gets faster as it runs, and a database slower
 * as it fills; so that neither is taken for what the hanging one costs, both are measured three
 * times, in an order in which neither comes first: alone, beside, beside, alone, alone, beside.
 */
final class Isolation {
  private static final String PERSON = "'person.created'";
  private static final String TASK = "'task.created'";
  private static final String ALONE = "alone";
  private static final String BESIDE = "beside a hanging one";

  /** Longer than {@code webhooks.delivery.timeout}, as shipped. */
  private static final long DEADLINE_MILLIS = 16_000;

  private final Run run;
  private final String how;
  private final String ordering;
  private final Map<String, String> settings;
  private final int changes;

  /**
   * @param how is added to the names of what is measured
   * @param ordering that both webhooks ask for
   * @param settings of the program, but for which it is as shipped
   */
  Isolation(Run run, String how, String ordering, Map<String, String> settings) {
    this.run = run;
    this.how = how;
    this.ordering = ordering;
    this.settings = settings;
    this.changes = run.size(100_000);
  }

  void measure() throws Exception {
    run.database.webhook(run.url("/isolated"), "person.*");
    order();
    run.startWarm(settings);
    Scenarios.warmUp(run, changes, 1, PERSON);
    drain(ALONE);
    steady(ALONE);
    run.database.webhook(run.url("/never"), "task.*");
    order();
    Scenarios.warmUp(run, changes, 0, TASK); // until all of them wait as pending deliveries
    drain(BESIDE);
    steady(BESIDE);
    drain(BESIDE);
    serveHanging(false);
    drain(ALONE);
    drain(ALONE);
    serveHanging(true);
    drain(BESIDE);
  }

  private void order() throws Exception {
    run.database.execute("UPDATE webhooks.subscription SET ordering = '%s'".formatted(ordering));
  }

  /** Nothing is sent to a webhook that is disabled; what is pending for it stays. */
  private void serveHanging(boolean enabled) throws Exception {
    run.database.execute(
        "UPDATE webhooks.subscription SET enabled = %s WHERE target_url LIKE '%%/never'"
            .formatted(enabled));
    Thread.sleep(DEADLINE_MILLIS); // until what was in flight has met its deadline
  }

  private void drain(String beside) throws Exception {
    Scenarios.drain(run, "(i) drain, " + beside + how, changes, 1, PERSON);
  }

  private void steady(String beside) throws Exception {
    new Steady(run, 200, 1).measure("(i) 200/s, " + beside + how);
  }
}
