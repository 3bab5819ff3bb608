package io.crmwebhooks.bench;

/** Something to measure, in a fresh database. */
interface Scenario {
  void run(Run run) throws Exception;
}
