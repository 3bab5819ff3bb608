package io.crmwebhooks.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The statements of the demo, from the files under {@code demo/} on the class path. */
final class DemoSql {
  private DemoSql() {}

  static String read(String name) {
    try (InputStream in = DemoSql.class.getResourceAsStream("/demo/" + name + ".sql")) {
      if (in == null) {
        throw new IllegalStateException("no file demo/" + name + ".sql on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
