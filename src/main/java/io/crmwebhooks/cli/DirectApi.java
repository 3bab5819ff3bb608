package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.crmwebhooks.admin.Answer;
import io.crmwebhooks.admin.Call;
import io.crmwebhooks.admin.Caller;
import io.crmwebhooks.admin.Contract;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.admin.Operation;
import io.crmwebhooks.admin.Query;
import io.crmwebhooks.admin.Role;
import io.crmwebhooks.admin.Tokens;
import io.crmwebhooks.database.Database;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.observe.AttemptCounts;
import io.crmwebhooks.pipeline.TestAttempt;
import io.crmwebhooks.secret.Secrets;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.wiring.ApiBeans;
import io.crmwebhooks.wiring.IdleRoutes;
import java.time.Clock;
import java.util.Map;

/**
 * Carries the operations of the API out in this process, straight on the database of the settings:
 * for when the server is down, or there is none yet. Whoever has the database may do everything.
 */
final class DirectApi implements AdminApi {
  private static final Caller OPERATOR = new Caller("command line", Role.ADMIN, null);

  private final Settings settings;
  private final Database database;
  private final Contract contract;
  private final Map<String, Operation> operations;
  private Secrets secrets;
  private IdleRoutes routes;

  private DirectApi(Settings settings, Database database) {
    this.settings = settings;
    this.database = database;
    this.contract = Contract.load(settings.properties()::getProperty);
    Sql sql = new Sql(database.apiDataSource());
    this.operations =
        ApiBeans.operations(
            settings,
            contract,
            new Tokens(sql, ""),
            sql,
            this::secrets,
            new AttemptCounts(sql, outcome -> {}),
            this::testAttempt,
            News.UNTOLD,
            Clock.systemUTC());
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
    Contract.Match match = contract.match(request.method(), request.path());
    Answer answer =
        operations
            .get(match.entry().id())
            .answer(
                new Call(
                    OPERATOR,
                    match.parameters(),
                    Query.parse(request.rawQuery(), match.entry().query()),
                    null,
                    request.body() == null ? new byte[0] : Json.bytes(request.body()),
                    request.isLong() ? request.progress() : fraction -> {}));
    return answer.body() == null ? MissingNode.getInstance() : answer.body();
  }

  @Override
  public void close() {
    if (routes != null) {
      routes.close();
    }
    database.close();
  }
}
