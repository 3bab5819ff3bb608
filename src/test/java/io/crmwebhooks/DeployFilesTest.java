package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.crmwebhooks.cli.Commands;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import io.crmwebhooks.settings.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The files of docs/deploy agree with the program and with each other, as far as that can be told
 * without the engines that read them.
 */
class DeployFilesTest {
  private static final Path FOLDER = Path.of("docs", "deploy");
  private static final String HOME = "/opt/crm-webhooks";
  private static final String PROGRAM = HOME + "/bin/crm-webhooks";
  private static final String CUSTOM = HOME + "/routes/custom";
  private static final String DATA = "/var/lib/crm-webhooks";
  private static final String USER = "10001";
  private static final String IMAGE = "crm-webhooks:" + Version.text();
  private static final Settings DEFAULTS = settings(Map.of());
  private static final String LIVE = value(DEFAULTS, "camel.management.health-path") + "/live";

  @Test
  void every_variable_that_they_name_is_a_setting_and_every_command_exists() throws IOException {
    List<Path> files = new ArrayList<>(EditedRoutes.files(FOLDER));
    files.add(Path.of("docs", "deploy.md"));
    for (Path file : files) {
      String text = Files.readString(file);
      assertThat(found("\\bWEBHOOKS_[A-Z_]+\\b", text))
          .as(file.toString())
          .allSatisfy(name -> assertThat(Settings.warnings(Map.of(name, "1"))).isEmpty());
      assertThat(found("bin/crm-webhooks (?!archive)([a-z]+)\\b", text))
          .as(file.toString())
          .isSubsetOf(Commands.commandLine(Map.of()).getSubcommands().keySet());
    }
  }

  @Test
  void the_image_has_all_that_the_package_is_made_of() throws IOException {
    List<String> copied = new ArrayList<>();
    instructions("COPY").stream()
        .filter(line -> !line.startsWith("--from"))
        .map(line -> List.of(line.split(" ")))
        .forEach(words -> copied.addAll(words.subList(0, words.size() - 1)));
    assertThat(copied).allSatisfy(name -> assertThat(Path.of(name)).exists());
    String assembly = Files.readString(Path.of("src", "assembly", "component.xml"));
    List<String> packed = new ArrayList<>();
    packed.addAll(found("<directory>(\\w+)", assembly));
    packed.addAll(found("<include>([A-Z]+[.md]*)<", assembly));
    packed.addAll(List.of("pom.xml", ".mvn"));
    assertThat(packed).contains("bin", "docs", "src", "README.md");
    assertThat(copied).containsAll(packed);
  }

  @Test
  void the_image_runs_the_program_as_nobody_special_and_looks_after_its_health()
      throws IOException {
    assertThat(instructions("FROM")).hasSize(2);
    assertThat(instructions("USER")).containsExactly(USER + ":" + USER);
    assertThat(instructions("ENTRYPOINT")).containsExactly("[\"" + PROGRAM + "\"]");
    assertThat(instructions("CMD")).containsExactly("[\"run\"]");
    assertThat(instructions("EXPOSE")).containsExactly(port());
    assertThat(instructions("VOLUME")).containsExactly(DATA);
    assertThat(instructions("HEALTHCHECK").get(0))
        .contains(":${WEBHOOKS_HTTP_PORT:-" + port() + "}" + LIVE + "\"");
    Map<String, String> environment = new HashMap<>();
    for (String word : instructions("ENV").get(0).split(" ")) {
      environment.put(word.split("=")[0], word.split("=")[1]);
    }
    Settings settings = settings(environment);
    assertThat(value(settings, "webhooks.http.host")).isEqualTo("0.0.0.0");
    assertThat(value(settings, "webhooks.database.data")).isEqualTo(DATA);
  }

