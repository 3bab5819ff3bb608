package io.crmwebhooks.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;

/**
 * An answer that is read on a thread of its own while a large request is still being sent. A
 * receiver that has rejected the request may never read the rest.
 */
final class EarlyAnswer {
  private final FutureTask<ClassicHttpResponse> reading;

  EarlyAnswer(Callable<ClassicHttpResponse> reading) {
    this.reading = new FutureTask<>(reading);
    Thread thread = new Thread(this.reading, "read-early-answer");
    thread.setDaemon(true);
    thread.start();
  }

  /** Waits until its head is complete, or until the connection ends. */
  ClassicHttpResponse await() throws IOException, HttpException {
    try {
      return reading.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof HttpException invalid) {
        throw invalid;
      }
      throw e.getCause() instanceof IOException broken ? broken : new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }
}
