package io.crmwebhooks.routes;

import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.util.URISupport;

/**
 * An endpoint as a step of a route file names it.
 *
 * @param uri as it is written, with Simple expressions and placeholders in it
 * @param parameters names of the options beside it, each with file and line
 * @param place file and line of the URI
 */
record EndpointUse(String uri, Map<String, String> parameters, String place) {
  private static final Pattern SCHEME = Pattern.compile("([A-Za-z][\\w+.-]*)(?:[:?].*)?");
  private static final Pattern FILLED_LATER = Pattern.compile("\\$\\{[^{}]*}|\\{\\{[^{}]*}}");
  private static final String FILLER = "\uE000";

  /** Of these only the user knows the options: a bean, a template. */
  private static final Set<String> OWN_OPTIONS = Set.of("kamelet", "ref", "bean", "class");

  /**
   * A component that is not there, and the options that it does not know, as sentences that begin
   * with file and line. A component that calls a server hands on what it does not know from the
   * query of a URI, but not from the options beside it.
   */
  List<String> problems(CamelContext context) {
    String text = FILLED_LATER.matcher(resolved(context)).replaceAll(FILLER);
    text = FILLED_LATER.matcher(text).replaceAll(FILLER);
    Matcher matcher = SCHEME.matcher(text);
    if (!matcher.matches() || OWN_OPTIONS.contains(matcher.group(1))) {
      return List.of();
    }
    String scheme = matcher.group(1);
    if (context.getComponent(scheme, true, false) == null) {
      return List.of(
          "%s: there is no component %s; the jar that has it goes into extra/"
              .formatted(place, scheme));
    }
    List<String> problems = new ArrayList<>();
    EndpointOptions options = EndpointOptions.of(context, scheme);
    parameters.forEach(
        (name, at) -> {
          if (!isFilledLater(name) && !options.know(name)) {
            problems.add(at + ": " + options.hint(name));
          }
        });
    for (String name : query(text)) {
      if (!isFilledLater(name) && !options.know(name) && !options.handOn(name)) {
        problems.add(place + ": " + options.hint(name));
      }
    }
    return problems;
  }

  private static boolean isFilledLater(String name) {
    return name.contains(FILLER) || FILLED_LATER.matcher(name).find();
  }

  private String resolved(CamelContext context) {
    try {
      return context.resolvePropertyPlaceholders(uri);
    } catch (IllegalArgumentException e) {
      return uri;
    }
  }

  private static Set<String> query(String uri) {
    int mark = uri.indexOf('?');
    try {
      return mark < 0
          ? Set.of()
          : URISupport.parseQuery(uri.substring(mark + 1), true, true).keySet();
    } catch (URISyntaxException e) {
      return Set.of(); // Camel says what is wrong with it
    }
  }
}
