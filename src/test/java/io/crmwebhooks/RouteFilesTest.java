package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.crmwebhooks.settings.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** The rules for route files that Camel does not check, or only when it is too late. */
class RouteFilesTest {
  static final Path ROUTES = Path.of("routes");
  private static final Path TEMPLATES = Path.of("src/main/resources/custom");
  private static final Path SQL = Path.of("src/main/resources/sql");
  private static final Path JAVA = Path.of("src/main/java");
  private static final Pattern KEBAB = Pattern.compile("[a-z]+(-[a-z]+)+|beat");

  private final String text = all().map(RouteFilesTest::read).collect(Collectors.joining("\n"));
  private final String uncommented = text.replaceAll("(?m)^\\s*#.*$", "");

  @Test
  void every_file_says_in_its_name_where_it_stands_in_the_pipeline() {
    assertThat(ours().map(file -> file.getFileName().toString()))
        .isNotEmpty()
        .allMatch(name -> name.matches("\\d\\d-[a-z]+(-[a-z]+)*\\.camel\\.yaml"));
  }

  @Test
  void every_file_of_the_pipeline_bears_the_version_that_it_belongs_to() {
    String pom = read(Path.of("pom.xml"));
    String version = pom.substring(pom.indexOf("<version>") + 9, pom.indexOf("</version>"));
    assertThat(ours())
        .allSatisfy(file -> assertThat(read(file)).startsWith("# crm-webhooks " + version + "\n"));
  }

  @Test
  void every_template_has_the_one_route_that_it_is_named_after() {
    assertThat(files(TEMPLATES))
        .isNotEmpty()
        .allSatisfy(
            file ->
                assertThat(yaml(file).findValuesAsText("id"))
                    .containsExactly(file.getFileName().toString().replace(".camel.yaml", "")));
  }

  @Test
  void every_route_has_a_verb_noun_id_and_a_description() {
    assertThat(routes())
        .isNotEmpty()
        .allSatisfy(
            route -> {
              assertThat(route.path("id").asText()).matches(KEBAB);
              assertThat(route.path("description").asText())
                  .as(route.path("id").asText())
                  .endsWith(".");
            });
    assertThat(routes()).extracting(route -> route.path("id").asText()).doesNotHaveDuplicates();
  }

  @Test
  void every_description_is_one_sentence_of_at_most_twenty_words() {
    assertThat(all().flatMap(file -> yaml(file).findValuesAsText("description").stream()))
        .isNotEmpty()
        .allMatch(description -> description.split(" ").length <= 20)
        .noneMatch(description -> description.contains(". "));
  }

  @Test
  void comments_stand_at_the_head_of_a_file_only_where_an_editor_keeps_them() {
    assertThat(all())
        .allSatisfy(file -> assertThat(read(file)).doesNotContainPattern("(?s)\\n- .*\\n *#"));
  }

  @Test
  void every_direct_endpoint_is_consumed_once_and_called() {
    assertThat(consumed("direct:")).doesNotHaveDuplicates();
    Set<String> called = called("direct:[\\w-]+");
    assertThat(called.remove("direct:try-change")).as("it is made in Java").isTrue();
    assertThat(new TreeSet<>(consumed("direct:"))).isEqualTo(called);
  }

  @Test
  void every_seda_endpoint_is_consumed_once_and_called() {
    assertThat(consumed("seda:")).doesNotHaveDuplicates();
    assertThat(new TreeSet<>(consumed("seda:"))).isEqualTo(called("seda:[\\w-]+"));
  }

  @Test
  void every_error_policy_named_exists_and_every_one_is_used() {
    Set<String> named =
        routes()
            .map(r -> r.path("routeConfigurationId").asText())
            .filter(Predicate.not(String::isEmpty))
            .collect(Collectors.toSet());
    Set<String> defined =
        nodes("routeConfiguration")
            .map(node -> node.path("id").asText())
            .collect(Collectors.toSet());
    assertThat(named).isEqualTo(defined);
  }

  @Test
  void every_route_says_how_it_handles_errors_unless_it_cannot_fail() {
    assertThat(routes().filter(r -> !r.has("routeConfigurationId") && !r.has("errorHandler")))
        .extracting(r -> r.path("id").asText())
        .containsExactly("wake-polls");
  }

