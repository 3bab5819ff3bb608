package io.crmwebhooks.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The PEM files that one TLS identity is made of. The authorities are trusted besides those that
 * Java knows.
 *
 * @param authorities may be empty
 * @param certificate the client certificate with its chain; null: none, and then no key either
 * @param key of the certificate
 */
record TlsFiles(List<Path> authorities, Path certificate, Path key) {
  private static final String AUTHORITY = "ca.crt";
  private static final String CERTIFICATE = "tls.crt";
  private static final String KEY = "tls.key";

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
}
