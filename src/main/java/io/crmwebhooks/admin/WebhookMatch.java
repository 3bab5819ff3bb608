package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which webhook each entry of a file is. That is the one with its name in its workspace, else the
 * one whose id it gives. A webhook that the file managed and has no entry for is gone.
 *
 * @param gone webhooks as they are shown
 * @param conflicts entries that are a webhook of somebody else, with their places
 */
record WebhookMatch(List<Pair> pairs, List<ObjectNode> gone, List<Problem.FieldError> conflicts) {
  /**
   * An entry and its webhook.
   *
   * @param before as it is shown; null: there is none yet
   */
  record Pair(WebhookFile.Entry entry, ObjectNode before) {}

  /**
   * @param webhooks as they are shown, all that the caller may see
   */
  static WebhookMatch of(WebhookFile file, List<ObjectNode> webhooks) {
    Map<String, ObjectNode> named = new HashMap<>();
    Map<String, ObjectNode> known = new HashMap<>();
    for (ObjectNode webhook : webhooks) {
      String workspace = webhook.path("workspace").asText();
      known.put(key(workspace, webhook.path("id").asText()), webhook);
      if (webhook.hasNonNull("name")) {
        named.put(key(workspace, webhook.path("name").asText()), webhook);
      }
    }
    List<Pair> pairs = new ArrayList<>();
    List<Problem.FieldError> conflicts = new ArrayList<>();
    Set<ObjectNode> taken = new HashSet<>();
    for (WebhookFile.Entry entry : file.entries()) {
      ObjectNode byName = named.get(key(entry.workspace(), entry.name()));
      ObjectNode before =
          byName != null || entry.id() == null
              ? byName
              : known.get(key(entry.workspace(), entry.id().toString()));
      String field = entry.place() + (byName != null ? ".name" : ".id");
      String owner = before == null ? null : owner(before, file.name());
      if (owner != null) {
        conflicts.add(new Problem.FieldError(field, "is that of a webhook that " + owner));
      } else if (before != null && !taken.add(before)) {
        conflicts.add(new Problem.FieldError(field, "is the webhook of another entry"));
      }
      pairs.add(new Pair(entry, before));
    }
    List<ObjectNode> gone =
        webhooks.stream()
            .filter(webhook -> isOf(webhook, file.name()) && !taken.contains(webhook))
            .toList();
    return new WebhookMatch(pairs, gone, conflicts);
  }

  private static String key(String workspace, String nameOrId) {
    return workspace + '\0' + nameOrId;
  }

  /** Who else manages a webhook, in words; null: nobody. */
  private static String owner(ObjectNode webhook, String file) {
    return switch (webhook.path("source").asText()) {
      case "twenty" -> "was made in Twenty, and is changed there";
      case "file" ->
          isOf(webhook, file)
              ? null
              : "the file %s manages; webhook release takes it from there"
                  .formatted(webhook.path("file").asText());
      default -> null;
    };
  }

  private static boolean isOf(ObjectNode webhook, String file) {
    return webhook.path("file").asText().equals(file);
  }
}