  @Test
  void every_placeholder_is_a_documented_property_and_every_property_is_used() {
    Set<String> documented =
        Settings.load(Path.of("none"), Map.of(), Map.of())
            .properties()
            .stringPropertyNames()
            .stream()
            .filter(name -> name.startsWith("webhooks."))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> inRoutes = matches(uncommented, "\\{\\{(webhooks[^}]+)}}");
    assertThat(documented).containsAll(inRoutes);
    String java =
        files(JAVA)
            .filter(file -> !file.endsWith("KnownSettings.java"))
            .filter(file -> !file.endsWith("EgressSettings.java"))
            .map(RouteFilesTest::read)
            .collect(Collectors.joining());
    String properties = read(Path.of("src/main/resources/application.properties"));
    Set<String> used = matches(java + properties, "(?:\"|\\{\\{)(webhooks\\.[a-z.-]+)(?:\"|}})");
    used.addAll(inRoutes);
    assertThat(used).containsAll(documented);
  }

  @Test
  void every_period_and_delay_is_a_property_unless_it_is_none() {
    assertThat(matches(uncommented, "(?m)^\\s+(?:period|delay): (?!\"?\\{\\{)(\\S+)"))
        .isSubsetOf("0", "\"#beatPeriod\""); // the heartbeat, and oftener where the lease is short
  }

  @Test
  void no_route_holds_a_literal_address_or_credential() {
    assertThat(uncommented).doesNotContain("://").doesNotContainIgnoringCase("password");
    assertThat(matches(uncommented, "(?<!platform-)(http:\\S+)")).containsExactly("http:webhook");
  }

  @Test
  void every_statement_exists_says_why_and_is_used() {
    Set<String> existing =
        files(SQL)
            .map(file -> file.getFileName().toString())
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> used =
        matches(ofBothEngines(), "sql-file:([\\w-]+)").stream()
            .map(name -> name + ".sql")
            .collect(Collectors.toCollection(TreeSet::new));
    used.addAll(
        matches(
            files(JAVA).map(RouteFilesTest::read).collect(Collectors.joining()),
            "sql\\(\"([^\"]+\\.sql)\"\\)"));
    assertThat(used).isEqualTo(existing);
    assertThat(files(SQL)).allMatch(file -> read(file).startsWith("-- "));
  }

  @Test
  void every_bean_named_is_bound_and_every_bean_bound_is_used() {
    Set<String> bound =
        matches(
            files(JAVA).map(RouteFilesTest::read).collect(Collectors.joining()),
            "bind\\(\\s*\"(\\w+)\"");
    String routes = ofBothEngines();
    Set<String> named = matches(routes, "ref: (\\w+)");
    named.addAll(matches(routes, "ref:\\s+expression: (\\w+)"));
    named.addAll(matches(routes, "\"#(\\w+)\""));
    named.addAll(matches(routes, "\\$\\{(?:bean|ref):(\\w+)"));
    named.addAll(matches(routes, "(?:uri|value): bean:(\\w+)"));
    assertThat(named).isEqualTo(bound);
  }

  /** The pipeline's own files, of one engine. */
  Stream<Path> ours() {
    return files(ROUTES).filter(file -> file.getParent().equals(ROUTES));
  }

  private static String ofBothEngines() {
    return Stream.concat(
            files(ROUTES).filter(file -> !file.startsWith(ROUTES.resolve("custom"))),
            files(TEMPLATES))
        .map(file -> read(file).replaceAll("(?m)^\\s*#.*$", ""))
        .collect(Collectors.joining("\n"));
  }

  private Stream<Path> all() {
    return Stream.concat(ours(), files(TEMPLATES));
  }

  private Stream<JsonNode> routes() {
    return nodes("route");
  }

  private Stream<JsonNode> nodes(String kind) {
    return all()
        .flatMap(file -> StreamSupport.stream(yaml(file).spliterator(), false))
        .filter(node -> node.has(kind))
        .map(node -> node.get(kind));
  }

  private List<String> consumed(String scheme) {
    return routes()
        .map(r -> r.path("from").path("uri").asText())
        .filter(uri -> uri.startsWith(scheme))
        .toList();
  }

  /** Endpoints that some step sends to: every mention that is not a consumer's. */
  private Set<String> called(String endpoint) {
    Set<String> called =
        matches(uncommented.replaceAll("from:\\s+uri: \\S+", ""), "(" + endpoint + ")");
    called.addAll(
        matches(
            files(JAVA).map(RouteFilesTest::read).collect(Collectors.joining()),
            "\"(" + endpoint + ")"));
    return called;
  }

  private static Set<String> matches(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    Set<String> found = new TreeSet<>();
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }

  private static JsonNode yaml(Path file) {
    try {
      return new YAMLMapper().readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Stream<Path> files(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return new ArrayList<>(files.filter(Files::isRegularFile).sorted().toList()).stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
