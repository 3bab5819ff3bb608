package io.crmwebhooks.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and keys in PEM files. No message holds a part of a key. */
final class PemFiles {
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN ([A-Z ]*PRIVATE KEY)-----([^-]*)-----END \\1-----");
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

  private PemFiles() {}

  /** The certificates of a file, at least one, in their order. */
  static List<X509Certificate> certificates(Path file) throws EgressException {
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

  /** The private key of a file. */
  static PrivateKey key(Path file) throws EgressException {
    Matcher key;
    try {
      key = KEY.matcher(Files.readString(file, StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    if (!key.find()) {
      throw new EgressException(file + " holds no private key in PEM form");
    }
    if (!key.group(1).equals("PRIVATE KEY")) {
      throw new EgressException(
          file
              + " must begin with -----BEGIN PRIVATE KEY-----; this makes it so: openssl pkcs8 -topk8 -nocrypt -in "
              + file
              + " -out new.pem");
    }
    try {
      return decode(Base64.getMimeDecoder().decode(key.group(2)));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new EgressException(file + " holds no RSA, EC or EdDSA key");
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
