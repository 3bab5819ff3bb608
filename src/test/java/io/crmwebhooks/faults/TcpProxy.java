package io.crmwebhooks.faults;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands between a client and a server on loopback and can come between them: by passing on nothing
 * for a while, which nobody notices but by the silence, or by refusing all connections.
 * Thread-safe.
 */
final class TcpProxy implements AutoCloseable {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private final InetSocketAddress server;
  private final int port;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private ServerSocket listener;
  private boolean silent;

  private TcpProxy(int serverPort, int port) {
    this.server = new InetSocketAddress(LOOPBACK, serverPort);
    this.port = port;
  }

  static TcpProxy to(int serverPort) throws IOException {
    TcpProxy proxy = new TcpProxy(serverPort, freePort());
    proxy.open();
    return proxy;
  }

  /** Below those that outgoing connections get, one of which might take it while it is refused. */
  private static int freePort() throws IOException {
    Random random = new Random();
    for (int i = 0; i < 100; i++) {
      try (ServerSocket free = new ServerSocket(15_000 + random.nextInt(15_000), 1, LOOPBACK)) {
        return free.getLocalPort();
      } catch (IOException taken) {
        // the next one
      }
    }
    throw new IOException("no free port");
  }

  int port() {
    return port;
  }

  /** From now on nothing is passed on; what was sent meanwhile is when it ends. */
  synchronized void silence() {
    silent = true;
  }

  /** From now on connections are refused; those that are open are reset. */
  synchronized void refuse() {
    close(listener);
    sockets.forEach(TcpProxy::reset);
    sockets.clear();
  }

  /** Ends whatever has come between. */
  synchronized void open() {
    silent = false;
    notifyAll();
    if (listener == null || listener.isClosed()) {
      listener =
          await()
              .atMost(Duration.ofSeconds(10))
              .ignoreException(IOException.class)
              .until(this::listen, bound -> true);
      ServerSocket opened = listener;
      start(() -> accept(opened));
    }
  }

  private ServerSocket listen() throws IOException {
    ServerSocket opened = new ServerSocket();
    opened.setReuseAddress(true);
    opened.bind(new InetSocketAddress(LOOPBACK, port), 200);
    return opened;
  }

  private void accept(ServerSocket from) {
    while (!from.isClosed()) {
      try {
        Socket client = from.accept();
        Socket upstream = new Socket();
        sockets.add(client);
        sockets.add(upstream);
        start(() -> connect(client, upstream));
      } catch (IOException e) {
        // closed
      }
    }
  }

  private void connect(Socket client, Socket upstream) {
    try {
      upstream.connect(server, 5000);
      client.setTcpNoDelay(true);
      upstream.setTcpNoDelay(true);
      start(() -> pump(upstream, client));
      pump(client, upstream);
    } catch (IOException e) {
      end(client, upstream);
    }
  }

  private void pump(Socket from, Socket to) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] bytes = new byte[16 * 1024];
      for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
        awaitEndOfSilence();
        out.write(bytes, 0, n);
      }
    } catch (IOException e) {
      // one of them is gone
    } finally {
      end(from, to);
    }
  }

  private synchronized void awaitEndOfSilence() throws IOException {
    try {
      while (silent) {
        wait();
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private void end(Socket one, Socket other) {
    sockets.remove(one);
    sockets.remove(other);
    close(one);
    close(other);
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "tcp-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
    } catch (IOException e) {
      // closed already
    }
    close(socket);
  }

  private static void close(AutoCloseable socket) {
    try {
      socket.close();
    } catch (Exception e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }

  @Override
  public synchronized void close() {
    silent = false;
    notifyAll();
    refuse();
  }
}
