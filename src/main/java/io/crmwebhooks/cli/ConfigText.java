package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** The difference between a file and what is there, in words. */
final class ConfigText {
  private static final Map<String, String> MARKS =
      Map.of("create", "+", "change", "~", "remove", "-", "capture", "+", "release", "-");

  private ConfigText() {}

  /** The difference before it is made. */
  static String plan(JsonNode plan) {
    return difference(plan)
        + sum(plan, "webhooks: %d to create, %d to change, %d to remove, %d as they are");
  }

  /** The same afterwards. */
  static String applied(JsonNode done) {
    return difference(done)
        + sum(done, "webhooks: %d created, %d changed, %d removed, %d as they were");
  }

  static boolean isEmpty(JsonNode plan) {
    return plan.path("changes").isEmpty() && plan.path("captures").isEmpty();
  }

  private static String difference(JsonNode plan) {
    StringBuilder text = new StringBuilder();
    for (JsonNode change : plan.path("changes")) {
      String workspace = change.path("workspace").asText();
      line(
          text,
          "%s webhook %s%s  %s",
          MARKS.get(change.path("action").asText()),
          change.path("name").asText(),
          workspace.isEmpty() ? "" : " of workspace " + workspace,
          change.path("targetUrl").asText());
      boolean isNew = change.path("action").asText().equals("create");
      for (JsonNode field : change.path("fields")) {
        String name = field.path("field").asText();
        if (!isNew || !name.equals("targetUrl")) { // which stands above
          line(text, "    %s: %s", name, value(field, isNew));
        }
      }
    }
    for (JsonNode step : plan.path("captures")) {
      boolean released = step.path("action").asText().equals("release");
      line(
          text,
          "%s capture %s.%s%s%s",
          MARKS.get(step.path("action").asText()),
          step.path("schema").asText(),
          step.path("table").asText(),
          released ? "" : " as " + step.path("object").asText(),
          step.hasNonNull("problem") ? ", not done: " + step.path("problem").asText() : "");
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(Text.plain(format.formatted(values))).append(System.lineSeparator());
  }

  private static String value(JsonNode field, boolean isNew) {
    if (!field.has("to")) {
      return isNew ? "set" : "changes";
    }
    return isNew
        ? shown(field.path("to"))
        : shown(field.path("from")) + " -> " + shown(field.path("to"));
  }

  private static String shown(JsonNode value) {
    return value.isTextual() && !value.asText().isEmpty()
        ? value.asText()
        : value.isArray() ? Text.of(value) : value.toString();
  }

  private static String sum(JsonNode plan, String format) {
    List<String> actions = plan.path("changes").findValuesAsText("action");
    return format.formatted(
        Collections.frequency(actions, "create"),
        Collections.frequency(actions, "change"),
        Collections.frequency(actions, "remove"),
        plan.path("unchanged").asInt());
  }
}
