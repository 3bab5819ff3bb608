package io.crmwebhooks;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.apache.camel.util.IOHelper;

/**
 * A proxy on loopback, one request a connection. It leads every host to 127.0.0.1, as a proxy that
 * resolves names by itself would, and keeps the heads of the requests that it got.
 */
public final class TestProxy implements AutoCloseable {
  private final ServerSocket server;
  private final Function<String, String> refusal;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> heads = new CopyOnWriteArrayList<>();
  private final List<String> clients = new CopyOnWriteArrayList<>();

  private TestProxy(ServerSocket server, Function<String, String> refusal) {
    this.server = server;
    this.refusal = refusal;
    if (server instanceof SSLServerSocket tls) {
      tls.setWantClientAuth(true);
    }
    threads.submit(this::serve);
  }

  /**
   * Starts one.
   *
   * @param refusal a response instead of the target's, by the head of the request; null: none
   */
  public static TestProxy start(ServerSocketFactory sockets, Function<String, String> refusal) {
    try {
      return new TestProxy(
          sockets.createServerSocket(0, 50, InetAddress.getByName("127.0.0.1")), refusal);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static TestProxy start() {
    return start(ServerSocketFactory.getDefault(), head -> null);
  }

  public int port() {
    return server.getLocalPort();
  }

  public List<String> heads() {
    return heads;
  }

  /** Whom client certificates named, "nobody" where there was none; of connections over TLS. */
  public List<String> clients() {
    return clients;
  }

  private static String nameOf(SSLSession session) {
    try {
      return session.getPeerPrincipal().getName();
    } catch (SSLPeerUnverifiedException e) {
      return "nobody";
    }
  }

  private void serve() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        threads.submit(() -> handle(client));
      } catch (IOException e) {
        // closed, or a client that has gone
      }
    }
  }

  private Void handle(Socket client) throws IOException {
    try (client) {
      String head = head(client.getInputStream());
      heads.add(head);
      if (client instanceof SSLSocket tls) {
        clients.add(nameOf(tls.getSession()));
      }
      OutputStream out = client.getOutputStream();
      String refused = refusal.apply(head);
      if (refused != null) {
        out.write(refused.getBytes(StandardCharsets.US_ASCII));
        return null;
      }
      String[] words = head.split("[ \r\n]+", 3);
      boolean tunnel = words[0].equals("CONNECT");
      String authority = tunnel ? words[1] : words[1].replaceFirst("http://([^/]*).*", "$1");
      int port = Integer.parseInt(authority.substring(authority.lastIndexOf(':') + 1));
      try (Socket target = new Socket("127.0.0.1", port)) {
        if (tunnel) {
          out.write("HTTP/1.1 200 Connected\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        } else {
          String path = words[1].replaceFirst("http://[^/]*", "");
          String forwarded = head.replace(words[1], path).replace("keep-alive", "close");
          target.getOutputStream().write(forwarded.getBytes(StandardCharsets.US_ASCII));
        }
        threads.submit(() -> copy(client.getInputStream(), target.getOutputStream()));
        copy(target.getInputStream(), out);
      }
    }
    return null;
  }

  private static Void copy(InputStream in, OutputStream out) throws IOException {
    in.transferTo(out);
    return null;
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    for (int c = in.read(); c >= 0; c = in.read()) {
      head.append((char) c);
      if (head.length() >= 4 && head.substring(head.length() - 4).equals("\r\n\r\n")) {
        break;
      }
    }
    return head.toString();
  }

  @Override
  public void close() {
    IOHelper.close(server);
    threads.shutdownNow();
  }
}
