package io.crmwebhooks.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class ReplayCommandTest {
  private static JsonNode json(String json) throws Exception {
    return new ObjectMapper().readTree(json);
  }

  private static final String REPLAY =
      """
      {"id": 3, "webhookId": "w1", "mode": "missing", "since": "2025-02-10T00:00:00Z", "until": "2025-02-11T00:00:00Z",
       "events": ["person.*", "*.created"], "state": "running", "waiting": "the webhook is disabled", "progress": 0.4267,
       "owed": 12345, "dropped": 2, "refused": 1, "error": "change 7: record is missing",
       "deliveries": {"pending": 5, "delivered": 12340, "dead": 0, "cancelled": 0}}""";

  @Test
  void a_replay_is_shown_with_all_that_an_operator_asks() throws Exception {
    assertThat(ReplayCommand.words(json(REPLAY)))
        .isEqualToNormalizingNewlines(
            """
            replay 3 is running, 42 %
              webhook  w1
              range    missing changes of person.*, *.created since 2025-02-10T00:00:00Z until 2025-02-11T00:00:00Z
              owed     12,345: 12,340 delivered, 5 pending, 0 dead, 0 cancelled
              dropped  2 by the customise route
              refused  1, since they cannot be dispatched
              error    change 7: record is missing
              waits    the webhook is disabled
            """);
    assertThat(ReplayCommand.beside(json(REPLAY)))
        .isEqualTo("replay 3, 12,345 owed, the webhook is disabled");
  }

  @Test
  void replays_are_listed_in_columns() throws Exception {
    assertThat(ReplayCommand.TABLE.of(json("[" + REPLAY + "]")))
        .isEqualToNormalizingNewlines(
            """
            ID  STATE    PROGRESS    OWED  MODE     WEBHOOK  SINCE                 UNTIL
             3  running      42 %  12,345  missing  w1       2025-02-10T00:00:00Z  2025-02-11T00:00:00Z
            """);
    assertThat(ReplayCommand.TABLE.of(json("[]"))).contains("crm-webhooks replay start");
  }

  @Test
  void a_count_says_what_would_be_sent_and_what_cannot() throws Exception {
    assertThat(
            ReplayCommand.counted(
                json(
                    """
                    {"mode": "all", "since": "2025-02-10T00:00:00Z", "until": "2025-02-11T00:00:00Z", "events": null,
                     "toSend": 9, "matched": 10, "delivered": 6, "pending": 1, "dead": 1, "cancelled": 0, "missing": 1,
                     "queued": 0, "parked": 1, "dropped": 0, "removed": 4}""")))
        .isEqualToNormalizingNewlines(
            """
            9 of 10 matching changes would be sent
              range    all changes since 2025-02-10T00:00:00Z until 2025-02-11T00:00:00Z
              now      6 delivered, 1 pending, 1 dead, 0 cancelled, 1 never owed
                       0 queued, 1 parked, 0 dropped by the customise route
              removed  4, which cannot be sent any more
                       (of the days at both ends all are counted)
            """);
  }
}
