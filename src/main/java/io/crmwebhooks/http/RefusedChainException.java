package io.crmwebhooks.http;

import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;

/**
 * A receiver has shown certificates that are not trusted. Java says for most reasons only that it
 * has found no path to an authority; these certificates tell more.
 */
public final class RefusedChainException extends CertificateException {
  private static final long serialVersionUID = 1L;

  private final transient X509Certificate[] chain;

  /**
   * @param chain the receiver's own certificate, and what it has sent with it
   * @param cause what Java says
   */
  RefusedChainException(X509Certificate[] chain, CertificateException cause) {
    super(cause.getMessage(), cause);
    this.chain = chain;
  }

  /** Why no path to an authority was found, in words. */
  public String problem() {
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
