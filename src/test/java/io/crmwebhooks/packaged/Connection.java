package io.crmwebhooks.packaged;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

/** One kept-alive connection of a {@link LoopServer}: one request at a time, then its answer. */
final class Connection {
  private final SocketChannel channel;
  private ByteBuffer arrived = ByteBuffer.allocate(4096);

  Connection(SocketChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes what has arrived.
   *
   * @return the request, or null while it is not complete
   * @throws EOFException when the sender has closed the connection
   */
  Request read() throws IOException {
    if (!arrived.hasRemaining()) {
      int length = arrived.position();
      arrived = ByteBuffer.wrap(Arrays.copyOf(arrived.array(), 2 * length)).position(length);
    }
    if (channel.read(arrived) < 0) {
      throw new EOFException();
    }
    Request request = Request.parse(arrived);
    if (request != null) {
      arrived.clear();
    }
    return request;
  }

  /** Carries out an answer, whose delay is over. */
  void answer(Answer answer) throws IOException {
    if (answer.status() < 0) {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      channel.close();
    } else if (answer.status() > 0 && channel.isOpen()) {
      channel.write(ByteBuffer.wrap(answer.bytes()));
    }
  }

  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // It is gone all the same.
    }
  }
}