  @Test
  void the_unit_runs_the_program_and_waits_for_its_end() throws IOException {
    Map<String, List<String>> unit = new HashMap<>();
    for (String line : Files.readAllLines(FOLDER.resolve("crm-webhooks.service"))) {
      if (line.matches("\\w+=.*")) {
        String[] pair = line.split("=", 2);
        unit.computeIfAbsent(pair[0], name -> new ArrayList<>()).add(pair[1]);
      }
    }
    assertThat(unit.get("ExecStart")).containsExactly(PROGRAM + " run");
    assertThat(unit.get("Environment")).contains("WEBHOOKS_DATABASE_DATA=" + DATA);
    assertThat(unit.get("StateDirectory")).containsExactly(DATA.replace("/var/lib/", ""));
    assertThat(unit.get("KillMode")).containsExactly("mixed");
    assertThat(unit).doesNotContainKey("MemoryDenyWriteExecute");
    assertLongEnough(unit.get("TimeoutStopSec").get(0), 0);
  }

  @Test
  void compose_builds_the_image_and_gives_the_program_what_it_needs() throws IOException {
    Path file = FOLDER.resolve("compose.yaml");
    JsonNode service = documents(file).get(0).at("/services/crm-webhooks");
    Path context = FOLDER.resolve(service.at("/build/context").asText());
    assertThat(context.resolve("pom.xml")).exists();
    assertThat(context.resolve(service.at("/build/dockerfile").asText())).exists();
    assertThat(service.path("image").asText()).isEqualTo(IMAGE);
    Map<String, String> environment = texts(service.path("environment"));
    environment.replaceAll((name, value) -> value.replaceAll("\\$\\{\\w+:[-?]([^}]*)}", "$1"));
    assertThat(settings(environment).text("webhooks.database.url")).contains("//database:");
    assertThat(service.path("ports").get(0).asText()).endsWith(":" + port());
    assertThat(service.path("volumes").get(0).asText()).endsWith(":" + DATA);
    String[] custom = service.path("volumes").get(1).asText().split(":");
    assertThat(FOLDER.resolve(custom[0]).normalize()).isEqualTo(Path.of("routes", "custom"));
    assertThat(custom[1]).isEqualTo(CUSTOM);
    assertThat(service.path("read_only").asBoolean()).isTrue();
    assertLongEnough(service.path("stop_grace_period").asText(), 0);
  }

  @Test
  void kubernetes_runs_two_that_are_probed_and_stopped_gently() throws IOException {
    Map<String, JsonNode> objects = objects();
    JsonNode deployment = objects.get("Deployment crm-webhooks").path("spec");
    JsonNode pod = deployment.at("/template/spec");
    JsonNode container = pod.at("/containers/0");
    assertThat(deployment.path("replicas").asInt()).isEqualTo(2);
    assertThat(container.path("image").asText()).isEqualTo(IMAGE);
    assertThat(container.at("/args/0").asText()).isEqualTo("run");
    assertThat(container.at("/ports/0/containerPort").asText()).isEqualTo(port());
    assertThat(container.at("/startupProbe/httpGet/path").asText()).isEqualTo(LIVE);
    assertThat(container.at("/livenessProbe/httpGet/path").asText()).isEqualTo(LIVE);
    assertThat(container.at("/readinessProbe/httpGet/path").asText())
        .isEqualTo(LIVE.replace("live", "ready"));
    int pause = container.at("/lifecycle/preStop/exec/command/1").asInt();
    assertLongEnough(pod.path("terminationGracePeriodSeconds").asText() + "s", pause);
    assertThat(pod.at("/securityContext/runAsUser").asText()).isEqualTo(USER);
    assertThat(container.at("/securityContext/readOnlyRootFilesystem").asBoolean()).isTrue();

    JsonNode labels = deployment.at("/template/metadata/labels");
    JsonNode budget = objects.get("PodDisruptionBudget crm-webhooks").path("spec");
    assertThat(deployment.at("/selector/matchLabels")).isEqualTo(labels);
    assertThat(budget.at("/selector/matchLabels")).isEqualTo(labels);
    assertThat(budget.path("minAvailable").asInt()).isEqualTo(1);
    JsonNode service = objects.get("Service crm-webhooks").path("spec");
    assertThat(service.path("selector")).isEqualTo(labels);
    assertThat(service.at("/ports/0/targetPort")).isEqualTo(container.at("/ports/0/name"));
  }

