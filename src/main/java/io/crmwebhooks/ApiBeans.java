package io.crmwebhooks;

import io.crmwebhooks.admin.TokenOperations;
import io.crmwebhooks.api.Answer;
import io.crmwebhooks.api.ApiProcessor;
import io.crmwebhooks.api.Contract;
import io.crmwebhooks.api.Operation;
import io.crmwebhooks.api.Tokens;
import io.crmwebhooks.database.Database;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Registry;

/** The operations of the API under the names by which the REST routes call them. */
final class ApiBeans {
  private final Registry registry;
  private final Contract contract;

  private ApiBeans(Registry registry, Contract contract) {
    this.registry = registry;
    this.contract = contract;
  }

  static void bind(CamelContext context, Contract contract, Tokens tokens, Database database) {
    ApiBeans beans = new ApiBeans(context.getRegistry(), contract);
    beans.bind("showContract", call -> Answer.ok(contract.document()));

    TokenOperations tokenOperations = new TokenOperations(tokens);
    beans.bind("listTokens", tokenOperations::list);
    beans.bind("addToken", tokenOperations::add);
    beans.bind("revokeToken", tokenOperations::revoke);
  }

  /** Each is called as its {@code operationId} in {@code openapi.json}. */
  private void bind(String operationId, Operation operation) {
    registry.bind(operationId, new ApiProcessor(contract, operation));
  }
}
