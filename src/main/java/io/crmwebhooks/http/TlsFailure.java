package io.crmwebhooks.http;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Says in plain words which problem a TLS failure is; Java tells them apart by class or text. */
final class TlsFailure {
  /** A connection that broke during the handshake; the message that says why often gets lost. */
  static final String CLOSED =
      "the receiver closed the connection during the handshake, as one does that wants a client"
          + " certificate";

  /** With TLS 1.3 that is seen after the handshake only, as a connection that breaks. */
  static final String NOT_ACCEPTED =
      "the receiver asked for a client certificate and closed the connection: it does not accept"
          + " ours, or that there is none";

  private TlsFailure() {}

  static String of(SSLException failure) {
    UntrustedChain shown = null;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      shown = cause instanceof UntrustedChain chain ? chain : shown;
      String problem = problemOf(cause, shown);
      if (problem != null) {
        return problem;
      }
    }
    return wordsFor(String.valueOf(failure.getMessage()));
  }

  /**
   * The error of the receiver's certificate; null when this cause does not name one.
   *
   * @param shown by the receiver; null: not known
   */
  private static String problemOf(Throwable cause, UntrustedChain shown) {
    boolean noPath = cause instanceof CertPathBuilderException;
    if (shown != null && (noPath || cause instanceof CertificateExpiredException)) {
      return shown.problem();
    }
    if (cause instanceof CertificateNotYetValidException) {
      return "the receiver's certificate is not valid yet: " + cause.getMessage();
    }
    if (cause instanceof SSLPeerUnverifiedException || isForAnotherHost(cause)) {
      return "the receiver's certificate is for another host: " + cause.getMessage();
    }
    if (cause instanceof CertPathValidatorException invalid
        && invalid.getReason() == CertPathValidatorException.BasicReason.ALGORITHM_CONSTRAINED) {
      return "the receiver's certificate is too weak: " + cause.getMessage();
    }
    return null;
  }

  private static boolean isForAnotherHost(Throwable cause) {
    String message = cause.getMessage();
    return cause instanceof CertificateException
        && message != null
        && (message.startsWith("No subject alternative") || message.startsWith("No name matching"));
  }

  private static String wordsFor(String message) {
    if (message.contains("protocol_version") || message.contains("protocol version")) {
      return "the receiver speaks no TLS 1.2 or newer";
    }
    if (message.contains("unrecognized SSL message") || message.contains("plaintext connection")) {
      return "the server there does not speak TLS";
    }
    if (message.contains("fatal alert: handshake_failure")) {
      return "the receiver refuses the handshake: it wants a client certificate, or no cipher is"
          + " common";
    }
    if (message.matches(".*fatal alert: \\w*(certificate|unknown_ca|access_denied)\\w*")) {
      return "the receiver does not accept our client certificate, or that there is none: "
          + message;
    }
    if (message.contains("terminated the handshake")) {
      return CLOSED;
    }
    return message;
  }

  /**
   * A receiver has shown certificates that are not trusted. Java says for most reasons only that it
   * has found no path to an authority; these certificates tell more.
   */
  static final class UntrustedChain extends CertificateException {
    private static final long serialVersionUID = 1L;

    private final transient X509Certificate[] chain;

    /**
     * @param chain the receiver's own certificate, and what it has sent with it
     * @param cause Java's own exception
     */
    UntrustedChain(X509Certificate[] chain, CertificateException cause) {
      super(cause.getMessage(), cause);
      this.chain = chain;
    }

    /** Why no path to an authority was found, in words. */
    String problem() {
      X509Certificate own = chain[0];
      if (isSelfSigned(own)) {
        return "the receiver's certificate is self-signed"
            + (isExpired(own) ? " and has expired" : "")
            + "; webhooks.egress.tls.ca can name it";
      }
      for (X509Certificate at = own; at != null; at = issuerOf(at)) {
        if (isExpired(at)) {
          String whose =
              at == own ? "the receiver's certificate" : "the certificate of the receiver's issuer";
          return whose + " has expired: " + name(at) + ", on " + at.getNotAfter().toInstant();
        }
      }
      return "the receiver's certificate is from an authority that is not known here;"
          + " webhooks.egress.tls.ca can name a private one";
    }

    /** In the chain; null when it is not there or its own. */
    private X509Certificate issuerOf(X509Certificate certificate) {
      return Arrays.stream(chain)
          .filter(c -> c.getSubjectX500Principal().equals(certificate.getIssuerX500Principal()))
          .filter(c -> !c.getSubjectX500Principal().equals(certificate.getSubjectX500Principal()))
          .findFirst()
          .orElse(null);
    }

    private static boolean isSelfSigned(X509Certificate certificate) {
      if (!certificate.getIssuerX500Principal().equals(certificate.getSubjectX500Principal())) {
        return false;
      }
      try {
        certificate.verify(certificate.getPublicKey());
        return true;
      } catch (GeneralSecurityException e) {
        return false;
      }
    }

    private static boolean isExpired(X509Certificate certificate) {
      return certificate.getNotAfter().before(Date.from(Instant.now()));
    }

    private static String name(X509Certificate certificate) {
      return certificate.getSubjectX500Principal().getName();
    }
  }
}
