package io.crmwebhooks.bench;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * One line of the table. A number that does not apply is null.
 *
 * @param rate deliveries (or rows) a second
 * @param loopRate of the plain loop, just before
 * @param ratio rate by loopRate
 * @param senderCpu seconds a 10,000 deliveries
 * @param postgresCpu seconds a 10,000 deliveries
 * @param peakMemory of the sender, MiB
 * @param p50 from commit to receipt, milliseconds
 * @param longest of them; of several runs the worst
 * @param missing deliveries that did not come
 * @param repeated requests beyond the first of a delivery
 * @param forged requests whose signatures do not hold
 * @param further what only this scenario measures, by name
 */
record Measure(
    String scenario,
    Double rate,
    Double loopRate,
    Double ratio,
    Double senderCpu,
    Double postgresCpu,
    Double peakMemory,
    Double p50,
    Double p95,
    Double p99,
    Double longest,
    Double missing,
    Double repeated,
    Double forged,
    Map<String, Double> further) {

  /** A rate on its own, or none. */
  static Measure rate(String scenario, Double rate) {
    return new Measure(
        scenario, rate, null, null, null, null, null, null, null, null, null, null, null, null,
        Map.of());
  }

  /** The same with further numbers. */
  Measure with(Map<String, Double> also) {
    return new Measure(
        scenario,
        rate,
        loopRate,
        ratio,
        senderCpu,
        postgresCpu,
        peakMemory,
        p50,
        p95,
        p99,
        longest,
        missing,
        repeated,
        forged,
        also);
  }

  /** The same with the latencies of the deliveries that came. */
  Measure withLatencies(double[] millis) {
    double[] sorted = millis.clone();
    Arrays.sort(sorted);
    return new Measure(
        scenario,
        rate,
        loopRate,
        ratio,
        senderCpu,
        postgresCpu,
        peakMemory,
        percentile(sorted, 0.5),
        percentile(sorted, 0.95),
        percentile(sorted, 0.99),
        percentile(sorted, 1),
        missing,
        repeated,
        forged,
        further);
  }

  private static Double percentile(double[] sorted, double share) {
    return sorted.length == 0 ? null : sorted[(int) Math.ceil(share * sorted.length) - 1];
  }

  /** Of each number the median; of longest, missing, repeated and forged the worst. */
  static Measure median(List<Measure> runs) {
    return new Measure(
        runs.get(0).scenario,
        median(runs, Measure::rate),
        median(runs, Measure::loopRate),
        median(runs, Measure::ratio),
        median(runs, Measure::senderCpu),
        median(runs, Measure::postgresCpu),
        median(runs, Measure::peakMemory),
        median(runs, Measure::p50),
        median(runs, Measure::p95),
        median(runs, Measure::p99),
        worst(runs, Measure::longest),
        worst(runs, Measure::missing),
        worst(runs, Measure::repeated),
        worst(runs, Measure::forged),
        medianFurther(runs));
  }

  private static Map<String, Double> medianFurther(List<Measure> runs) {
    Map<String, Double> all = new LinkedHashMap<>();
    for (String name : runs.get(0).further.keySet()) {
      all.put(name, median(runs, run -> run.further.get(name)));
    }
    return all;
  }

  private static Double median(List<Measure> runs, Function<Measure, Double> number) {
    List<Double> sorted = runs.stream().map(number).filter(x -> x != null).sorted().toList();
    int middle = sorted.size() / 2;
    if (sorted.isEmpty()) {
      return null;
    }
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : Double.valueOf((sorted.get(middle - 1) + sorted.get(middle)) / 2);
  }

  private static Double worst(List<Measure> runs, Function<Measure, Double> number) {
    return runs.stream()
        .map(number)
        .filter(x -> x != null)
        .max(Comparator.naturalOrder())
        .orElse(null);
  }
}
