package io.crmwebhooks.pipeline;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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
  private static final int MOST_FAILURES = 16;

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
   * The innermost step that a change is in, and the failure that it has met. The exchanges that
   * steps make of its exchange, such as those of a split, share it, and what they fail on may come
   * back wrapped.
   */
  private static final class Way {
    private volatile NamedNode step;
    private List<Failed> failures = List.of(); // steps side by side may each have their own

    synchronized void note(Throwable failure, NamedNode at) {
      if (placeOf(failure).isEmpty()) {
        failures =
            Stream.concat(failures.stream(), Stream.of(new Failed(failure, text(at))))
                .skip(failures.size() < MOST_FAILURES ? 0 : 1)
                .toList();
      }
    }

    synchronized Optional<String> placeOf(Throwable failure) {
      return failures.stream()
          .filter(known -> known.isCauseOf(failure))
          .map(Failed::place)
          .findFirst();
    }
  }

  /** To be called before the steps of a change. */
  static void watch(Exchange exchange) {
    exchange.setProperty(PROPERTY, new Way());
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
        Way way = exchange.getProperty(PROPERTY, Way.class);
        if (way == null) { // an exchange of a route that has nothing to do with changes
          return super.process(exchange, callback);
        }
        NamedNode around = way.step;
        way.step = step;
        return super.process(
            exchange,
            doneSync -> {
              way.step = around;
              if (exchange.getException() != null) {
                way.note(exchange.getException(), step);
              }
              callback.done(doneSync);
            });
      }
    };
  }

  /** Where the failure was met, with a colon behind it; empty when nobody knows. */
  static String of(Exchange exchange, Throwable failure) {
    Way way = exchange.getProperty(PROPERTY, Way.class);
    return way == null ? "" : way.placeOf(failure).map(place -> place + ": ").orElse("");
  }

  /** Where the exchange is now. */
  static String current(Exchange exchange) {
    Way way = exchange.getProperty(PROPERTY, Way.class);
    NamedNode step = way == null ? null : way.step;
    if (step != null) {
      return text(step);
    }
    return text(
        ExchangeHelper.getAtRouteId(exchange),
        exchange.getExchangeExtension().getHistoryNodeId(),
        exchange.getExchangeExtension().getHistoryNodeSource());
  }

  static String text(NamedNode step) {
    String file =
        step.getLocation() == null ? null : step.getLocation() + ":" + step.getLineNumber();
    return text(ProcessorDefinitionHelper.getRouteId(step), step.getId(), file);
  }

  private static String text(String route, String step, String file) {
    return "route %s, step %s (%s)"
        .formatted(route, step, Objects.requireNonNullElse(file, "unknown").replace("file:", ""));
  }
}
