package io.crmwebhooks.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The environment variables, as far as they override settings. A container platform sets variables
 * of its own that look like ours: Kubernetes gives every container of a namespace {@code
 * WEBHOOKS_HTTP_PORT=tcp://10.0.0.1:80} for a Service named {@code webhooks-http}. Such a value is
 * no port that anybody has chosen, so it is ignored. Immutable.
 *
 * <p>Source:
 * https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables
 */
final class Environment {
  private static final Pattern SERVICE_LINK =
      Pattern.compile("(?:tcp|udp|sctp)://[^/\\s]+:\\d{1,5}");
  private static final Pattern SERVICE_VARIABLE =
      Pattern.compile(
          ".+_(?:SERVICE_HOST|SERVICE_PORT(?:_.+)?|PORT_\\d+_(?:TCP|UDP|SCTP)(?:_.+)?)");

  /** Variables for commands that ask a server; they are no settings of a server. */
  private static final Set<String> OF_COMMANDS = Set.of("WEBHOOKS_URL", "WEBHOOKS_TOKEN");

  private final Map<String, String> variables;

  Environment(Map<String, String> variables) {
    this.variables = variables;
  }

  private static final String KAFKA_CLIENT = variable(KnownSettings.KAFKA_CLIENT);

  /** The environment variable that overrides a property. */
  static String variable(String property) {
    return property.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /**
   * Those that it may set: all known ones, and of Kafka's own, in whose names are dots alone, its.
   */
  Set<String> properties() {
    Set<String> properties = new TreeSet<>(KnownSettings.ALL.keySet());
    variables.keySet().stream()
        .filter(Environment::isKafkaClient)
        .map(name -> name.substring(KAFKA_CLIENT.length()).toLowerCase(Locale.ROOT))
        .forEach(name -> properties.add(KnownSettings.KAFKA_CLIENT + name.replace('_', '.')));
    return properties;
  }

  private static boolean isKafkaClient(String name) {
    return name.startsWith(KAFKA_CLIENT)
        && name.length() > KAFKA_CLIENT.length()
        && !SERVICE_VARIABLE.matcher(name).matches();
  }

  /**
   * The value that it sets for a property, or null. An empty variable sets only what may be empty:
   * {@code ${PORT:-}} of a compose file means that nobody has chosen one.
   */
  String of(String property) {
    String value = variables.get(variable(property));
    boolean unset =
        value == null
            || isServiceLink(value)
            || value.isBlank() && !KnownSettings.of(property).mayBeEmpty();
    return unset ? null : value;
  }

  private static boolean isServiceLink(String value) {
    return SERVICE_LINK.matcher(value.strip()).matches();
  }

  /**
   * The warnings, a sentence each. A variable that looks like a setting and is none does not stop
   * the start, but may be a slip.
   */
  List<String> warnings() {
    List<String> known = properties().stream().map(Environment::variable).toList();
    List<String> warnings = new ArrayList<>();
    new TreeMap<>(variables)
        .forEach(
            (name, value) -> {
              if (known.contains(name) && isServiceLink(value)) {
                warnings.add(
                    "the environment variable %s=%s is ignored: Kubernetes sets it for a Service named %s; set enableServiceLinks: false in the pod, or name the Service otherwise"
                        .formatted(name, value.strip(), service(name)));
              } else if (isSlip(name, value) && !known.contains(name)) {
                warnings.add(
                    "the environment variable %s is no setting of this version and is ignored"
                        .formatted(name));
              }
            });
    return warnings;
  }

  private static String service(String name) {
    return name.replaceFirst("_PORT$", "").toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static boolean isSlip(String name, String value) {
    return name.startsWith("WEBHOOKS_")
        && !OF_COMMANDS.contains(name)
        && !isServiceLink(value)
        && !SERVICE_VARIABLE.matcher(name).matches();
  }
}
