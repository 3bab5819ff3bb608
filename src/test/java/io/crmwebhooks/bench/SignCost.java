package io.crmwebhooks.bench;

import io.crmwebhooks.http.NewSecret;
import io.crmwebhooks.http.Scheme;
import io.crmwebhooks.http.WebhookSigner;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;

/**
 * The cost of one delivery's signatures, on one thread. It is no scenario, since it needs nothing
 * else. {@code java -XX:+UseSerialGC -cp target/classes:target/test-classes
 * io.crmwebhooks.bench.SignCost}
 */
final class SignCost {
  private static final String ID = "msg_00000000000000015f0c7a7e0b5d4c1e9d1c000000000001";
  private static final int ROUNDS = 8;
  private static final long SECOND = 1739201450;

  private SignCost() {}

  public static void main(String[] args) {
    byte[] body =
        BenchDatabase.RECORD.formatted("1").getBytes(StandardCharsets.UTF_8); // about 600 bytes
    String secret = BenchDatabase.SECRET;
    measure("both schemes", new WebhookSigner(secret), body, 200_000);
    measure(
        "both schemes, in a rotation",
        new WebhookSigner(secret, "old", Instant.ofEpochSecond(2 * SECOND), Scheme.ALL),
        body,
        200_000);
    measure(
        "twenty only",
        new WebhookSigner(secret, "", Instant.EPOCH, Set.of(Scheme.TWENTY)),
        body,
        200_000);
    measure("ed25519", new WebhookSigner(NewSecret.ed25519()), body, 2_000);
  }

  /** Prints the median of the rounds after the first half, which warm up. */
  private static void measure(String name, WebhookSigner signer, byte[] body, int times) {
    double[] micros = new double[ROUNDS / 2];
    long length = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      for (int i = 0; i < times; i++) {
        length += length(signer.standard(ID, SECOND + i, body));
        length += length(signer.twenty(SECOND * 1000 + i, body));
      }
      if (round >= ROUNDS / 2) {
        micros[round - ROUNDS / 2] = (System.nanoTime() - start) / 1e3 / times;
      }
    }
    Arrays.sort(micros);
    System.out.printf(
        "%-28s %8.2f µs a delivery (%d)%n", name, micros[micros.length / 2], length % 10);
  }

  private static int length(String signature) {
    return signature == null ? 0 : signature.length();
  }
}
