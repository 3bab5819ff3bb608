package io.crmwebhooks.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** Accepts connections until it is closed, and behaves with each, byte by byte, as it is told. */
final class RawReceiver implements AutoCloseable {
  /** The work of a receiver on a connection, which is closed when this returns. */
  interface Behaviour {
    void with(Talk talk) throws IOException;
  }

  private final SSLContext tls;
  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger connections = new AtomicInteger();
  private final List<String> requests = new CopyOnWriteArrayList<>();

  /**
   * @param tls null: none
   */
  RawReceiver(SSLContext tls, Behaviour behaviour) throws IOException {
    this.tls = tls;
    threads.submit(
        () -> {
          while (true) {
            Socket socket = server.accept();
            socket.setTcpNoDelay(true); // else a reset overtakes what was said before it
            connections.incrementAndGet();
            threads.submit(
                () -> {
                  try (socket) {
                    behaviour.with(new Talk(socket));
                  }
                  return null;
                });
          }
        });
  }

  RawReceiver(Behaviour behaviour) throws IOException {
    this(null, behaviour);
  }

  String url() {
    return (tls == null ? "http" : "https") + "://127.0.0.1:" + port() + "/";
  }

  int port() {
    return server.getLocalPort();
  }

  int connections() {
    return connections.get();
  }

  /** As they came, each until its "{}". */
  List<String> requests() {
    return requests;
  }

  /** One connection. It is always closed without a close_notify. */
  final class Talk {
    final Socket plain;
    private final Socket socket;

    Talk(Socket plain) throws IOException {
      this.plain = plain;
      if (tls == null) {
        socket = plain;
      } else {
        SSLSocket layered =
            (SSLSocket) tls.getSocketFactory().createSocket(plain, null, port(), false);
        layered.setUseClientMode(false);
        socket = layered;
      }
    }

    /** Reads all of a request, else closing the connection would reset it. */
    String read() throws IOException {
      return readUntil("{}");
    }

    /** As {@link #read()}, of a request with another end. */
    String readUntil(String end) throws IOException {
      StringBuilder request = new StringBuilder();
      while (request.indexOf(end) < 0) {
        int next = socket.getInputStream().read();
        if (next < 0) {
          throw new IOException("the sender is gone");
        }
        request.append((char) next);
      }
      requests.add(request.toString());
      return request.toString();
    }

    int read(byte[] bytes) throws IOException {
      return socket.getInputStream().readNBytes(bytes, 0, bytes.length);
    }

    void say(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
    }

    /** Says nothing more until the sender hangs up. */
    void hold() throws IOException {
      plain.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    threads.shutdownNow();
  }
}
