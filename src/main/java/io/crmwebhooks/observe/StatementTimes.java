package io.crmwebhooks.observe;

import io.crmwebhooks.database.SqlFileComponent;
import io.crmwebhooks.pipeline.Aside;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;

/**
 * Times every statement that a route runs, under the name of the route, and says how it ended. All
 * other steps of the routes are left as they are.
 */
final class StatementTimes implements InterceptStrategy {
  private final MeterRegistry registry;
  private final BiConsumer<String, Throwable> listener;

  /**
   * @param listener gets each statement's route, and its failure or null
   */
  StatementTimes(MeterRegistry registry, BiConsumer<String, Throwable> listener) {
    this.registry = registry;
    this.listener = listener;
  }

  @Override
  public Processor wrapProcessorInInterceptors(
      CamelContext context, NamedNode step, Processor target, Processor next) {
    return step instanceof ToDefinition to
            && to.getEndpointUri().startsWith(SqlFileComponent.SCHEME)
        ? new Timed(target, ProcessorDefinitionHelper.getRouteId(step))
        : target;
  }

  private final class Timed extends DelegateAsyncProcessor {
    private final String route;
    private final Timer succeeded;
    private final Timer failed;

    Timed(Processor statement, String route) {
      super(statement);
      this.route = route;
      this.succeeded = timer("ok");
      this.failed = timer("failed");
    }

    private Timer timer(String result) {
      return Timer.builder("webhooks.statement")
          .description("Statements of the routes, with the wait for a connection")
          .tag("route", route)
          .tag("result", result)
          .register(registry);
    }

    private void ended(Exception failure, long nanos) {
      (failure == null ? succeeded : failed).record(nanos, TimeUnit.NANOSECONDS);
      listener.accept(route, failure);
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
      long began = System.nanoTime();
      return super.process(
          exchange,
          doneSync -> {
            Exception failure = exchange.getException();
            Aside.run("times of statements", () -> ended(failure, System.nanoTime() - began));
            callback.done(doneSync);
          });
    }
  }
}
