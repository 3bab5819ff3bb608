package io.crmwebhooks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One scrape of the metrics, as Prometheus reads them.
 *
 * @param samples values by name and labels, as written: {@code name{a="b",c="d"}}
 */
record Scrape(Map<String, Double> samples) {
  private static final Pattern SAMPLE =
      Pattern.compile("(?m)^([a-zA-Z_:][\\w:]*(?:\\{.*})?) (\\S+)$");

  /** Scrapes without a token. */
  static Scrape of(String url) {
    try {
      HttpResponse<String> response =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(url)).build(),
                  HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new IllegalStateException(url + " answered " + response.statusCode());
      }
      Map<String, Double> samples = new LinkedHashMap<>();
      Matcher sample = SAMPLE.matcher(response.body());
      while (sample.find()) {
        samples.put(sample.group(1), Double.valueOf(sample.group(2).replace("Inf", "Infinity")));
      }
      return new Scrape(samples);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The value of a sample; NaN when there is none. */
  double value(String sample) {
    return samples.getOrDefault(sample, Double.NaN);
  }

  /** Names without their labels. */
  Set<String> names() {
    Set<String> names = new TreeSet<>();
    samples.keySet().forEach(sample -> names.add(sample.replaceAll("\\{.*", "")));
    return names;
  }
}
