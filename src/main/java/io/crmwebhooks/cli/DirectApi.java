package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.crmwebhooks.admin.Answer;
import io.crmwebhooks.admin.Api;
import io.crmwebhooks.admin.Call;
import io.crmwebhooks.admin.Caller;
import io.crmwebhooks.admin.Caller.Role;
import io.crmwebhooks.admin.Captures;
import io.crmwebhooks.admin.Contract;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.admin.TestAttempt;
import io.crmwebhooks.admin.Tokens;
import io.crmwebhooks.database.Database;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.observe.AttemptCounts;
import io.crmwebhooks.secret.Secrets;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.wiring.Engine;
import io.crmwebhooks.wiring.IdleRoutes;
import io.crmwebhooks.wiring.Targets;
import java.time.Clock;
import java.util.Optional;

/**
 * Carries out the operations of the API in this process, on the database of the settings. It serves
 * when the server is down, or when there is none yet. A user of the database may do everything.
 */
final class DirectApi implements AdminApi {
  private static final Caller OPERATOR = new Caller("command line", Role.ADMIN, null);

  private final Settings settings;
  private final Database database;
  private final Api api;
  private Secrets secrets;
  private IdleRoutes routes;

  private DirectApi(Settings settings, Database database) {
    this.settings = settings;
    this.database = database;
    Sql sql = new Sql(database.apiDataSource());
    Api.Surroundings surroundings =
        Engine.surroundings(
            settings,
            this::secrets,
            this::testAttempt,
            new AttemptCounts(sql, outcome -> {}),
            News.UNTOLD,
            () -> Targets.inFiles(settings));
    this.api = Api.open(settings, sql, new Tokens(sql, ""), surroundings, Clock.systemUTC());
  }

  /**
   * @throws io.crmwebhooks.settings.StartupException when the database cannot be used
   */
  static DirectApi open(Settings settings) {
    Database database = Database.open(settings);
    try {
      return new DirectApi(settings, database);
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /** Not before they are wanted: most commands need no key. */
  private Secrets secrets() {
    if (secrets == null) {
      secrets = Secrets.open(settings, database.dataSource());
    }
    return secrets;
  }

  private TestAttempt testAttempt() {
    if (routes == null) {
      routes = IdleRoutes.start(settings, database.dataSource(), secrets(), Clock.systemUTC());
    }
    return routes.testAttempt();
  }

  @Override
  public JsonNode call(Request request) throws Exception {
    Contract.Match match = api.contract().match(request.method(), request.path());
    Answer answer =
        api.answer(
            Call.of(
                OPERATOR,
                match,
                request.rawQuery(),
                null,
                request.body() == null ? null : Json.bytes(request.body()),
                request.isLong() ? request.progress() : fraction -> {}));
    return answer.body() == null ? MissingNode.getInstance() : answer.body();
  }

  @Override
  public Optional<Captures> captures() {
    return Optional.of(new Captures(database.dataSource()));
  }

  @Override
  public void close() {
    if (routes != null) {
      routes.close();
    }
    database.close();
  }
}
