package io.crmwebhooks.kafka;

import static io.crmwebhooks.database.Sql.sql;

import io.crmwebhooks.admin.Delivered;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.pipeline.Rounds;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.component.kafka.DefaultKafkaClientFactory;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.camel.spi.Registry;
import org.apache.kafka.clients.consumer.Consumer;

/** The beans and the component of the routes in {@code routes/kafka}. */
public final class KafkaEngine {
  private static final int BUFFER = 32 * 1024 * 1024;
  private static final int FORWARDED = 5000; // as the largest batch

  private KafkaEngine() {}

  /**
   * Binds what the routes refer to. It opens no connection.
   *
   * @throws StartupException when the libraries are not there, or settings of the client are wrong
   */
  public static void bind(CamelContext context, Settings settings, Sql sql) {
    LostMessages lost = new LostMessages(sql);
    Progress progress = new Progress(settings);
    KafkaClient client = KafkaClient.of(settings);
    KafkaConfiguration configuration = new KafkaConfiguration();
    configuration.setBrokers(client.brokers());
    configuration.setAdditionalProperties(client.further());
    // Uncompressed: so a fetch brings no more into memory than its limit says.
    configuration.setMaxRequestSize(Topics.messageBytes(settings));
    configuration.setBufferMemorySize(Math.max(BUFFER, Topics.messageBytes(settings)));
    configuration.setLingerMs(0);
    KafkaComponent component = new KafkaComponent();
    component.setConfiguration(configuration);
    component.setKafkaClientFactory(
        new DefaultKafkaClientFactory() {
          @Override
          public Consumer<String, String> getConsumer(Properties properties) {
            return new LogConsumer(properties, lost, progress);
          }
        });
    component.setHealthCheckConsumerEnabled(false); // /observe/health says what matters
    component.setHealthCheckProducerEnabled(false);
    context.addComponent("kafka", component);
    Registry registry = context.getRegistry();
    Forwarding forwarding = new Forwarding(context, forwardedAtOnce(settings));
    registry.bind("forwarding", forwarding);
    registry.bind("fetchBytes", Math.max(1, settings.integer("webhooks.poll.batch-bytes") / 8));
    registry.bind("consumption", new Consumption());
    registry.bind("readOffsets", (Processor) Forwarding::readOffsets);
    registry.bind("noteForwarded", (Processor) Forwarding::forwarded);
    registry.bind("takeArrived", (Processor) forwarding::takeArrived);
    registry.bind("readArrived", (Processor) forwarding::readArrived);
    registry.bind("progress", progress);
    registry.bind("requireClaim", (Processor) Rounds::requireClaim);
  }

  /** A batch for each consumer, so that their looks bring full ones. */
  private static int forwardedAtOnce(Settings settings) {
    int batches = settings.integer("webhooks.poll.batches");
    return Math.min(FORWARDED, batches * settings.integer("webhooks.poll.batch-size"));
  }

  /**
   * The deliveries that are in the topic of outcomes. It opens no connection yet.
   *
   * @throws StartupException when the libraries are not there, or settings of the client are wrong
   */
  public static Delivered delivered(Settings settings) {
    return new OutcomeTopic(
        KafkaClient.of(settings).connection(),
        Topics.outcomes(settings),
        Bounds.USUAL,
        Clock.systemUTC());
  }

  /**
   * Makes sure of the topics, after {@link #bind}.
   *
   * @return for how long the brokers have not answered
   * @throws StartupException when the topics cannot be used
   */
  public static Supplier<Duration> open(CamelContext context, Settings settings, Sql sql) {
    Topics topics = new Topics(settings);
    try {
      context.addService(topics);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    String log = log(sql);
    lookup(context, "forwarding", Forwarding.class).of(log);
    lookup(context, "consumption", Consumption.class).of(log);
    Progress progress = lookup(context, "progress", Progress.class);
    progress.open(topics.open(KafkaClient.of(settings).connection()));
    return progress::silence;
  }

  private static <T> T lookup(CamelContext context, String name, Class<T> type) {
    return context.getRegistry().lookupByNameAndType(name, type);
  }

  private static String log(Sql sql) {
    try {
      return sql.row(sql("show-log.sql"), Map.of()).orElseThrow().path("log").asText();
    } catch (SQLException e) {
      throw new StartupException("the database does not say which it is: " + e.getMessage(), e);
    }
  }
}
