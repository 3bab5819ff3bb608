package io.crmwebhooks.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

class ReconcileCommandTest {
  private static ObjectNode report(String gaps, int lost) throws Exception {
    return (ObjectNode)
        new ObjectMapper()
            .readTree(
                """
                {"gap": %d, "gaps": [%s], "webhooks": [{"webhookId": "w1", "targetUrl": "https://a.example/", "matched": 1234,
                 "delivered": 1200, "pending": 34, "dead": 0, "cancelled": 0, "queued": 0, "parked": 0, "dropped": 0, "muted": 0, "filtered": 0,
                 "unserved": 0, "gap": %d}]}"""
                    .formatted(lost, gaps, lost));
  }

  @Test
  void a_report_without_a_gap_says_that_nothing_is_lost() throws Exception {
    assertThat(ReconcileCommand.words(report("", 0)))
        .isEqualToNormalizingNewlines(
            """
            WEBHOOK  URL                 MATCHED  DELIVERED  PENDING  DEAD  CANCELLED  QUEUED  PARKED  DROPPED  MUTED  FILTERED  UNSERVED  GAP
            w1       https://a.example/    1,234      1,200       34     0          0       0       0        0      0         0         0    0

            Nothing is lost: each change that a webhook was owed is accounted for.
            """);
  }

  @Test
  void gaps_are_listed_with_what_to_do() throws Exception {
    assertThat(
            ReconcileCommand.words(
                report(
                    "{\"webhookId\": \"w1\", \"changeId\": 7, \"event\": \"person.created\", \"recordId\": null, \"occurredAt\": \"2025-02-10T15:30:50Z\"}",
                    2)))
        .contains("MISSING AT  CHANGE  EVENT           RECORD  OCCURRED AT")
        .contains("w1               7  person.created       -  2025-02-10T15:30:50Z")
        .contains(
            "2 deliveries are missing, 1 of them listed. To send them: crm-webhooks replay start WEBHOOK --since TIME");
  }

  @Test
  void one_delivery_is_missing_and_several_are() throws Exception {
    assertThat(ReconcileCommand.words(report("", 1))).contains("1 delivery is missing, 0 of them");
  }

  @Test
  void without_webhooks_nothing_was_owed() throws Exception {
    ObjectNode report = report("", 0);
    report.putArray("webhooks");
    assertThat(ReconcileCommand.words(report)).startsWith("There is no webhook");
  }
}
