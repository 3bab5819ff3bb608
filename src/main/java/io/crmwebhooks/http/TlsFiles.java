package io.crmwebhooks.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The PEM files that one TLS identity is made of, with certificates and keys. The authorities are
 * trusted besides those that Java knows. No message holds a part of a key.
 *
 * @param authorities may be empty
 * @param certificate the client certificate with its chain; null: none, and then no key either
 * @param key of the certificate
 */
record TlsFiles(List<Path> authorities, Path certificate, Path key) {
  private static final String AUTHORITY = "ca.crt";
  private static final String CERTIFICATE = "tls.crt";
  private static final String KEY = "tls.key";
  private static final Pattern PRIVATE_KEY =
      Pattern.compile("-----BEGIN ([A-Z ]*PRIVATE KEY)-----([^-]*)-----END \\1-----");
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

  /** Those of a folder, in which they are named as Kubernetes does; the rest is as here. */
  TlsFiles overriddenBy(Path folder) throws EgressException {
    Path authority = folder.resolve(AUTHORITY);
    Path ownCertificate = folder.resolve(CERTIFICATE);
    Path ownKey = folder.resolve(KEY);
    boolean hasAuthority = Files.exists(authority);
    boolean hasCertificate = Files.exists(ownCertificate) || Files.exists(ownKey);
    if (!hasAuthority && !hasCertificate) {
      throw new EgressException(
          "there is no %s and no %s with %s in %s".formatted(AUTHORITY, CERTIFICATE, KEY, folder));
    }
    List<Path> all = new ArrayList<>(authorities);
    if (hasAuthority) {
      all.add(authority);
    }
    return new TlsFiles(
        all, hasCertificate ? ownCertificate : certificate, hasCertificate ? ownKey : key);
  }

  /** Changes when one of the files does. */
  List<Object> stamp() {
    return Stream.concat(authorities.stream(), Stream.of(certificate, key).filter(f -> f != null))
        .map(TlsFiles::stamp)
        .toList();
  }

  private static Object stamp(Path file) {
    try {
      return List.of(file, Files.getLastModifiedTime(file), Files.size(file));
    } catch (IOException e) {
      return List.of(file, FileTime.fromMillis(0), -1L);
    }
  }

  /** The certificates of all authorities. */
  List<X509Certificate> readAuthorities() throws EgressException {
    List<X509Certificate> all = new ArrayList<>();
    for (Path file : authorities) {
      all.addAll(certificates(file));
    }
    return all;
  }

  /** The client certificate and its chain. */
  List<X509Certificate> readChain() throws EgressException {
    return certificates(certificate);
  }

  /** The certificates of a file, at least one, in their order. */
  private static List<X509Certificate> certificates(Path file) throws EgressException {
    try (InputStream in = Files.newInputStream(file)) {
      List<X509Certificate> certificates =
          CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (certificates.isEmpty()) {
        throw new EgressException(file + " holds no certificate in PEM form");
      }
      return certificates;
    } catch (GeneralSecurityException e) {
      throw new EgressException(file + " holds no certificates in PEM form", e);
    } catch (EgressException e) {
      throw e;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The key of the client certificate, which belongs to it. */
  PrivateKey readKey() throws EgressException {
    Matcher found;
    try {
      found = PRIVATE_KEY.matcher(Files.readString(key, StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw unreadable(key, e);
    }
    if (!found.find()) {
      throw new EgressException(key + " holds no private key in PEM form");
    }
    if (!found.group(1).equals("PRIVATE KEY")) {
      throw new EgressException(
          key
              + " must begin with -----BEGIN PRIVATE KEY-----; this makes it so: openssl pkcs8 -topk8 -nocrypt -in "
              + key
              + " -out new.pem");
    }
    try {
      return decode(Base64.getMimeDecoder().decode(found.group(2)));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new EgressException(key + " holds no RSA, EC or EdDSA key");
    }
  }

  private static PrivateKey decode(byte[] pkcs8) throws GeneralSecurityException {
    GeneralSecurityException last = null;
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      } catch (GeneralSecurityException e) {
        last = e;
      }
    }
    throw last;
  }

  private static EgressException unreadable(Path file, IOException e) {
    return new EgressException(
        e instanceof NoSuchFileException
            ? "there is no file " + file
            : file + " cannot be read: " + e.getMessage(),
        e);
  }
}
