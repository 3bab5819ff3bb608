package io.crmwebhooks.packaged;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * An HTTP/1.1 server on loopback that takes as little of the machine as it can: one thread, kept-
 * alive connections, small requests with a length, empty answers. The handler runs on that thread.
 */
public final class LoopServer implements AutoCloseable {
  private static final int BACKLOG = 4096;

  /** Decides about a request. */
  public interface Handler {
    Answer handle(Request request);
  }

  private record Due(long nanos, Connection connection, Answer answer) {}

  private final Handler handler;
  private final Selector selector;
  private final ServerSocketChannel listener;
  private final PriorityQueue<Due> waiting =
      new PriorityQueue<>(Comparator.comparingLong(Due::nanos));
  private final Thread thread = new Thread(this::loop, "loop-server");
  private volatile boolean closed;

  private LoopServer(Handler handler) throws IOException {
    this.handler = handler;
    selector = Selector.open();
    listener = ServerSocketChannel.open();
    listener.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), BACKLOG);
    listener.configureBlocking(false);
    listener.register(selector, SelectionKey.OP_ACCEPT);
  }

  public static LoopServer start(Handler handler) {
    try {
      LoopServer server = new LoopServer(handler);
      server.thread.setDaemon(true);
      server.thread.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String url(String path) {
    return "http://127.0.0.1:" + listener.socket().getLocalPort() + path;
  }

  private void loop() {
    try {
      while (!closed) {
        selector.select(this::ready, patience());
        answerWhatIsDue();
      }
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Milliseconds until the next answer is due; 0 waits for ever. */
  private long patience() {
    Due next = waiting.peek();
    return next == null ? 0 : Math.max(1, (next.nanos - System.nanoTime()) / 1_000_000);
  }

  private void answerWhatIsDue() {
    while (!waiting.isEmpty() && waiting.peek().nanos - System.nanoTime() <= 0) {
      Due due = waiting.poll();
      answer(due.connection, due.answer);
    }
  }

  private void ready(SelectionKey key) {
    if (key.isAcceptable()) {
      accept();
    } else {
      read((Connection) key.attachment());
    }
  }

  private void accept() {
    try {
      for (SocketChannel channel = listener.accept();
          channel != null;
          channel = listener.accept()) {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.register(selector, SelectionKey.OP_READ, new Connection(channel));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read(Connection connection) {
    try {
      Request request = connection.read();
      if (request != null) {
        Answer answer = handler.handle(request);
        if (answer.delayMillis() == 0) {
          answer(connection, answer);
        } else {
          long due = System.nanoTime() + answer.delayMillis() * 1_000_000;
          waiting.add(new Due(due, connection, answer));
        }
      }
    } catch (IOException e) { // the sender is gone
      connection.close();
    }
  }

  private static void answer(Connection connection, Answer answer) {
    try {
      connection.answer(answer);
    } catch (IOException e) { // the sender is gone
      connection.close();
    }
  }

  @Override
  public void close() {
    closed = true;
    selector.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
