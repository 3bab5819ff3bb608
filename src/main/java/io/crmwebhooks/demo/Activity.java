package io.crmwebhooks.demo;

import java.util.List;
import java.util.Random;

/** What somebody at work in the CRM may do next; each is one transaction. */
enum Activity {
  ADD_PERSON(18, "add-people"),
  CHANGE_PERSON(24, "change-person"),
  DELETE_PERSON(7, "delete-person"),
  RESTORE_PERSON(4, "restore-person"),
  OPEN_DEAL(10, "open-deal", "plan-task"),
  MOVE_DEAL(14, "move-deal"),
  WIN_DEAL(5, "move-deal", "raise-revenue", "write-note"),
  WRITE_NOTE(6, "write-note"),
  FINISH_TASK(6, "finish-task"),
  ROLL_BACK(3, "add-people"),
  IMPORT_PEOPLE(2, "add-people"),
  TIDY_UP(1, "tidy-up");

  private final int weight;
  final List<String> statements;

  Activity(int weight, String... statements) {
    this.weight = weight;
    this.statements = List.of(statements).stream().map(name -> "workday/" + name).toList();
  }

  /** Draws one, each by its weight. */
  static Activity any(Random random) {
    int total = 0;
    for (Activity activity : values()) {
      total += activity.weight;
    }
    int left = random.nextInt(total);
    for (Activity activity : values()) {
      left -= activity.weight;
      if (left < 0) {
        return activity;
      }
    }
    throw new AssertionError("the weights add up");
  }
}
