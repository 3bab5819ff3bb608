package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every tool for Camel reads the routes: each file is valid by the schema of the Camel that runs
 * them, and by the canonical notation of a later one.
 */
class RouteNotationTest {
  private static final String RUNNING = "/schema/camelYamlDsl.json";
  private static final String CANONICAL = "/schema/camelYamlDsl-canonical.json";

  @ParameterizedTest
  @ValueSource(strings = {RUNNING, CANONICAL})
  void every_route_file_and_recipe_is_valid(String schema) throws IOException {
    Schema rules = schema(schema);
    List<Path> files = new ArrayList<>(EditedRoutes.shipped());
    files.addAll(EditedRoutes.templates());
    files.addAll(EditedRoutes.files(Path.of("recipes")));
    for (Path file : files) {
      assertThat(errors(rules, Files.readString(file))).as(file.toString()).isEmpty();
    }
  }

  @Test
  void the_compact_notation_is_found() throws IOException {
    String compact =
        """
        - route:
            id: compact
            from:
              uri: direct:compact
              steps:
                - to: direct:next
                - setBody:
                    simple: "${null}"
        """;
    assertThat(errors(schema(CANONICAL), compact)).hasSizeGreaterThan(1);
    assertThat(errors(schema(RUNNING), compact.replace("from:", "form:"))).isNotEmpty();
  }

  private static Schema schema(String name) throws IOException {
    try (InputStream in = RouteNotationTest.class.getResourceAsStream(name)) {
      JsonNode schema = new ObjectMapper().readTree(in);
      for (String step : List.of("Marshal", "Unmarshal")) {
        // The canonical one asks for each data format at once, which no step can have.
        JsonNode definition =
            schema.at("/items/definitions/org.apache.camel.model.%sDefinition".formatted(step));
        if (definition instanceof ObjectNode wrong) {
          wrong.remove("required");
        }
      }
      return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_4).getSchema(schema);
    }
  }

  private static List<Error> errors(Schema schema, String yaml) throws IOException {
    return schema.validate(new YAMLMapper().readTree(yaml));
  }
}
