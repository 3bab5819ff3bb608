package io.crmwebhooks.capture;

import java.util.List;

/** A table whose changes are captured, and how its events are named. */
record CapturedTable(
    String schema, String name, String object, String workspace, List<String> ignored) {}
