package io.crmwebhooks.faults;

import io.crmwebhooks.packaged.Answer;
import io.crmwebhooks.packaged.Gateway;
import io.crmwebhooks.packaged.Ledger;
import io.crmwebhooks.packaged.MixedWebhook;
import io.crmwebhooks.packaged.Request;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * A receiver that answers as its ledger says, and is rude to as many requests as it is told to. A
 * thread a connection. Thread-safe.
 */
final class RudeServer implements AutoCloseable {
  private static final String OK = "HTTP/1.1 200 OK\r\n";
  private static final String EMPTY = "Content-Length: 0\r\n\r\n";
  private static final int LARGEST_HEAD = 8192;
  private static final int MEGABYTE = 1 << 20;
  private static final int LATENCY_MILLIS = 5; // so that there is mostly something in flight

  /** Of senders that read an answer to its end. */
  private static final Set<String> WHOLE_WANTED = Set.of(Gateway.TOKENS, MixedWebhook.ROUTE.path());

  private final Ledger ledger;
  private final Random random;
  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final Map<Rudeness, Integer> done = new EnumMap<>(Rudeness.class);
  private double share;

  private RudeServer(Ledger ledger, long seed) throws IOException {
    this.ledger = ledger;
    this.random = new Random(seed);
    this.listener = new ServerSocket(0, 1000, InetAddress.getByName("127.0.0.1"));
  }

  static RudeServer start(Ledger ledger, long seed) throws IOException {
    RudeServer server = new RudeServer(ledger, seed);
    run(server::accept);
    return server;
  }

  String url(String path) {
    return "http://127.0.0.1:" + listener.getLocalPort() + path;
  }

  /**
   * @param share of the requests that it is rude to, from 0 to 1
   */
  synchronized void beRude(double share) {
    this.share = share;
  }

  /** How often it was rude in each way. */
  synchronized Map<Rudeness, Integer> done() {
    return new EnumMap<>(done);
  }

  /** The treatment of the next request; null: the ledger decides. */
  private synchronized Rudeness next() {
    if (random.nextDouble() >= share) {
      return null;
    }
    Rudeness chosen = Rudeness.values()[random.nextInt(Rudeness.values().length)];
    done.merge(chosen, 1, Integer::sum);
    return chosen;
  }

  private static void run(Runnable task) {
    Thread thread = new Thread(task, "rude-server");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        sockets.add(socket);
        run(() -> converse(socket));
      } catch (IOException e) {
        // closed
      }
    }
  }

  private void converse(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream(), LARGEST_HEAD);
      boolean open = true;
      while (open) {
        in.mark(1);
        if (in.read() < 0) {
          return;
        }
        in.reset();
        open = answer(socket, in, next());
      }
    } catch (IOException e) {
      // the sender is gone
    } finally {
      sockets.remove(socket);
    }
  }

  /** Says whether the connection goes on. */
  private boolean answer(Socket socket, InputStream in, Rudeness chosen) throws IOException {
    if (chosen == Rudeness.HANG_UP) {
      return false;
    }
    Map<String, String> head = readHead(in);
    boolean wholeWanted = WHOLE_WANTED.contains(head.get("")) && chosen != null;
    Rudeness rudeness = wholeWanted && chosen.acceptsByHead() ? null : chosen;
    OutputStream out = socket.getOutputStream();
    if (rudeness == Rudeness.EARLY) {
      synchronized (ledger) { // what this answer leads to is noted after it
        write(out, OK + EMPTY);
        ledger.accept(readBody(in, head));
      }
      return true;
    }
    Request request = readBody(in, head);
    if (rudeness == Rudeness.ERROR) {
      write(out, "HTTP/1.1 503 -\r\n" + EMPTY);
      return true;
    }
    if (rudeness == Rudeness.RESET) {
      return reset(socket);
    }
    if (rudeness == Rudeness.SILENCE) {
      in.transferTo(OutputStream.nullOutputStream()); // until the sender goes
      return false;
    }
    Answer answer = ledger.handle(request);
    LockSupport.parkNanos((LATENCY_MILLIS + answer.delayMillis()) * 1_000_000);
    if (answer.status() < 0) {
      return reset(socket);
    }
    if (answer.status() != 200 || rudeness == null || rudeness == Rudeness.CLOSE_UNANNOUNCED) {
      out.write(answer.bytes());
      return rudeness == null;
    }
    switch (rudeness) { // a complete head has accepted it, whatever follows
      case ENORMOUS -> enormous(out);
      case TRICKLE -> trickle(out);
      case BROKEN_CHUNK -> write(out, OK + "Transfer-Encoding: chunked\r\n\r\nno length\r\n");
      default -> {
        write(out, OK + "Content-Length: 10\r\n\r\nhello");
        socket.shutdownOutput();
        in.transferTo(OutputStream.nullOutputStream());
      }
    }
    return false;
  }

  private static boolean reset(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
    return false;
  }

  private static void enormous(OutputStream out) throws IOException {
    write(out, OK + "Content-Length: " + 100 * MEGABYTE + "\r\n\r\n");
    byte[] megabyte = new byte[MEGABYTE];
    for (int i = 0; i < 100; i++) {
      out.write(megabyte);
    }
  }

  private void trickle(OutputStream out) throws IOException {
    write(out, OK + "Content-Length: " + MEGABYTE + "\r\n\r\n");
    while (!listener.isClosed()) { // else the sender ends it by going
      out.write('x');
      LockSupport.parkNanos(50_000_000);
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** The headers, and the path under an empty name. */
  private static Map<String, String> readHead(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || head.lastIndexOf("\r\n\r\n") != head.length() - 4) {
      int next = in.read();
      if (next < 0 || head.length() > LARGEST_HEAD) {
        throw new EOFException();
      }
      head.append((char) next);
    }
    String[] lines = head.toString().split("\r\n");
    Map<String, String> headers = new HashMap<>(Map.of("", lines[0].split(" ")[1]));
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      headers.put(
          lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
          lines[i].substring(colon + 1).trim());
    }
    return headers;
  }

  private static Request readBody(InputStream in, Map<String, String> head) throws IOException {
    int length = Integer.parseInt(head.getOrDefault("content-length", "0"));
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException();
    }
    return new Request(head.get(""), head, body);
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      // closed is closed
    }
  }
}
