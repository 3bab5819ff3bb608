package io.crmwebhooks.domain;

import java.util.List;

/**
 * Event names and the patterns that subscribe to them: {@code object.action}, {@code object.*},
 * {@code *.action} and {@code *.*}, and nothing else.
 */
public final class EventPattern {
  private EventPattern() {}

  /** The patterns that match an event, each of which a webhook may have subscribed to. */
  public static List<String> matching(String event) {
    int dot = event.indexOf('.');
    String object = event.substring(0, dot);
    String action = event.substring(dot + 1);
    return List.of(object + "." + action, object + ".*", "*." + action, "*.*");
  }

  /**
   * Whether Twenty gives the event to those of its own webhooks only that name it without a
   * wildcard. As {@code webhooks.twenty_ignores}.
   */
  public static boolean isExactInTwenty(String event) {
    return event.equals("workflowRun.updated");
  }

  /**
   * Checks an event name.
   *
   * @return its error, or null
   */
  public static String problemOf(String event) {
    if (event == null || event.isEmpty()) {
      return "event is missing";
    }
    int dot = event.indexOf('.');
    if (dot < 0 || !isName(event.substring(0, dot)) || !isName(event.substring(dot + 1))) {
      return "event is not of the form object.action: " + event;
    }
    return null;
  }

  /**
   * Checks a pattern.
   *
   * @throws IllegalArgumentException naming it
   */
  public static void check(String operation) {
    String[] parts = operation.split("\\.", -1);
    if (parts.length != 2 || !isNameOrStar(parts[0]) || !isNameOrStar(parts[1])) {
      throw new IllegalArgumentException(
          "'" + operation + "' is no operation; write object.action, object.*, *.action or *.*");
    }
  }

  private static boolean isNameOrStar(String part) {
    return part.equals("*") || isName(part);
  }

  private static boolean isName(String part) {
    for (int i = 0; i < part.length(); i++) { // no stream: each change is checked
      char c = part.charAt(i);
      if (c == '.' || c == '*' || Character.isWhitespace(c)) {
        return false;
      }
    }
    return !part.isEmpty();
  }
}
