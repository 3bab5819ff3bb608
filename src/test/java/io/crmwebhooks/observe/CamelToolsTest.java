package io.crmwebhooks.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crmwebhooks.settings.StartupException;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.console.DevConsole;
import org.apache.camel.console.DevConsoleRegistry;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.CliConnector;
import org.apache.camel.spi.CliConnectorFactory;
import org.apache.camel.support.SimpleRegistry;
import org.junit.jupiter.api.Test;

/** SecretLeakTest has the tools themselves; here they are not on the class path. */
class CamelToolsTest {
  private final CamelContext context = new DefaultCamelContext(new SimpleRegistry());

  @Test
  void tools_that_are_wanted_and_not_there_are_refused() {
    assertThatThrownBy(() -> CamelTools.prepare(context, true))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("webhooks.manage.enabled=true needs the libraries of lib/manage");
    assertThatCode(() -> CamelTools.prepare(context, false)).doesNotThrowAnyException();
  }

  @Test
  void they_are_off_unless_they_are_wanted_although_they_are_there() {
    Connector connector = new Connector();
    context.getCamelContextExtension().addContextPlugin(CliConnectorFactory.class, connector);
    CamelTools.prepare(context, false);
    assertThat(connector.isEnabled()).isFalse();
  }

  @Test
  void consoles_that_may_show_secrets_are_not_found() {
    context.getCamelContextExtension().addContextPlugin(CliConnectorFactory.class, new Connector());
    CamelTools.prepare(context, true);
    DevConsoleRegistry consoles = DevConsoleRegistry.get(context);
    context.getRegistry().bind("route-dev-console", new Console("route"));
    context.getRegistry().bind("variables-dev-console", new Console("variables"));
    assertThat(consoles.resolveById("variables")).isNull();
    assertThat(consoles.resolveById("route")).isNotNull();
  }

  private record Console(String id) implements DevConsole {
    @Override
    public String getGroup() {
      return "camel";
    }

    @Override
    public String getId() {
      return id;
    }

    @Override
    public String getDisplayName() {
      return id;
    }

    @Override
    public String getDescription() {
      return id;
    }

    @Override
    public boolean supportMediaType(MediaType type) {
      return true;
    }

    @Override
    public Object call(MediaType type, Map<String, Object> options) {
      return "";
    }
  }

  private static final class Connector implements CliConnectorFactory {
    private boolean enabled = true;

    @Override
    public void setEnabled(boolean enabled) {
      this.enabled = enabled;
    }

    @Override
    public boolean isEnabled() {
      return enabled;
    }

    @Override
    public void setRuntime(String runtime) {}

    @Override
    public String getRuntime() {
      return "";
    }

    @Override
    public void setRuntimeVersion(String version) {}

    @Override
    public String getRuntimeVersion() {
      return "";
    }

    @Override
    public void setRuntimeStartClass(String className) {}

    @Override
    public String getRuntimeStartClass() {
      return "";
    }

    @Override
    public CliConnector createConnector() {
      return null;
    }
  }
}
