package io.crmwebhooks.routes;

import com.github.difflib.DiffUtils;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.EndpointUriFactory;
import org.apache.camel.spi.PropertyConfigurer;
import org.apache.camel.spi.PropertyConfigurerGetter;
import org.apache.camel.support.PluginHelper;

/** The options that endpoints of a component may have, as the component itself names them. */
final class EndpointOptions {
  /** A shorter name is a slip of another one too easily. */
  private static final int LONG = 6;

  private static final int NEAR = 3;

  private final String scheme;
  private final EndpointUriFactory factory;
  private final PropertyConfigurer component;
  private final Set<String> names = new HashSet<>();

  private EndpointOptions(String scheme, EndpointUriFactory factory, PropertyConfigurer component) {
    this.scheme = scheme;
    this.factory = factory;
    this.component = component;
  }

  /**
   * @param scheme of a component that is there
   */
  static EndpointOptions of(CamelContext context, String scheme) {
    EndpointUriFactory factory = context.getCamelContextExtension().getEndpointUriFactory(scheme);
    PropertyConfigurer component =
        PluginHelper.getConfigurerResolver(context)
            .resolvePropertyConfigurer(scheme + "-component", context);
    EndpointOptions options = new EndpointOptions(scheme, factory, component);
    if (factory != null) {
      options.names.addAll(factory.propertyNames());
    }
    return options;
  }

  /** Whether there is such an option; of a component that does not tell, each may be one. */
  boolean know(String name) {
    return factory == null
        || names.contains(name)
        || factory.multiValuePrefixes().values().stream().anyMatch(name::startsWith)
        || isOfComponent(name);
  }

  /** One that hands options on may take some of its own from them, such as responseTimeout. */
  private boolean isOfComponent(String name) {
    return factory.isLenientProperties()
        && component instanceof PropertyConfigurerGetter own
        && own.getOptionType(name, false) != null;
  }

  /** Whether an unknown one in the query of a URI is meant for the server that is called. */
  boolean handOn(String name) {
    return factory.isLenientProperties()
        && (name.length() < LONG || distance(name, nearest(name)) > 1);
  }

  /** Says that it does not know a name, and the one that was meant. */
  String hint(String name) {
    String nearest = nearest(name);
    return "the component %s has no option %s%s"
        .formatted(scheme, name, distance(name, nearest) <= NEAR ? "; is it " + nearest + "?" : "");
  }

  private String nearest(String name) {
    Function<String, Integer> far = option -> distance(name, option);
    return names.stream()
        .min(Comparator.comparing(far).thenComparing(Comparator.naturalOrder()))
        .orElse("");
  }

  /** How many letters are others. */
  private static int distance(String one, String other) {
    return DiffUtils.diff(letters(one), letters(other)).getDeltas().stream()
        .mapToInt(delta -> Math.max(delta.getSource().size(), delta.getTarget().size()))
        .sum();
  }

  private static List<Integer> letters(String word) {
    return word.chars().boxed().toList();
  }
}