  @Test
  void kubernetes_gives_the_program_settings_and_routes_and_no_secret_is_preset()
      throws IOException {
    Map<String, JsonNode> objects = objects();
    JsonNode pod = objects.get("Deployment crm-webhooks").at("/spec/template/spec");
    JsonNode container = pod.at("/containers/0");
    Map<String, String> environment = new HashMap<>();
    for (JsonNode from : container.path("envFrom")) {
      boolean secret = from.has("secretRef");
      JsonNode source =
          objects.get((secret ? "Secret " : "ConfigMap ") + from.findValue("name").asText());
      environment.putAll(texts(source.path(secret ? "stringData" : "data")));
    }
    assertThatThrownBy(() -> settings(environment))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("webhooks.admin.token")
        .hasMessageContaining("webhooks.secrets.key ")
        .hasMessageNotContaining("replace-me");
    environment.values().removeIf("replace-me"::equals);
    assertThat(settings(environment).text("webhooks.database.url")).startsWith("jdbc:postgresql");

    JsonNode mount = container.at("/volumeMounts/1");
    JsonNode volume = pod.at("/volumes/1");
    assertThat(mount.path("name")).isEqualTo(volume.path("name"));
    assertThat(mount.path("mountPath").asText()).isEqualTo(CUSTOM);
    JsonNode routes =
        objects.get("ConfigMap " + volume.at("/configMap/name").asText()).path("data");
    assertThat(routes).isNotEmpty();
    for (Map.Entry<String, JsonNode> route : routes.properties()) {
      Path template = Path.of("src", "main", "resources", "custom", route.getKey());
      assertThat(new YAMLMapper().readTree(route.getValue().asText()))
          .isEqualTo(new YAMLMapper().readTree(template.toFile()));
    }
  }

  private static Settings settings(Map<String, String> environment) {
    return Settings.load(Path.of("no such file"), environment, Map.of());
  }

  private static String value(Settings settings, String name) {
    return settings.properties().getProperty(name);
  }

  private static String port() {
    return value(DEFAULTS, "webhooks.http.port");
  }

  private static void assertLongEnough(String seconds, int pause) {
    assertThat(seconds).matches("\\d+s");
    assertThat(Duration.parse("PT" + seconds).minusSeconds(pause))
        .isGreaterThan(DEFAULTS.duration("webhooks.shutdown.timeout").plusSeconds(10));
  }

  private static List<String> instructions(String word) throws IOException {
    String file = Files.readString(FOLDER.resolve("Containerfile")).replaceAll("\\\\\n\\s*", "");
    return found("(?m)^" + word + " (.*)$", file);
  }

  private static List<String> found(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(result -> result.group(result.groupCount()))
        .toList();
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new HashMap<>();
    object.properties().forEach(field -> texts.put(field.getKey(), field.getValue().asText()));
    return texts;
  }

  private static Map<String, JsonNode> objects() throws IOException {
    Map<String, JsonNode> objects = new HashMap<>();
    for (String file : List.of("kubernetes.yaml", "kubernetes-secret.yaml")) {
      for (JsonNode object : documents(FOLDER.resolve(file))) {
        objects.put(
            object.path("kind").asText() + " " + object.at("/metadata/name").asText(), object);
      }
    }
    return objects;
  }

  private static List<JsonNode> documents(Path file) throws IOException {
    YAMLMapper mapper = new YAMLMapper();
    try (var values = mapper.readerFor(JsonNode.class).<JsonNode>readValues(file.toFile())) {
      return values.readAll();
    }
  }
}
