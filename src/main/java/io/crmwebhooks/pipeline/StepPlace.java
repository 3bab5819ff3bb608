package io.crmwebhooks.pipeline;

import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.ExchangeHelper;
import org.apache.camel.support.processor.DelegateAsyncProcessor;

/**
 * Knows where in the route files a step stands that fails or hangs: the reason of a parked change
 * says so. It watches the user's routes only. Thread-safe.
 */
public final class StepPlace implements InterceptStrategy {
  private static final String PROPERTY = "failedStep";
  private static final int DEEPEST = 100;

  private final Set<String> ours;

  /**
   * @param ours the ids of the pipeline's own routes
   */
  public StepPlace(Set<String> ours) {
    this.ours = ours;
  }

  /** A failure and where it was met first. */
  private record Failed(Throwable failure, String place) {
    boolean isCauseOf(Throwable later) {
      return Stream.iterate(later, Objects::nonNull, Throwable::getCause)
          .limit(DEEPEST)
          .anyMatch(cause -> cause == failure);
    }
  }

  /**
   * The failure that the steps of a change have met. The exchanges that steps make of its exchange,
   * such as those of a split, share it, and what they fail on may come back wrapped.
   */
  private static final class Met extends AtomicReference<Failed> {
    private static final long serialVersionUID = 1L;
  }

  /** To be called before the steps of a change. */
  static void watch(Exchange exchange) {
    exchange.setProperty(PROPERTY, new Met());
  }

  @Override
  public Processor wrapProcessorInInterceptors(
      CamelContext context, NamedNode step, Processor target, Processor next) {
    String route = ProcessorDefinitionHelper.getRouteId(step);
    if (ours.contains(route)) {
      return target;
    }
    return new DelegateAsyncProcessor(target) {
      @Override
      public boolean process(Exchange exchange, AsyncCallback callback) {
        return super.process(
            exchange,
            doneSync -> {
              if (exchange.getException() != null) {
                note(exchange, step);
              }
              callback.done(doneSync);
            });
      }
    };
  }

  private static void note(Exchange exchange, NamedNode step) {
    Met met = exchange.getProperty(PROPERTY, Met.class);
    Failed known = met == null ? null : met.get();
    if (met != null && (known == null || !known.isCauseOf(exchange.getException()))) {
      String route = ProcessorDefinitionHelper.getRouteId(step);
      met.set(new Failed(exchange.getException(), text(route, step.getId(), file(step))));
    }
  }

  /** Where the failure was met, with a colon behind it; empty when nobody knows. */
  static String of(Exchange exchange, Throwable failure) {
    Met met = exchange.getProperty(PROPERTY, Met.class);
    Failed known = met == null ? null : met.get();
    return known != null && known.isCauseOf(failure) ? known.place + ": " : "";
  }

  /** Where the exchange is now. */
  static String current(Exchange exchange) {
    return text(
        ExchangeHelper.getAtRouteId(exchange),
        exchange.getExchangeExtension().getHistoryNodeId(),
        exchange.getExchangeExtension().getHistoryNodeSource());
  }

  private static String file(NamedNode step) {
    return step.getLocation() == null ? null : step.getLocation() + ":" + step.getLineNumber();
  }

  private static String text(String route, String step, String file) {
    return "route %s, step %s (%s)"
        .formatted(route, step, Objects.requireNonNullElse(file, "unknown").replace("file:", ""));
  }
}
