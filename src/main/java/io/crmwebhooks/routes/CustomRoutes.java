package io.crmwebhooks.routes;

import io.crmwebhooks.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.util.AntPathMatcher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The user's own route files, which no version brings along. The pipeline calls some of their
 * routes. Of each of those there is a template, named like the route, that stands in until the user
 * has one.
 */
public final class CustomRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(CustomRoutes.class);
  private static final AntPathMatcher PATHS = AntPathMatcher.INSTANCE;
  static final String RESOURCES = "custom/";
  private static final String TEMPLATES = "classpath:" + RESOURCES;
  private static final String FILE = RouteSources.FILE;
  private static final String END = ".camel.yaml";

  private final CamelContext context;
  private final List<String> patterns;

  private CustomRoutes(CamelContext context, String patterns) {
    this.context = context;
    this.patterns = List.of(patterns.split(","));
  }

  /**
   * The files to be read: the pipeline's own routes, the user's, and templates of what the user
   * lacks. Nothing is written.
   *
   * @return patterns of Camel resources, separated by commas
   */
  public static String all(CamelContext context, Settings settings) {
    return EngineRoutes.present(context, settings) + "," + pattern(context, settings);
  }

  /** The names of the user's routes that webhooks may lead to, each as in {@code route:NAME}. */
  public static Set<String> targets(CamelContext context, Settings settings) {
    Set<String> names = new TreeSet<>();
    RouteSources.files(context, pattern(context, settings))
        .forEach(file -> names.addAll(TargetRoutes.names(file)));
    return names;
  }

  /** As {@link #all}, without the pipeline's own. */
  static String pattern(CamelContext context, Settings settings) {
    CustomRoutes custom = new CustomRoutes(context, settings.text("webhooks.custom.routes"));
    Stream<String> templates = custom.missing().stream().map(id -> TEMPLATES + id + END);
    return Stream.concat(custom.existing(), templates).collect(Collectors.joining(","));
  }

  /** The folders that patterns of files name. */
  static Stream<Path> folders(String patterns) {
    return Stream.of(patterns.split(","))
        .filter(pattern -> pattern.startsWith(FILE))
        .map(RouteSources::folder);
  }

  /**
   * Copies each template that the user lacks into the user's folder. Where that cannot be written,
   * the templates themselves are used, and the log says so.
   */
  public static void make(CamelContext context, Settings settings) {
    String pattern = settings.text("webhooks.custom.routes");
    CustomRoutes custom = new CustomRoutes(context, pattern);
    List<String> left = new ArrayList<>();
    String reason = "";
    for (String id : custom.missing()) {
      Path file = custom.place(id + END);
      if (file != null) {
        try {
          copy(id + END, file);
          LOG.info("routes.made {} is yours to edit", file);
        } catch (IOException e) {
          left.add(id);
          reason = e.toString();
        }
      }
    }
    if (!left.isEmpty()) {
      LOG.info(
          "routes.builtin {} are used as shipped: webhooks.custom.routes={} cannot be written: {}",
          String.join(",", left),
          pattern,
          reason);
    }
  }

  private static void copy(String template, Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Path whole = file.resolveSibling("." + template + "." + ProcessHandle.current().pid());
    try (InputStream in = CustomRoutes.class.getResourceAsStream("/custom/" + template)) {
      Files.copy(in, whole, StandardCopyOption.REPLACE_EXISTING);
      Files.move(whole, file);
    } catch (FileAlreadyExistsException e) {
      LOG.debug("another process has made {}", file);
    } finally {
      Files.deleteIfExists(whole);
    }
  }

  /**
   * The routes that the user lacks, which no file defines or has the name of. None while a file
   * cannot be read: it may define them.
   */
  private List<String> missing() {
    List<RouteFile> files = existing().flatMap(each -> read(each).stream()).toList();
    if (files.stream().anyMatch(RouteFile::isBroken)) {
      return List.of();
    }
    Set<String> defined = new HashSet<>();
    files.forEach(file -> defined.addAll(file.routes().keySet()));
    return read(TEMPLATES + "*" + END).stream()
        .flatMap(template -> template.routes().keySet().stream())
        .filter(id -> !defined.contains(id))
        .filter(id -> place(id + END) == null || !Files.exists(place(id + END)))
        .toList();
  }

  private List<RouteFile> read(String pattern) {
    return RouteSources.files(context, pattern);
  }

  /** The patterns, without folders that do not exist, at which Camel would fail. */
  private Stream<String> existing() {
    return patterns.stream().filter(pattern -> !RouteSources.isMissingFolder(pattern));
  }

  /** Where a file of that name would be read from, or null where none would. */
  private Path place(String name) {
    return patterns.stream()
        .filter(pattern -> pattern.startsWith(FILE))
        .filter(
            pattern -> {
              String path = pattern.substring(FILE.length());
              return PATHS.match(path, PATHS.determineRootDir(path) + name);
            })
        .map(pattern -> RouteSources.folder(pattern).resolve(name))
        .findFirst()
        .orElse(null);
  }
}
