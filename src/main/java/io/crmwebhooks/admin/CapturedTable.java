package io.crmwebhooks.admin;

import java.util.List;

/**
 * A table whose changes are captured, or should be, and how its events are named.
 *
 * @param problem why it is not captured as it should be; null: it is
 */
public record CapturedTable(
    String schema,
    String name,
    String object,
    String workspace,
    List<String> ignored,
    String problem) {}
