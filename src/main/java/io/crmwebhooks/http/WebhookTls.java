package io.crmwebhooks.http;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * Makes each TLS connection with the identity that {@link EgressGuard} has put into the context; a
 * proxy that speaks TLS itself gets the default one. Thread-safe.
 */
final class WebhookTls implements TlsSocketStrategy {
  private final TlsIdentities identities;

  WebhookTls(TlsIdentities identities) {
    this.identities = identities;
  }

  @Override
  public SSLSocket upgrade(
      Socket socket, String target, int port, Object attachment, HttpContext context)
      throws IOException {
    boolean toProxy = ProxyGuard.speaksTls(context) && !(socket instanceof SSLSocket);
    TlsIdentity identity =
        toProxy
            ? identities.of(null)
            : HttpClientContext.cast(context).getUserToken(EgressGuard.Owner.class).identity();
    AttemptPhase.enter("making the TLS handshake");
    try {
      SSLSocket made = identity.upgrade(socket, HostName.asSent(target), port, attachment, context);
      AttemptPhase.madeTls(AskedForCertificate.in(made.getSession()));
      return made;
    } catch (IOException e) {
      boolean broken = e instanceof SocketException || e.getCause() instanceof IOException;
      if (!broken || e instanceof SocketTimeoutException) {
        throw e;
      }
      throw (IOException) new SSLHandshakeException(TlsFailure.CLOSED).initCause(e);
    }
  }
}
