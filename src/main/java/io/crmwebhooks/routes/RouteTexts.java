package io.crmwebhooks.routes;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.ResourceHelper;

/**
 * The route files as they are at one moment. Immutable.
 *
 * @param byFile the text of each file by its path
 */
public record RouteTexts(Map<String, String> byFile) {
  /**
   * Reads the files.
   *
   * @param patterns where they are, separated by commas, such as {@code file:routes/*.camel.yaml}
   * @throws IOException when one cannot be read, such as one that is being replaced
   */
  public static RouteTexts read(CamelContext context, String patterns) throws IOException {
    Map<String, String> texts = new TreeMap<>();
    for (Resource file : RouteSources.find(context, patterns)) {
      try (InputStream in = file.getInputStream()) {
        String path = RouteSources.pathOf(file.getLocation());
        texts.put(path, new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return new RouteTexts(texts);
  }

  /** The files that are another text than there, or are not in both. */
  public List<String> differingFrom(RouteTexts other) {
    Set<String> files = new TreeSet<>(byFile.keySet());
    files.addAll(other.byFile.keySet());
    return files.stream()
        .filter(file -> !Objects.equals(byFile.get(file), other.byFile.get(file)))
        .toList();
  }

  /** Whether there is this file. */
  public boolean has(String file) {
    return byFile.containsKey(file);
  }

  /** The ids of the routes in one of the files, in words; {@code none} for policies only. */
  public String routesOf(String file) throws IOException {
    Set<String> ids =
        RouteFile.read(file, ResourceHelper.fromString(file, byFile.get(file))).routes().keySet();
    return ids.isEmpty() ? "none" : ids.stream().collect(Collectors.joining(","));
  }
}
