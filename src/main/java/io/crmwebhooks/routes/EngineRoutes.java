package io.crmwebhooks.routes;

import io.crmwebhooks.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Resource;

/**
 * The pipeline's own route files for an engine. A file of the folder {@code kafka} stands in for
 * the one of the same name beside that folder. All others serve both engines.
 */
final class EngineRoutes {
  static final String OURS = "classpath:routes/*.camel.yaml";
  private static final String KAFKA = "kafka/";

  private EngineRoutes() {}

  /** The files of this version, for the engine of these settings. */
  static String shipped(CamelContext context, Settings settings) {
    return of(context, OURS, settings);
  }

  /** The files that are there, as patterns of Camel separated by commas. */
  static String present(CamelContext context, Settings settings) {
    return of(context, settings.text("webhooks.routes"), settings);
  }

  private static String of(CamelContext context, String patterns, Settings settings) {
    if (!settings.isOnKafka()) {
      return patterns;
    }
    List<String> files = new ArrayList<>();
    for (String pattern : patterns.split(",")) {
      int end = pattern.lastIndexOf('/') + 1;
      String folder = pattern.substring(0, end);
      Set<String> instead = names(context, folder + KAFKA + pattern.substring(end));
      names(context, pattern)
          .forEach(name -> files.add(folder + (instead.contains(name) ? KAFKA : "") + name));
    }
    return String.join(",", files);
  }

  private static Set<String> names(CamelContext context, String pattern) {
    if (RouteSources.isMissingFolder(pattern)) {
      return Set.of();
    }
    try {
      return RouteSources.find(context, pattern).stream()
          .map(Resource::getLocation)
          .map(location -> Path.of(RouteSources.pathOf(location)).getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new IllegalStateException("the route files cannot be read: " + e.getMessage(), e);
    }
  }
}
