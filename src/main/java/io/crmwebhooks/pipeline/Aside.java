package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.News.NewsPace;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the observers of the pipeline: metrics, counts, news, logs, spans, the health of endpoints.
 * An error there is logged, one line a minute for each of them. It never reaches the delivery: a
 * 2xx stays a 2xx. Thread-safe.
 */
public final class Aside {
  private static final Logger LOG = LoggerFactory.getLogger(Aside.class);
  private static final NewsPace PACE = new NewsPace(Duration.ofMinutes(1), System::nanoTime);

  private Aside() {}

  /**
   * Calls it.
   *
   * @param who it is, for the log
   */
  public static void run(String who, Runnable onlooker) {
    ask(
        who,
        null,
        () -> {
          onlooker.run();
          return null;
        });
  }

  /**
   * Calls it for an answer.
   *
   * @param otherwise the answer when it fails
   */
  public static <T> T ask(String who, T otherwise, Supplier<T> onlooker) {
    try {
      return onlooker.get();
    } catch (RuntimeException | StackOverflowError | LinkageError e) {
      OptionalLong leftOut = PACE.admit(who);
      if (leftOut.isPresent()) {
        LOG.warn("onlooker.failed who={} leftOut={}", who, leftOut.getAsLong(), e);
      }
      return otherwise;
    }
  }
}
