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
   * Compiles a program before its first use. The first program of a process takes seconds of a busy
   * processor, and a change has few. One that is none fails when it is used.
   */
  static void prepare(String text) {
    try {
      of(text);
    } catch (IllegalArgumentException e) {
      // each use says so
    }
  }

  /** Whether it need not be compiled when it is used. */
  static boolean isReady(String text) {
    return COMPILED.containsKey(text);
  }

  /**
   * A program.
   *
   * @throws IllegalArgumentException when it is none; it was stored past the check of saving
   */
  static Program of(String text) {
    if (text == null) {
      throw new IllegalArgumentException("is missing");
    }
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
