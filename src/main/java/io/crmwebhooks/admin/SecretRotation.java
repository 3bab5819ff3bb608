package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.api.Call;
import java.sql.SQLException;
import java.util.UUID;

/** Gives a webhook a new secret. */
@FunctionalInterface
public interface SecretRotation {
  /**
   * @param call whose body may say how
   * @return what the caller is to know, the new secret among it
   * @throws io.crmwebhooks.api.Problem when it cannot be done as asked
   */
  ObjectNode rotate(UUID webhook, Call call) throws SQLException;
}
