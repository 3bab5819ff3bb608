package io.crmwebhooks.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A part of the benchmark in a process of its own, so that what it costs can be told apart. It
 * reads commands from its standard input, one a line, answers each with a line, and ends when the
 * input ends.
 */
final class ChildJvm implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CLASS_PATH =
      String.join(File.pathSeparator, "target/test-classes", "target/crm-webhooks/lib/*");

  /** Answers a command. */
  interface Commands {
    String answer(String[] command) throws Exception;
  }

  private final Process process;
  private final BufferedReader answers;
  private final PrintStream commands;

  private ChildJvm(Process process) {
    this.process = process;
    this.answers =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.US_ASCII);
  }

  static ChildJvm start(Class<?> main) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    ProcessBuilder builder =
        new ProcessBuilder(java, "-XX:+UseSerialGC", "-Xmx512m", "-cp", CLASS_PATH, main.getName());
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    return new ChildJvm(builder.start());
  }

  /** In the child: answers commands until there are no more. */
  static void serve(Commands commands) throws Exception {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(commands.answer(line.split(" ")));
    }
  }

  long pid() {
    return process.pid();
  }

  /** Sends a command and returns the answer. */
  JsonNode ask(String command) {
    commands.println(command);
    try {
      String answer = answers.readLine();
      if (answer == null) {
        throw new IllegalStateException("a child has ended instead of answering: " + command);
      }
      return JSON.readTree(answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    commands.close();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
