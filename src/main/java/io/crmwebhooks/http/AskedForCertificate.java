package io.crmwebhooks.http;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * Notes in the session of a connection that the receiver asked for a client certificate, be there
 * one or not. With TLS 1.3 a receiver refuses what it got only when the handshake is over for us,
 * and what it says is often lost as it closes the connection.
 */
public final class AskedForCertificate extends X509ExtendedKeyManager {
  private static final String NOTE = "crm-webhooks.asked-for-certificate";

  private final X509ExtendedKeyManager keys; // null: there is none

  AskedForCertificate(X509ExtendedKeyManager keys) {
    this.keys = keys;
  }

  /** Whether the receiver asked for one when this session was made. */
  public static boolean in(SSLSession session) {
    return session.getValue(NOTE) != null;
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
