package io.crmwebhooks;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Sends requests of which each byte is the test's own, one after the other on a connection that is
 * kept alive as long as the server likes. Used by one thread.
 */
final class RawHttp implements AutoCloseable {
  private static final int MILLIS = 30_000;

  /** An answer; header names in lower case. */
  record Answer(int status, Map<String, String> headers, byte[] body) {}

  private final InetSocketAddress server;
  private Socket socket;
  private InputStream in;

  RawHttp(InetSocketAddress server) {
    this.server = server;
  }

  /**
   * @param head up to the empty line, without the line end of the last header
   */
  Answer send(String method, String head, byte[] body) throws IOException {
    boolean reused = socket != null;
    try {
      return exchange(method, head, body);
    } catch (IOException e) {
      close();
      if (!reused) {
        throw e;
      }
      return exchange(method, head, body); // the server has ended the connection meanwhile
    }
  }

  private Answer exchange(String method, String head, byte[] body) throws IOException {
    if (socket == null) {
      socket = new Socket();
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(MILLIS);
      socket.connect(server, MILLIS);
      in = new BufferedInputStream(socket.getInputStream());
    }
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes((head + "\r\n\r\n").getBytes(ISO_8859_1));
    request.writeBytes(body);
    OutputStream out = socket.getOutputStream();
    try {
      out.write(request.toByteArray());
    } catch (IOException e) {
      // it may have answered before it has read all
    }
    String[] status = line().split(" ", 3);
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      String[] halves = line.split(":", 2);
      headers.put(halves[0].toLowerCase(Locale.ROOT), halves[1].trim());
    }
    Answer answer = new Answer(Integer.parseInt(status[1]), headers, body(method, headers));
    if ("close".equalsIgnoreCase(headers.get("connection"))) {
      close();
    }
    return answer;
  }

  private byte[] body(String method, Map<String, String> headers) throws IOException {
    if (method.equals("HEAD")) {
      return new byte[0];
    }
    if (!"chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
      return in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int size = -1; size != 0; ) {
      size = Integer.parseInt(line(), 16);
      body.writeBytes(in.readNBytes(size));
      line();
    }
    return body.toByteArray();
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the connection ended after: " + line);
      }
      line.append((char) c);
    }
    return line.toString().stripTrailing();
  }

  @Override
  public void close() throws IOException {
    if (socket != null) {
      socket.close();
      socket = null;
    }
  }
}
