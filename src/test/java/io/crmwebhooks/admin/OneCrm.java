package io.crmwebhooks.admin;

import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Tests that share one database of a CRM. */
abstract class OneCrm {
  static Crm crm;

  @BeforeAll
  static void openCrm() {
    crm = new Crm();
  }

  @AfterAll
  static void closeCrm() throws SQLException {
    crm.close();
  }
}
