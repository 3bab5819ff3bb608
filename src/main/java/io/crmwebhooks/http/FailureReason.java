package io.crmwebhooks.http;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.ProtocolException;

/** Says in plain words why an attempt failed. */
public final class FailureReason {
  static final int RESPONSE_BYTES = 2048;

  private FailureReason() {}

  public static String of(Throwable failure) {
    if (failure instanceof HttpOperationFailedException answer) {
      return answer.getRedirectLocation() == null
          ? "HTTP " + answer.getStatusCode()
          : "HTTP " + answer.getStatusCode() + ", a redirect, which is not followed";
    }
    if (failure instanceof EgressException) {
      return failure.getMessage();
    }
    if (failure instanceof EgressResolver.BlockedException) {
      return "blocked: " + failure.getMessage();
    }
    if (failure instanceof UnknownHostException) {
      return "the host name cannot be resolved: " + failure.getMessage();
    }
    if (failure instanceof ConnectTimeoutException || failure instanceof SocketTimeoutException) {
      return "timeout: " + failure.getMessage();
    }
    if (failure instanceof NoRouteToHostException
        || (failure instanceof SocketException && says(failure, "unreachable"))) {
      return "the receiver's network cannot be reached: " + failure.getMessage();
    }
    if (failure instanceof ConnectException) {
      return "the connection was refused: " + failure.getMessage();
    }
    if (failure instanceof SSLException tls) {
      return "TLS: " + TlsFailure.of(tls);
    }
    if (failure instanceof NoHttpResponseException
        || failure instanceof ConnectionClosedException) {
      return "the receiver closed the connection without a complete response";
    }
    if (failure instanceof SocketException && (says(failure, "reset") || says(failure, "pipe"))) {
      return "the receiver reset the connection: " + failure.getMessage();
    }
    if (failure instanceof SocketException || failure instanceof ClosedChannelException) {
      return "the connection broke: " + failure.getMessage();
    }
    if (failure instanceof MessageConstraintException) {
      return "the response is too large: " + failure.getMessage();
    }
    if (failure instanceof ProtocolException) {
      return "the response is not valid HTTP: " + failure.getMessage();
    }
    if (failure instanceof ClientProtocolException && failure.getCause() != null) {
      return of(failure.getCause());
    }
    if (failure instanceof URISyntaxException) {
      return "the target URL is not valid: " + failure.getMessage();
    }
    return failure.getClass().getSimpleName() + ": " + failure.getMessage();
  }

  /** Where there is no class to tell by; the texts are the operating system's or the client's. */
  private static boolean says(Throwable failure, String word) {
    return String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT).contains(word);
  }

  /** The beginning of the receiver's answer, or null. */
  public static String responseOf(Throwable failure) {
    return failure instanceof HttpOperationFailedException answer
        ? excerpt(answer.getResponseBody())
        : null;
  }

  /** The beginning of a text, or null. */
  public static String excerpt(String text) {
    if (text == null) {
      return null;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(bytes.length, RESPONSE_BYTES);
    while (length < bytes.length && length > 0 && (bytes[length] & 0xC0) == 0x80) {
      length--; // not in the middle of a character
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
