package io.crmwebhooks.routes;

import org.apache.camel.component.direct.DirectComponent;
import org.apache.camel.component.direct.DirectConsumer;

/**
 * The component {@code direct}, whose calls wait for their route only while the routes start, one
 * after the other. Later a route that is not there has been stopped, or was never to start: the
 * call fails at once, where Camel's own would wait for half a minute.
 */
public final class DirectCalls extends DirectComponent {
  /** The name by which the routes call it. */
  public static final String SCHEME = "direct";

  @Override
  protected DirectConsumer getConsumer(String key, boolean block, long timeout)
      throws InterruptedException {
    return super.getConsumer(key, block && getCamelContext().isStarting(), timeout);
  }
}
