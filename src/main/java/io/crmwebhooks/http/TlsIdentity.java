package io.crmwebhooks.http;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.StandardConstants;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.reactor.ssl.SSLBufferMode;

/**
 * Whom we trust and who we are, as one set of files said. No two are equal: a connection made with
 * one is never used with another, not even with a later state of the same files.
 */
public final class TlsIdentity {
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  private final String name;
  private final SSLContext context;
  private final TlsSocketStrategy strategy;

  private TlsIdentity(String name, SSLContext context) {
    this.name = name;
    this.context = context;
    this.strategy =
        new DefaultClientTlsStrategy(
            context,
            PROTOCOLS,
            null,
            SSLBufferMode.STATIC,
            HostnameVerificationPolicy.BOTH,
            null); // HttpClient's own verifier, besides Java's
  }

  static TlsIdentity load(String name, TlsFiles files) throws EgressException {
    List<X509Certificate> authorities = files.readAuthorities();
    try {
      X509ExtendedKeyManager keys = files.certificate() == null ? null : keys(files);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          new KeyManager[] {new HandshakeNotes.Keys(keys)},
          keeping(authorities.isEmpty() ? managers(null) : trust(authorities)),
          null);
      return new TlsIdentity(name, context);
    } catch (GeneralSecurityException e) {
      throw new EgressException("the TLS identity " + name + " cannot be used", e);
    }
  }

  private static X509ExtendedKeyManager keys(TlsFiles files)
      throws GeneralSecurityException, EgressException {
    List<X509Certificate> chain = files.readChain();
    PrivateKey key = files.readKey();
    if (!belongTogether(key, chain.get(0))) {
      throw new EgressException(
          files.key() + " is not the key of the first certificate in " + files.certificate());
    }
    char[] password = UUID.randomUUID().toString().toCharArray(); // never leaves the memory
    KeyStore store = emptyStore();
    store.setKeyEntry("client", key, password, chain.toArray(X509Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, password);
    return (X509ExtendedKeyManager) factory.getKeyManagers()[0];
  }

  private static boolean belongTogether(PrivateKey key, X509Certificate certificate) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    try {
      byte[] sample = {1, 2, 3};
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(sample);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(sample);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** Those that Java trusts, and the given ones. */
  private static TrustManager[] trust(List<X509Certificate> authorities)
      throws GeneralSecurityException {
    KeyStore store = emptyStore();
    int number = 0;
    for (TrustManager manager : managers(null)) {
      if (manager instanceof X509TrustManager known) {
        for (X509Certificate issuer : known.getAcceptedIssuers()) {
          store.setCertificateEntry("java-" + number++, issuer);
        }
      }
    }
    for (X509Certificate authority : authorities) {
      store.setCertificateEntry("own-" + number++, authority);
    }
    return managers(store);
  }

  private static TrustManager[] managers(KeyStore store) throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static TrustManager[] keeping(TrustManager[] managers) {
    return Arrays.stream(managers)
        .map(m -> m instanceof X509ExtendedTrustManager java ? new HandshakeNotes.Trust(java) : m)
        .toArray(TrustManager[]::new);
  }

  private static KeyStore emptyStore() throws GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    try {
      store.load(null, null);
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
    return store;
  }

  /**
   * Makes a TLS connection with it.
   *
   * @param host as in the URL; certificates and the server name of TLS bear no trailing dot
   */
  public SSLSocket upgrade(
      Socket socket, String host, int port, Object attachment, HttpContext http)
      throws IOException {
    String called = HostName.withoutTrailingDot(host);
    return (isOrdinary(called) ? strategy : forNamesOutsideOfDns(called))
        .upgrade(socket, called, port, attachment, http);
  }

  private static boolean isOrdinary(String host) {
    try {
      return HostName.address(host).isPresent() || new SNIHostName(host).getAsciiName() != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * Java rejects names with an underscore, both as the server name and in certificates. So the
   * server name is given in bytes, and only HttpClient's verifier checks it.
   */
  private TlsSocketStrategy forNamesOutsideOfDns(String host) {
    return new DefaultClientTlsStrategy(
        context, PROTOCOLS, null, SSLBufferMode.STATIC, HostnameVerificationPolicy.CLIENT, null) {
      @Override
      protected void initializeSocket(SSLSocket socket) {
        SSLParameters parameters = socket.getSSLParameters();
        byte[] name = host.getBytes(StandardCharsets.US_ASCII);
        parameters.setServerNames(
            List.of(new SNIServerName(StandardConstants.SNI_HOST_NAME, name) {}));
        socket.setSSLParameters(parameters);
      }
    };
  }

  @Override
  public String toString() {
    return "TLS identity " + name;
  }
}
