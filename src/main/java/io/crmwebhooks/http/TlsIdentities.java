package io.crmwebhooks.http;

import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS identities: the default one of the settings, and one for each subfolder of {@code
 * webhooks.egress.tls.folder}, by its name. Keys stay in their files and never reach the database.
 * Files that change are read again within {@link #LOOK_AGAIN_MILLIS}. Thread-safe.
 */
public final class TlsIdentities implements TlsSocketStrategy {
  /** At most this long a connection may still be made with the former state of the files. */
  static final long LOOK_AGAIN_MILLIS = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(TlsIdentities.class);
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final String DEFAULT = "";

  private record Loaded(TlsIdentity identity, List<Object> stamp, long lookedAt) {}

  private final TlsFiles defaults;
  private final Path folder;
  private final InstantSource clock;
  private final Map<String, Loaded> loaded = new ConcurrentHashMap<>();

  TlsIdentities(TlsFiles defaults, Path folder, InstantSource clock) {
    this.defaults = defaults;
    this.folder = folder;
    this.clock = clock;
  }

  /**
   * Reads the default identity.
   *
   * @throws StartupException when a file that the settings name cannot be used
   */
  public static TlsIdentities open(Settings settings, Clock clock) {
    Path authority = settings.file("webhooks.egress.tls.ca");
    Path certificate = settings.file("webhooks.egress.tls.certificate");
    Path key = settings.file("webhooks.egress.tls.key");
    if ((certificate == null) != (key == null)) {
      throw new StartupException(
          "webhooks.egress.tls.certificate and webhooks.egress.tls.key must be set together");
    }
    TlsIdentities identities =
        new TlsIdentities(
            new TlsFiles(authority == null ? List.of() : List.of(authority), certificate, key),
            Path.of(settings.text("webhooks.egress.tls.folder")),
            clock);
    try {
      identities.of(null);
    } catch (EgressException e) {
      throw new StartupException("webhooks.egress.tls: " + e.getMessage(), e);
    }
    return identities;
  }

  /**
   * Checks that there is an identity of this name.
   *
   * @throws IllegalArgumentException when there is none, or its files cannot be used
   */
  public void check(String name) {
    if (name.equals(DEFAULT)) {
      throw new IllegalArgumentException("must not be empty; null is the default TLS identity");
    }
    try {
      of(name);
    } catch (EgressException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /**
   * The identity of this name.
   *
   * @param name null: the default one
   * @throws EgressException when there is none, or its files cannot be used
   */
  public TlsIdentity of(String name) throws EgressException {
    String key = name == null ? DEFAULT : name;
    Loaded known = loaded.get(key);
    if (known != null && clock.millis() - known.lookedAt < LOOK_AGAIN_MILLIS) {
      return known.identity;
    }
    return look(key);
  }

  private synchronized TlsIdentity look(String name) throws EgressException {
    Loaded known = loaded.get(name);
    long now = clock.millis();
    if (known != null && now - known.lookedAt < LOOK_AGAIN_MILLIS) {
      return known.identity;
    }
    Loaded current;
    try {
      TlsFiles files = files(name);
      List<Object> stamp = files.stamp();
      TlsIdentity identity =
          known != null && known.stamp.equals(stamp)
              ? known.identity
              : TlsIdentity.load(name.equals(DEFAULT) ? "of the settings" : name, files);
      current = new Loaded(identity, stamp, now);
    } catch (EgressException e) {
      if (known == null) {
        throw e;
      }
      // Perhaps they are just being replaced; the files read last still hold.
      LOG.warn("tls.unreadable identity={} error=\"{}\"", name, e.getMessage());
      current = new Loaded(known.identity, known.stamp, now);
    }
    loaded.put(name, current);
    return current.identity;
  }

  /** Makes a TLS connection with the identity of the webhook; a proxy gets the default one. */
  @Override
  public SSLSocket upgrade(
      Socket socket, String target, int port, Object attachment, HttpContext context)
      throws IOException {
    DeliveryRequest delivery = DeliveryRequest.in(context);
    boolean toProxy = delivery.speaksTlsToProxy && !(socket instanceof SSLSocket);
    TlsIdentity identity = toProxy ? of(null) : delivery.owner().identity();
    delivery.enter("making the TLS handshake");
    try {
      SSLSocket made = identity.upgrade(socket, HostName.asSent(target), port, attachment, context);
      delivery.askedForCertificate = HandshakeNotes.askedForCertificate(made.getSession());
      return made;
    } catch (IOException e) {
      boolean broken = e instanceof SocketException || e.getCause() instanceof IOException;
      if (!broken || e instanceof SocketTimeoutException) {
        throw e;
      }
      throw (IOException) new SSLHandshakeException(TlsFailure.CLOSED).initCause(e);
    }
  }

  private TlsFiles files(String name) throws EgressException {
    if (name.equals(DEFAULT)) {
      return defaults;
    }
    if (!NAME.matcher(name).matches()) {
      throw new EgressException(
          "a TLS identity is named with letters, digits, '.', '_' and '-', not '" + name + "'");
    }
    Path own = folder.resolve(name);
    if (!Files.isDirectory(own)) {
      throw new EgressException("there is no TLS identity " + name + ": no folder " + own);
    }
    return defaults.overriddenBy(own);
  }
}
