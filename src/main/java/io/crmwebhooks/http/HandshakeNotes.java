package io.crmwebhooks.http;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Notes facts from a TLS handshake that Java forgets: the certificates that are not trusted, and
 * that the receiver asked for one of ours.
 */
final class HandshakeNotes {
  private static final String NOTE = "crm-webhooks.asked-for-certificate";

  private HandshakeNotes() {}

  /** Whether the receiver asked for a client certificate when this session was made. */
  static boolean askedForCertificate(SSLSession session) {
    return session.getValue(NOTE) != null;
  }

  /** Trusts whom Java trusts, and keeps what a receiver has shown that it does not. Thread-safe. */
  static final class Trust extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager java;

    Trust(X509ExtendedTrustManager java) {
      this.java = java;
    }

    private interface Check {
      void run() throws CertificateException;
    }

    private static void keeping(X509Certificate[] chain, Check check) throws CertificateException {
      try {
        check.run();
      } catch (CertificateException e) {
        throw new TlsFailure.UntrustedChain(chain, e);
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      keeping(chain, () -> java.checkServerTrusted(chain, type, socket));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      keeping(chain, () -> java.checkServerTrusted(chain, type, engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      keeping(chain, () -> java.checkServerTrusted(chain, type));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      java.checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      java.checkClientTrusted(chain, type, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      java.checkClientTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return java.getAcceptedIssuers();
    }
  }

  /**
   * Notes in the session of a connection that the receiver asked for a client certificate, be there
   * one or not. With TLS 1.3 a receiver rejects our certificate only when the handshake is over for
   * us. Its alert is often lost as it closes the connection.
   */
  static final class Keys extends X509ExtendedKeyManager {
    private final X509ExtendedKeyManager keys; // null: there is none

    Keys(X509ExtendedKeyManager keys) {
      this.keys = keys;
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
      if (socket instanceof SSLSocket tls) {
        tls.getHandshakeSession().putValue(NOTE, true);
      }
      return keys == null ? null : keys.chooseClientAlias(types, issuers, socket);
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
      return keys == null ? null : keys.getClientAliases(type, issuers);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return keys == null ? null : keys.getCertificateChain(alias);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return keys == null ? null : keys.getPrivateKey(alias);
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
      return null;
    }

    @Override
    public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
      return null;
    }
  }
}
