package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.verify.Finding;
import java.util.List;

/** Findings about the signatures of one request, as they are shown. */
final class Verdict {
  private static final Table TABLE =
      new Table("")
          .column("SCHEME", "/scheme")
          .column("WRONG", "/fault")
          .column("WHAT WAS FOUND", "/message");

  private Verdict() {}

  /** A request that is to be trusted bears at least one signature, and none that does not hold. */
  static boolean isGood(List<Finding> findings) {
    return findings.stream().allMatch(Finding::holds);
  }

  static ObjectNode json(List<Finding> findings) {
    ObjectNode json = Json.object().put("valid", isGood(findings));
    ArrayNode schemes = json.putArray("schemes");
    for (Finding finding : findings) {
      schemes
          .addObject()
          .put("scheme", finding.scheme())
          .put("valid", finding.holds())
          .put("fault", finding.holds() ? null : finding.fault().key())
          .put("message", finding.message());
    }
    return json;
  }

  static String words(JsonNode json) {
    return TABLE.of(json.path("schemes"))
        + (json.path("valid").asBoolean()
            ? "The request is genuine."
            : "Do not trust the request.");
  }
}
