package io.crmwebhooks.observe;

import io.crmwebhooks.settings.StartupException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.console.DevConsole;
import org.apache.camel.console.DevConsoleRegistry;
import org.apache.camel.spi.CliConnectorFactory;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.service.ServiceHelper;

/**
 * Camel's own tools, which are {@code camel-management} (JMX) and {@code camel-cli-connector}, with
 * {@code webhooks.manage.enabled}; otherwise they do nothing. They open no port.
 *
 * <p>The connector asks for its facts from Camel's consoles. It gets those here only: the others
 * show messages, variables and properties, where secrets may be, or send messages. Thread-safe.
 */
final class CamelTools implements DevConsoleRegistry {
  private static final Set<String> SHOWN =
      Set.of(
          "blocked",
          "consumer",
          "context",
          "endpoint",
          "health",
          "inflight",
          "internal-tasks",
          "micrometer",
          "platform-http",
          "processor",
          "producer",
          "rest",
          "route",
          "route-controller",
          "route-dump",
          "route-group",
          "route-structure",
          "service",
          "source",
          "startup-recorder",
          "thread",
          "top",
          "transformers");

  private final CamelContext context;
  private final Map<String, DevConsole> consoles = new ConcurrentHashMap<>();

  private CamelTools(CamelContext context) {
    this.context = context;
  }

  /**
   * To be called before Camel is configured.
   *
   * @throws StartupException when they are wanted and not there
   */
  static void prepare(CamelContext context, boolean enabled) {
    CliConnectorFactory connector =
        context.getCamelContextExtension().getContextPlugin(CliConnectorFactory.class);
    if (enabled) {
      if (connector == null) {
        throw new StartupException(
            "webhooks.manage.enabled=true needs the libraries of lib/manage on the class path");
      }
      context
          .getCamelContextExtension()
          .addContextPlugin(DevConsoleRegistry.class, new CamelTools(context));
    } else if (connector != null) {
      connector.setEnabled(false);
    }
  }

  @Override
  public DevConsole resolveById(String id) {
    return SHOWN.contains(id) ? consoles.computeIfAbsent(id, this::load) : null;
  }

  private DevConsole load(String id) {
    DevConsole console = PluginHelper.getDevConsoleResolver(context).resolveDevConsole(id);
    if (console != null) {
      ServiceHelper.startService(console);
    }
    return console;
  }

  @Override
  public Stream<DevConsole> stream() {
    return consoles.values().stream();
  }

  /** They are loaded when somebody asks for them. */
  @Override
  public void loadDevConsoles() {}

  @Override
  public void loadDevConsoles(boolean force) {}

  @Override
  public boolean register(DevConsole console) {
    return false;
  }

  @Override
  public boolean unregister(DevConsole console) {
    return false;
  }

  @Override
  public boolean isEnabled() {
    return true;
  }

  @Override
  public void setEnabled(boolean enabled) {}

  @Override
  public String getId() {
    return NAME;
  }

  @Override
  public void setId(String id) {}

  @Override
  public CamelContext getCamelContext() {
    return context;
  }

  @Override
  public void setCamelContext(CamelContext other) {}

  @Override
  public void start() {}

  @Override
  public void stop() {}
}
