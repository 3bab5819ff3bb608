package io.crmwebhooks.pipeline;

import io.crmwebhooks.jq.Program;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The compiled programs of webhooks by their texts, since all webhooks are loaded anew when one
 * changes. Thread-safe.
 */
final class Programs {
  private static final int MOST = 10_000;
  private static final Map<String, Program> COMPILED = new ConcurrentHashMap<>();

  private Programs() {}

  /**
   * A program.
   *
   * @throws IllegalArgumentException when it is none; it was stored past the check of saving
   */
  static Program of(String text) {
    Program known = COMPILED.get(text);
    if (known != null) {
      return known;
    }
    Program program = Program.compile(text);
    if (COMPILED.size() >= MOST) {
      COMPILED.clear();
    }
    COMPILED.put(text, program);
    return program;
  }
}
