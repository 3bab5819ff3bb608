package io.crmwebhooks.demo;

import io.crmwebhooks.demo.SampleCrm.MadeUp;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/**
 * People at work in the sample CRM: about three transactions a second until closed. Now and then
 * one is rolled back, or imports many rows. The tables stay at a few hundred rows however long it
 * runs. A failed transaction gets its line and the work goes on.
 */
public final class Workday implements AutoCloseable {
  private static final int IMPORTED = 12;
  private static final int SHORTEST_PAUSE_MS = 200;
  private static final int LONGEST_PAUSE_MS = 500;

  /** A thing that somebody at work in the CRM may do next; each is one transaction. */
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
    BUILD_ROCKET(4, "build-rocket"),
    ROLL_BACK(3, "add-people"),
    IMPORT_PEOPLE(2, "add-people"),
    TIDY_UP(1, "tidy-up");

    private final int weight;
    private final List<String> statements;

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

  private final DataSource dataSource;
  private final Printout printout;
  private final Random random;
  private final MadeUp madeUp;
  private final ScheduledExecutorService clerk =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "workday"));

  /**
   * @param random its seed decides what is done, in which order
   */
  public Workday(DataSource dataSource, Printout printout, Random random) {
    this.dataSource = dataSource;
    this.printout = printout;
    this.random = random;
    this.madeUp = new MadeUp(random);
  }

  /** Opens the companies everybody works with, then works in a thread of its own. */
  public void start() throws SQLException {
    openCompanies();
    workOn();
  }

  void openCompanies() throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      run(connection, "workday/open-companies", 1);
    }
  }

  private void workOn() {
    int pause = SHORTEST_PAUSE_MS + random.nextInt(LONGEST_PAUSE_MS - SHORTEST_PAUSE_MS);
    clerk.schedule(this::work, pause, TimeUnit.MILLISECONDS);
  }

  private void work() {
    try {
      perform(Activity.any(random));
    } catch (SQLException | RuntimeException e) {
      if (!clerk.isShutdown()) {
        say("failed", "a transaction", e.getMessage());
      }
    }
    if (!clerk.isShutdown()) {
      workOn();
    }
  }

  /** One transaction. */
  void perform(Activity activity) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      for (String statement : activity.statements) {
        run(connection, statement, activity == Activity.IMPORT_PEOPLE ? IMPORTED : 1);
      }
      if (activity == Activity.ROLL_BACK) {
        connection.rollback();
        say("rolled back", "a new person", "so no webhook is sent for it");
      } else {
        connection.commit();
      }
      if (activity == Activity.IMPORT_PEOPLE) {
        say("imported", IMPORTED + " people", "in one statement: a webhook for each of them");
      }
    }
  }

  private void run(Connection connection, String name, int count) throws SQLException {
    connection.setSchema(SampleCrm.SCHEMA);
    try (PreparedStatement statement = connection.prepareStatement(SampleCrm.sql(name))) {
      statement.setString(1, madeUp.json(count));
      statement.executeUpdate();
    }
  }

  private void say(String what, String whose, String result) {
    printout.line("(the CRM)", what, whose, result);
  }

  /** Ends with the transaction at hand. */
  @Override
  public void close() {
    clerk.shutdown();
    try {
      if (!clerk.awaitTermination(5, TimeUnit.SECONDS)) {
        clerk.shutdownNow();
      }
    } catch (InterruptedException e) {
      clerk.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
