package io.crmwebhooks;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.StandardConstants;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority for tests, and what it issues. */
public final class TestAuthority {
  private static final Duration HOUR = Duration.ofHours(1);

  private final Issued self;

  /** A certificate with its key, which is an EC key. */
  public record Issued(X509Certificate certificate, KeyPair keys) {

    public Path writeCertificate(Path file) {
      return write(file, certificate);
    }

    /** In PKCS #8. */
    public Path writeKey(Path file) {
      try {
        return write(file, new JcaPKCS8Generator(keys.getPrivate(), null).generate());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** As older tools write it. */
    public Path writeTraditionalKey(Path file) {
      return write(file, keys.getPrivate());
    }

    private static Path write(Path file, Object object) {
      StringWriter text = new StringWriter();
      try {
        try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
          pem.writeObject(object);
        }
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text.toString());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  public TestAuthority(String name) {
    KeyPair keys = newKeys();
    Instant now = Instant.now();
    this.self = issue(name, keys, name, keys, now.minus(HOUR), now.plus(HOUR), true);
  }

  private TestAuthority(Issued self) {
    this.self = self;
  }

  /** One that this one vouches for, in whose chain it stands. */
  public TestAuthority between(String name, Instant from, Instant until) {
    return new TestAuthority(issue(name(), self.keys, name, newKeys(), from, until, true));
  }

  private String name() {
    return self.certificate.getSubjectX500Principal().getName().substring(3);
  }

  private boolean isRoot() {
    return self.certificate
        .getIssuerX500Principal()
        .equals(self.certificate.getSubjectX500Principal());
  }

  public Issued self() {
    return self;
  }

  /** For one of the hosts "localhost" and "127.0.0.1", or another name; valid for an hour. */
  public Issued issue(String host) {
    Instant now = Instant.now();
    return issue(host, now.minus(HOUR), now.plus(HOUR));
  }

  public Issued issue(String host, Instant from, Instant until) {
    return issue(name(), self.keys, host, newKeys(), from, until, false);
  }

  private static Issued issue(
      String issuer,
      KeyPair issuerKeys,
      String subject,
      KeyPair keys,
      Instant from,
      Instant until,
      boolean authority) {
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              new X500Principal("CN=" + issuer),
              BigInteger.valueOf(System.nanoTime()),
              Date.from(from),
              Date.from(until),
              new X500Principal("CN=" + subject),
              keys.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
      if (!authority) {
        int kind = subject.matches("[\\d.]+|.*:.*") ? GeneralName.iPAddress : GeneralName.dNSName;
        builder.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(new GeneralName(kind, subject)));
      }
      return new Issued(
          new JcaX509CertificateConverter()
              .getCertificate(
                  builder.build(
                      new JcaContentSignerBuilder("SHA256withECDSA")
                          .build(issuerKeys.getPrivate()))),
          keys);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** For a server that shows this certificate and trusts this authority. */
  public SSLContext context(Issued server) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setCertificateEntry("authority", self.certificate);
      store.setKeyEntry(
          "server",
          server.keys.getPrivate(),
          new char[0],
          isRoot()
              ? new X509Certificate[] {server.certificate}
              : new X509Certificate[] {server.certificate, self.certificate});
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, new char[0]);
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A receiver with this certificate that asks for none. */
  public HttpsConfigurator server(Issued certificate) {
    return new HttpsConfigurator(context(certificate));
  }

  /** As {@link #server(Issued)}, which tells the server names that it is asked for. */
  public HttpsConfigurator server(Issued certificate, Consumer<String> askedFor) {
    return new HttpsConfigurator(context(certificate)) {
      @Override
      public void configure(HttpsParameters parameters) {
        SSLParameters listening = getSSLContext().getDefaultSSLParameters();
        listening.setSNIMatchers(
            List.of(
                new SNIMatcher(StandardConstants.SNI_HOST_NAME) {
                  @Override
                  public boolean matches(SNIServerName name) {
                    askedFor.accept(new String(name.getEncoded(), StandardCharsets.US_ASCII));
                    return true;
                  }
                }));
        parameters.setSSLParameters(listening);
      }
    };
  }

  /** A receiver that demands a client certificate of this authority; TLS 1.2, which says so. */
  public HttpsConfigurator demandingServer(Issued certificate) {
    return demandingServer(certificate, "TLSv1.2");
  }

  /** One that speaks this version of TLS. */
  public HttpsConfigurator demandingServer(Issued certificate, String version) {
    return new HttpsConfigurator(context(certificate)) {
      @Override
      public void configure(HttpsParameters parameters) {
        SSLParameters demand = getSSLContext().getDefaultSSLParameters();
        demand.setNeedClientAuth(true);
        demand.setProtocols(new String[] {version});
        parameters.setSSLParameters(demand);
      }
    };
  }
}
