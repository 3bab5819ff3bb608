package io.crmwebhooks.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.junit.jupiter.api.Test;

class AttemptGuardTest {
  @Test
  void an_attempt_that_cannot_be_cancelled_takes_the_deadline_of_no_other_one() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        TestSender sender =
            new TestSender(
                "webhooks.egress.allow",
                "127.0.0.1",
                "webhooks.delivery.timeout",
                "100ms",
                "webhooks.delivery.lease",
                "2s")) {
      String url = "http://127.0.0.1:" + silent.getLocalPort() + "/";
      CountDownLatch cancelled = new CountDownLatch(1);
      HttpPost stubborn =
          new HttpPost(url) {
            @Override
            public boolean cancel() {
              cancelled.countDown();
              throw new IllegalStateException("Pool entry is not present in the set");
            }
          };
      Thread other = new Thread(() -> sender.sendAs(url, stubborn));
      other.start();
      assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(sender.send(url)).startsWith("timeout after 100 ms while ");
      other.join(20_000);
      assertThat(other.isAlive()).isFalse();
    }
  }
}
