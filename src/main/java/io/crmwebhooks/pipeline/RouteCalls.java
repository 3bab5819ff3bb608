package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.http.DeliveryRequest;
import io.crmwebhooks.http.EgressException;
import io.crmwebhooks.http.FailureReason;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.util.concurrent.SynchronousExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the attempts of webhooks that lead to {@code route:NAME}: each is a call of the user's own
 * route {@code target-NAME}. The call has an exchange of its own, so that no step of that route
 * changes anything of ours; only that it fails matters. It ends at the deadline of the attempt at
 * the latest. A step that hangs then is left behind, since a thread cannot be killed. While as many
 * calls of a webhook hang as its concurrency, no more are made. Thread-safe.
 */
public final class RouteCalls implements Processor {
  private static final Logger LOG = LoggerFactory.getLogger(RouteCalls.class);

  private final CamelContext context;
  private final Duration timeout;
  private final Duration longest;
  private final ExecutorService threads;
  private final ProducerTemplate routes;
  private final Map<UUID, Integer> hanging = new ConcurrentHashMap<>();

  /**
   * @param timeout the total deadline of one attempt, where the webhook has none of its own
   * @param longest the latest deadline, whatever the webhook says
   */
  public RouteCalls(CamelContext context, Duration timeout, Duration longest) {
    this.context = context;
    this.timeout = timeout;
    this.longest = longest;
    this.threads = context.getExecutorServiceManager().newCachedThreadPool(this, "call-route");
    this.routes = context.createProducerTemplate();
    routes.setExecutorService(new SynchronousExecutorService()); // it is on one of our threads
  }

  /** Whether the request in the body leads to a route. */
  public static boolean isOne(Exchange exchange) {
    return exchange.getMessage().getBody() instanceof DeliveryRequest request
        && request.isForRoute();
  }

  /**
   * Calls the route with the signed request in the body.
   *
   * @throws EgressException when it fails, or is not there
   */
  @Override
  public void process(Exchange exchange) throws EgressException {
    DeliveryRequest request = (DeliveryRequest) exchange.getMessage().getBody();
    Webhook webhook = request.webhook();
    String route = Webhook.Destination.ROUTE_PREFIX + request.route();
    if (context.getRoute(route) == null) {
      throw new EgressException(
          "there is no route %s; a new file in routes/custom/ counts from the next start"
              .formatted(route));
    }
    int hang = hanging.getOrDefault(webhook.id(), 0);
    if (hang >= webhook.concurrency()) {
      throw new EgressException(
          "%d calls of the route %s hang, as many as the concurrency of the webhook; the next is made when one ends"
              .formatted(hang, route));
    }
    Call call = new Call(webhook.id(), route, message(exchange, request));
    threads.execute(call);
    call.await(webhook.limits().deadline(timeout, longest));
    exchange.getMessage().setBody(null); // nothing answers
  }

  /**
   * The message of the route: all that HTTP would send, and the facts of change and webhook. The
   * record is shared with other webhooks, and a later attempt does not have it.
   */
  private Exchange message(Exchange exchange, DeliveryRequest request) {
    Exchange message = new DefaultExchange(context, ExchangePattern.InOnly);
    message.setProperty(Exchange.CHARSET_NAME, "UTF-8"); // of the bytes, should they become a text
    message.getMessage().setBody(request.body().clone());
    Map<String, Object> headers = message.getMessage().getHeaders();
    headers.putAll(exchange.getMessage().getHeaders());
    headers.keySet().removeIf(name -> name.startsWith("Camel"));
    request.complete(headers);
    Delivery delivery = Carried.DELIVERY.of(exchange);
    message.setVariable("change", delivery.change().withoutRecord());
    message.setVariable("webhook", delivery.webhook().name());
    StepPlace.watch(message);
    return message;
  }

  /** A call of a route, on a thread of its own. */
  private final class Call implements Runnable {
    private final UUID webhook;
    private final String route;
    private final Exchange exchange;
    private final CountDownLatch end = new CountDownLatch(1);
    private Thread thread;
    private boolean left;

    Call(UUID webhook, String route, Exchange exchange) {
      this.webhook = webhook;
      this.route = route;
      this.exchange = exchange;
    }

    @Override
    public void run() {
      synchronized (this) {
        thread = Thread.currentThread();
      }
      try {
        routes
            .asyncSend("direct:" + route, exchange)
            .whenComplete((done, failure) -> end(failure)); // on another thread, if a step wants
      } catch (RuntimeException | Error e) {
        end(e);
      }
      synchronized (this) {
        thread = null;
        Thread.interrupted(); // that was meant for the step
      }
    }

    private synchronized void end(Throwable failure) {
      if (failure != null) {
        exchange.setException(failure);
      }
      if (left) {
        hanging.computeIfPresent(webhook, (id, count) -> count == 1 ? null : count - 1);
        LOG.info("route.ended a call of {} for webhook {} has ended at last", route, webhook);
      }
      end.countDown();
    }

    /** Goes on without it, unless it has ended meanwhile. */
    private synchronized boolean leave() {
      if (end.getCount() > 0) {
        left = true;
        hanging.merge(webhook, 1, Integer::sum);
        exchange.setRouteStop(true); // no step after it is taken
        if (thread != null) {
          thread.interrupt();
        }
      }
      return left;
    }

    /** Waits for its end. */
    void await(Duration deadline) throws EgressException {
      try {
        boolean late = !end.await(deadline.toNanos(), TimeUnit.NANOSECONDS);
        String place = late ? StepPlace.current(exchange) : null;
        if (late && leave()) {
          throw new EgressException(
              "timeout after %d ms in %s".formatted(deadline.toMillis(), place));
        }
      } catch (InterruptedException e) {
        leave();
        Thread.currentThread().interrupt();
        throw new EgressException("interrupted in the route " + route, e);
      }
      Exception failure = exchange.getException();
      if (failure != null) {
        throw failed(failure);
      }
      if (exchange.isRollbackOnly() || exchange.isRollbackOnlyLast()) {
        throw new EgressException("the route " + route + " is rolled back");
      }
    }

    /** With none of the effects that an answer to HTTP has, since the route may have called it. */
    private EgressException failed(Exception failure) {
      String place = StepPlace.of(exchange, failure);
      return new EgressException(
          FailureReason.excerpt(
              (place.isEmpty() ? "route " + route + ": " : place)
                  + Dispatch.plain(FailureReason.of(Dispatch.root(failure)))),
          failure);
    }
  }
}
