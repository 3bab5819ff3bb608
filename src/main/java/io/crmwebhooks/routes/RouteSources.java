package io.crmwebhooks.routes;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;

/** Where route files are read from. */
public final class RouteSources {
  /** Read once: they never change, and Camel unpacks the whole jar to find them. */
  private static final Map<String, List<RouteFile>> OF_CLASS_PATH = new ConcurrentHashMap<>();

  private RouteSources() {}

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
        found.addAll(PluginHelper.getPackageScanResourceResolver(context).findResources(pattern));
      }
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e.getMessage(), e);
    }
    return found;
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
