package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.cli.Commands;
import io.crmwebhooks.kafka.KafkaClient;
import io.crmwebhooks.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.config.types.Password;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The common parts of all commands: help, and completion. */
class CommandLineTest {
  private static List<CommandLine> all(CommandLine command) {
    List<CommandLine> all = new ArrayList<>(List.of(command));
    command.getSubcommands().values().stream().distinct().forEach(sub -> all.addAll(all(sub)));
    return all;
  }

  @Test
  void every_command_says_what_it_does_and_every_option_what_it_means() {
    for (CommandLine command : all(Commands.commandLine(Map.of()))) {
      String name = command.getCommandSpec().qualifiedName();
      assertThat(command.getCommandSpec().usageMessage().description()).as(name).isNotEmpty();
      command
          .getCommandSpec()
          .args()
          .forEach(
              arg -> assertThat(arg.description()).as(name + " " + arg.paramLabel()).isNotEmpty());
    }
  }

  @Test
  void the_help_of_every_command_at_the_top_has_an_example() {
    CommandLine program = Commands.commandLine(Map.of());
    program.getSubcommands().keySet().stream()
        .filter(name -> !List.of("run", "demo", "check", "help").contains(name))
        .forEach(
            name ->
                assertThat(program.getSubcommands().get(name).getUsageMessage())
                    .as(name)
                    .containsPattern("Examples?:"));
  }

  @Test
  void what_is_no_id_is_said_so_in_words() {
    assertThat(new Cli(Map.of()).run("webhook", "show", "seven").err())
        .contains("'seven' is no UUID")
        .doesNotContain("Exception");
  }

  @Test
  void a_setting_that_is_sealed_by_command_is_taken_at_the_start(@TempDir Path folder)
      throws IOException {
    String login =
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"crm\" password=\"pa\\\\55\";";
    Path file = Files.writeString(folder.resolve("login.txt"), login + "\n");
    Map<String, String> environment = Map.of("WEBHOOKS_SECRETS_KEY", TestDatabase.STORAGE_KEY);
    String name = "webhooks.kafka.client.sasl.jaas.config";
    Cli.Ran sealed = new Cli(environment).run("secret", "seal", name, "--secret-file", file);
    Path local =
        Files.writeString(
            folder.resolve("local.properties"),
            sealed.out() + "webhooks.kafka.brokers=kafka:9092\nwebhooks.engine=kafka\n");
    KafkaClient client = KafkaClient.of(Settings.load(local, environment, Map.of()));
    assertThat(sealed.toString()).startsWith("exit code 0").doesNotContain("pa\\");
    assertThat(client.further()).containsEntry("sasl.jaas.config", new Password(login));
    assertThat(new Cli(environment).run("secret", "seal", "webhooks.admin.token").code())
        .isEqualTo(2);
  }

  @Test
  void the_examples_of_the_help_are_commands_that_exist() {
    CommandLine program = Commands.commandLine(Map.of());
    int examples = 0;
    for (CommandLine command : all(program)) {
      for (String line : command.getCommandSpec().usageMessage().footer()) {
        if (!line.strip().startsWith("crm-webhooks ")) {
          continue;
        }
        examples++;
        String[] words = line.strip().split("\\s+");
        CommandLine found = program.getSubcommands().get(words[1]);
        assertThat(found).as(line).isNotNull();
        if (words.length > 2 && !found.getSubcommands().isEmpty()) {
          found = found.getSubcommands().get(words[2]);
          assertThat(found).as(line).isNotNull();
        }
        for (String word : words) {
          if (word.matches("--?[a-zA-Z].*") && !word.equals("-r")) {
            assertThat(found.getCommandSpec().optionsMap().keySet()).as(line).contains(word);
          }
        }
      }
    }
    assertThat(examples).isGreaterThan(25);
  }

  @Test
  void the_completion_is_a_script_that_bash_reads(@TempDir Path folder)
      throws IOException, InterruptedException {
    Cli.Ran completion = new Cli(Map.of()).run("completion");
    assertThat(completion.code()).isZero();
    assertThat(completion.out()).contains("crm-webhooks", "redeliver", "--webhook", "send-test");
    assertThat(completion.out()).contains("\"missing\" \"failed\" \"all\"");
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "there is no bash here");
    Path script = Files.writeString(folder.resolve("completion"), completion.out());
    Process bash = new ProcessBuilder("/bin/bash", "-n", script.toString()).inheritIO().start();
    assertThat(bash.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(bash.exitValue()).isZero();
  }
}
