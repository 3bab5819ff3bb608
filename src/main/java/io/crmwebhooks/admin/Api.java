package io.crmwebhooks.admin;

import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.http.EgressRules;
import io.crmwebhooks.http.TargetUrl;
import io.crmwebhooks.http.TlsIdentities;
import io.crmwebhooks.observe.AttemptCounts;
import io.crmwebhooks.secret.Secrets;
import io.crmwebhooks.settings.Settings;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The operations of the API. {@code openapi.json} is their list. A public method in one of the
 * objects from {@link #open} answers each. It has the {@code operationId} as its name and takes a
 * {@link Call}. Thread-safe.
 */
public final class Api {
  /** The work of an operation for a call. Thread-safe. */
  @FunctionalInterface
  interface Operation {
    /**
     * @throws Problem when the request is refused
     */
    Answer answer(Call call) throws Exception;
  }

  /**
   * The parts of the program that the operations need.
   *
   * @param secrets asked when the first secret is to be read or written
   * @param attempts makes test attempts; asked when the first one is wanted
   * @param delivered deliveries that are kept elsewhere than in the database
   * @param routes the names of the user's routes that webhooks may lead to
   */
  public record Surroundings(
      Supplier<Secrets> secrets,
      Supplier<TestAttempt> attempts,
      AttemptCounts counts,
      News news,
      Delivered delivered,
      Supplier<Set<String>> routes) {}

  private final Contract contract;
  private final Map<String, Operation> operations = new TreeMap<>();

  Api(Contract contract) {
    this.contract = contract;
    answer("showContract", call -> Answer.ok(contract.document()));
  }

  /** The API over a database. */
  public static Api open(
      Settings settings, Sql sql, Tokens tokens, Surroundings surroundings, Clock clock) {
    Api api = new Api(Contract.load(settings.properties()::getProperty));
    Duration lease = settings.duration("webhooks.delivery.lease");
    WebhookTable table =
        new WebhookTable(
            sql,
            surroundings.secrets(),
            new WebhookFields(new TargetUrl(EgressRules.of(settings))::checkTarget, lease));
    DestinationRules rules =
        new DestinationRules(TlsIdentities.open(settings, clock)::check, surroundings.routes());
    WebhookOperations webhooks = new WebhookOperations(table, rules, surroundings.news());
    api.answerBy(webhooks);
    api.answerBy(
        new ConfigOperations(
            table,
            sql,
            rules,
            surroundings.news(),
            api.contract.defaults("WebhookChanges"),
            settings.duration("webhooks.secrets.rotation-overlap")));
    api.answerBy(
        new WebhookActions(
            webhooks,
            sql,
            new WebhookSecrets(sql.dataSource(), surroundings.secrets()),
            surroundings.attempts(),
            settings,
            clock));
    api.answerBy(new WebhookTrial(webhooks, table.fields(), sql));
    Delivered delivered = surroundings.delivered();
    api.answerBy(new DeliveryOperations(sql, delivered, lease, clock));
    api.answerBy(new ChangeOperations(sql, delivered));
    api.answerBy(new ReplayOperations(sql, delivered));
    api.answerBy(new Reconciliation(sql, delivered));
    api.answerBy(new StatsOperations(sql, surroundings.counts(), clock));
    api.answerBy(tokens);
    return api.complete();
  }

  /** Has the public methods of an object answer the operations that they are named after. */
  Api answerBy(Object object) {
    for (Method method : object.getClass().getMethods()) {
      if (method.getReturnType() == Answer.class) {
        answer(method.getName(), call -> invoke(method, object, call));
      }
    }
    return this;
  }

  /** Has something answer an operation. */
  Api answer(String operationId, Operation operation) {
    operations.put(operationId, operation);
    return this;
  }

  /**
   * @throws IllegalStateException unless each operation of the document has a method, and each
   *     method an operation
   */
  Api complete() {
    Set<String> listed =
        contract.entries().stream()
            .map(Contract.Entry::id)
            .collect(Collectors.toCollection(TreeSet::new));
    if (!listed.equals(operations.keySet())) {
      throw new IllegalStateException(
          "openapi.json has the operations %s, but the methods are %s"
              .formatted(listed, operations.keySet()));
    }
    return this;
  }

  private static Answer invoke(Method method, Object object, Call call) throws Exception {
    try {
      return (Answer) method.invoke(object, call);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (Exception) e.getCause();
    }
  }

  /** The document that says which operations there are. */
  public Contract contract() {
    return contract;
  }

  /**
   * Carries an operation out.
   *
   * @throws Problem when the request is refused
   */
  public Answer answer(Call call) throws Exception {
    return operations.get(call.asked().entry().id()).answer(call);
  }
}
