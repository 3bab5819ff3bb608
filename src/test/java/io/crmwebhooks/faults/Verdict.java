package io.crmwebhooks.faults;

import java.util.List;
import java.util.stream.Stream;

/**
 * The result of a fault.
 *
 * @param strikes how often it struck
 * @param deliveries that were owed meanwhile
 * @param lost deliveries that have not reached the receiver
 * @param repeats deliveries that it accepted again
 * @param inFlight the most that may have been: what was claimed, or leased, when it struck
 * @param recoveryMillis from the end of the fault until all was delivered and recorded
 * @param problems everything that should not be, in words; empty when all is well
 */
record Verdict(
    Fault fault,
    int strikes,
    int deliveries,
    int lost,
    int repeats,
    long inFlight,
    long recoveryMillis,
    List<String> problems) {

  static final String HEADING =
      """
      | fault | strikes | deliveries | lost | repeated | most that were in flight | all done after |
      | --- | ---: | ---: | ---: | ---: | ---: | ---: |
      """;

  /** A row of a table. */
  String row() {
    return "| %s | %,d | %,d | %,d | %,d | %,d | %.1f s |"
        .formatted(
            fault.words(), strikes, deliveries, lost, repeats, inFlight, recoveryMillis / 1000.0);
  }

  /** Of several strikes of the same fault; of the recoveries the longest. */
  Verdict and(Verdict other) {
    return new Verdict(
        fault,
        strikes + other.strikes,
        deliveries + other.deliveries,
        lost + other.lost,
        repeats + other.repeats,
        inFlight + other.inFlight,
        Math.max(recoveryMillis, other.recoveryMillis),
        Stream.concat(problems.stream(), other.problems.stream()).toList());
  }
}
