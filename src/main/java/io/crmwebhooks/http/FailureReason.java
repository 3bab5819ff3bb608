package io.crmwebhooks.http;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.ProtocolException;

/** Says in plain words why an attempt failed. */
public final class FailureReason {
  static final int RESPONSE_BYTES = 2048;
  private static final String UNREACHABLE = "the receiver's network cannot be reached";
  private static final String RESET = "the receiver reset the connection";

  /**
   * @param word that its message must have, where there is no class to tell by; the texts are the
   *     operating system's or the client's
   */
  private record Kind(Class<? extends Exception> type, String word, String words) {
    Kind(Class<? extends Exception> type, String words) {
      this(type, "", words);
    }
  }

  /** The first that fits says what it is. */
  private static final List<Kind> KINDS =
      List.of(
          new Kind(EgressResolver.BlockedException.class, "blocked"),
          new Kind(UnknownHostException.class, "the host name cannot be resolved"),
          new Kind(SocketTimeoutException.class, "timeout"),
          new Kind(NoRouteToHostException.class, UNREACHABLE),
          new Kind(SocketException.class, "unreachable", UNREACHABLE),
          new Kind(ConnectException.class, "the connection was refused"),
          new Kind(SocketException.class, "reset", RESET),
          new Kind(SocketException.class, "pipe", RESET),
          new Kind(SocketException.class, "the connection broke"),
          new Kind(ClosedChannelException.class, "the connection broke"),
          new Kind(MessageConstraintException.class, "the response is too large"),
          new Kind(ProtocolException.class, "the response is not valid HTTP"),
          new Kind(URISyntaxException.class, "the target URL is not valid"));

  private FailureReason() {}

  public static String of(Throwable failure) {
    if (failure instanceof HttpOperationFailedException answer) {
      return answer.getRedirectLocation() == null
          ? "HTTP " + answer.getStatusCode()
          : "HTTP " + answer.getStatusCode() + ", a redirect, which is not followed";
    }
    String message = failure.getMessage();
    if (failure instanceof EgressException) {
      return message;
    }
    if (failure instanceof SSLException tls) {
      return "TLS: " + TlsFailure.of(tls);
    }
    if (failure instanceof NoHttpResponseException
        || failure instanceof ConnectionClosedException) {
      return "the receiver closed the connection without a complete response";
    }
    if (failure instanceof ClientProtocolException && failure.getCause() != null) {
      return of(failure.getCause());
    }
    for (Kind kind : KINDS) {
      if (kind.type.isInstance(failure) && says(failure, kind.word)) {
        return kind.words + ": " + message;
      }
    }
    return failure.getClass().getSimpleName() + ": " + failure.getMessage();
  }

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
