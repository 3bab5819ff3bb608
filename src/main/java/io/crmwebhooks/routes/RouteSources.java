package io.crmwebhooks.routes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.util.AntPathMatcher;

/** Where route files are read from. */
public final class RouteSources {
  /** Read once: they never change, and Camel unpacks the whole jar to find them. */
  private static final Map<String, List<RouteFile>> OF_CLASS_PATH = new ConcurrentHashMap<>();

  /** Begins a pattern of files. */
  static final String FILE = "file:";

  private RouteSources() {}

  /** Whether it is a pattern of files in a folder that is not there, at which Camel fails. */
  static boolean isMissingFolder(String pattern) {
    return pattern.startsWith(FILE) && !Files.isDirectory(folder(pattern));
  }

  /** The folder of a pattern of files. */
  static Path folder(String pattern) {
    String path = pattern.substring(FILE.length());
    return AntPathMatcher.INSTANCE.isPattern(path)
        ? Path.of(AntPathMatcher.INSTANCE.determineRootDir(path))
        : Path.of(path).toAbsolutePath().getParent();
  }

  /**
   * The route files of some patterns.
   *
   * @param patterns separated by commas, such as {@code file:routes/*.camel.yaml}
   * @throws IOException when a folder cannot be read
   */
  public static List<Resource> find(CamelContext context, String patterns) throws IOException {
    List<Resource> found = new ArrayList<>();
    try {
      for (String pattern : patterns.split(",")) {
        PluginHelper.getPackageScanResourceResolver(context).findResources(pattern).stream()
            .filter(file -> isDirectly(file, pattern))
            .forEach(found::add);
      }
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e.getMessage(), e);
    }
    return found;
  }

  /** On the class path Camel finds files of the folders below as well. */
  private static boolean isDirectly(Resource file, String pattern) {
    if (!pattern.startsWith("classpath:") || pattern.contains("**")) {
      return true;
    }
    String folder = pathOf(pattern.substring(0, pattern.lastIndexOf('/') + 1));
    String path = pathOf(file.getLocation());
    return path.substring(0, path.lastIndexOf('/') + 1).endsWith(folder);
  }

  /** The files of some patterns, separated by commas, by name. */
  static List<RouteFile> files(CamelContext context, String patterns) {
    List<RouteFile> files = new ArrayList<>();
    for (String pattern : patterns.split(",")) {
      files.addAll(
          pattern.startsWith("classpath:")
              ? OF_CLASS_PATH.computeIfAbsent(pattern, each -> readAll(context, each))
              : readAll(context, pattern));
    }
    files.sort(Comparator.comparing(RouteFile::name));
    return files;
  }

  private static List<RouteFile> readAll(CamelContext context, String pattern) {
    List<RouteFile> files = new ArrayList<>();
    try {
      for (Resource resource : find(context, pattern)) {
        if (resource.getLocation().matches(".*\\.ya?ml")) {
          files.add(RouteFile.read(pathOf(resource.getLocation()), resource));
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("the route files cannot be read: " + e.getMessage(), e);
    }
    return files;
  }

  /** The path that people know a file by, without its scheme and the jar that it is in. */
  public static String pathOf(String location) {
    return location.replaceFirst("^((file|classpath):|.*!/)", "");
  }
}
