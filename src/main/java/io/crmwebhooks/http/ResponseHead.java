package io.crmwebhooks.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentLengthStrategy;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.apache.hc.core5.http.message.BasicHeader;

/**
 * The head of a response, read byte by byte and leniently: a status line and an empty line are a
 * complete head with any lines between them. It is bounded as a whole, including informational
 * heads before it. Only its important parts are kept, so that many receivers together cannot fill
 * the memory. Not thread-safe.
 */
final class ResponseHead {
  /** Bytes of all heads of one response together. */
  static final int LIMIT = 32 * 1024;

  private static final int KEPT = 4 * 1024;
  private static final int KEPT_OF_LINE = 1024;
  private static final int SHOWN = 60;
  private static final String HTTP = "HTTP/";
  private static final String ACCEPTED = "HTTP/1.1 200 ";
  private static final Pattern STATUS_LINE =
      Pattern.compile(
          "HTTP/([01])(?:\\.(\\d+))?[ \t]+([1-9]\\d\\d)(?:[ \t].*)?",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private static final Set<String> WANTED =
      Set.of(
          "connection content-length keep-alive location retry-after transfer-encoding".split(" "));

  private final boolean keepsAll;
  private final StringBuilder line = new StringBuilder(128);
  private final List<Header> headers = new ArrayList<>();
  private int read;
  private int kept;
  private boolean lastIsKept;
  private boolean cut;
  private int status; // 0: there is no status line yet
  private boolean isHttp; // as far as the name of the protocol goes
  private boolean newerThan10;
  private boolean complete;

  /**
   * @param keepsAll whether all headers are to be shown
   */
  ResponseHead(boolean keepsAll) {
    this.keepsAll = keepsAll;
  }

  /** Whether any byte has come. */
  boolean hasBegun() {
    return read > 0;
  }

  boolean isComplete() {
    return complete;
  }

  /**
   * Takes the next byte.
   *
   * @param last whether nothing more has come so far
   * @throws MessageConstraintException when the head is too long
   * @throws ProtocolException when this is not HTTP
   */
  void take(int next, boolean last) throws MessageConstraintException, ProtocolException {
    if (++read > LIMIT) {
      throw new MessageConstraintException("its head is longer than " + LIMIT / 1024 + " KiB");
    }
    if (next == '\n') {
      endLine();
    } else if (line.length() < (keepsAll ? LIMIT : KEPT_OF_LINE)) {
      line.append((char) next);
    }
    if (status == 0
        && !isHttp
        && !isHttpSoFar()
        && (last || next == '\n' || line.length() >= SHOWN)) {
      throw new ProtocolException(foreign());
    }
  }

  private boolean isHttpSoFar() {
    if (line.length() == 1 && line.charAt(0) == '\r') {
      return true; // an empty line may stand before the status line
    }
    int length = Math.min(line.length(), HTTP.length());
    for (int i = 0; i < length; i++) {
      if (Character.toUpperCase(line.charAt(i)) != HTTP.charAt(i)) {
        return false;
      }
    }
    isHttp = length == HTTP.length();
    return true;
  }

  private String foreign() {
    if (line.length() > 1 && line.charAt(0) == 0x15 && line.charAt(1) == 3) {
      return "it is TLS, so the URL must begin with https://";
    }
    String shown = line.substring(0, Math.min(line.length(), SHOWN)).replaceAll("[^ -~]", ".");
    return "it begins with \"" + shown + "\"";
  }

  private void endLine() throws ProtocolException {
    if (line.length() > 0 && line.charAt(line.length() - 1) == '\r') {
      line.setLength(line.length() - 1);
    }
    if (status == 0) {
      if (line.length() > 0) {
        readStatus();
        line.setLength(0);
      }
      return;
    }
    if (line.length() > 0) {
      readHeader();
    } else if (status < HttpStatus.SC_OK && status != HttpStatus.SC_SWITCHING_PROTOCOLS) {
      status = 0; // informational: the answer follows
      isHttp = false;
      headers.clear();
      kept = 0;
      cut = false;
    } else {
      complete = true;
    }
    line.setLength(0);
  }

  private void readStatus() throws ProtocolException {
    lastIsKept = false;
    if (line.indexOf(ACCEPTED) == 0) { // the usual line, without the pattern
      status = HttpStatus.SC_OK;
      newerThan10 = true;
      return;
    }
    Matcher matcher = STATUS_LINE.matcher(line);
    if (!matcher.matches()) {
      throw new ProtocolException(foreign());
    }
    status = Integer.parseInt(matcher.group(3));
    newerThan10 = matcher.group(1).equals("1") && !"0".equals(matcher.group(2));
  }

  private void readHeader() {
    if (line.charAt(0) == ' ' || line.charAt(0) == '\t') {
      if (lastIsKept) { // it goes on with the header before it
        Header last = headers.remove(headers.size() - 1);
        keep(last.getName(), last.getValue() + ' ' + line.toString().trim());
      }
      return;
    }
    int colon = line.indexOf(":");
    String name = colon < 0 ? "" : line.substring(0, colon).trim();
    lastIsKept = !name.isEmpty() && (keepsAll || WANTED.contains(name.toLowerCase(Locale.ROOT)));
    if (lastIsKept) {
      keep(name, line.substring(colon + 1).trim());
    }
  }

  private void keep(String name, String value) {
    kept += name.length() + value.length();
    lastIsKept = keepsAll || kept <= KEPT;
    cut |= !lastIsKept;
    if (lastIsKept) {
      headers.add(new BasicHeader(name, value));
    }
  }

  /** The response of the HTTP client for this head; without a body yet. */
  ClassicHttpResponse toResponse() {
    BasicClassicHttpResponse response = new BasicClassicHttpResponse(status, "");
    response.setVersion(newerThan10 ? HttpVersion.HTTP_1_1 : HttpVersion.HTTP_1_0);
    response.setHeaders(headers.toArray(Header[]::new));
    return response;
  }

  /**
   * The length of the body, in the notation of {@link ContentLengthStrategy}.
   *
   * @param unclear the message when the head contradicts itself
   */
  long bodyLength(long unclear) {
    List<String> codings = values(HttpHeaders.TRANSFER_ENCODING);
    if (!codings.isEmpty()) {
      boolean chunked = codings.get(codings.size() - 1).equalsIgnoreCase("chunked");
      return chunked ? ContentLengthStrategy.CHUNKED : unclear;
    }
    List<String> lengths = values(HttpHeaders.CONTENT_LENGTH);
    if (lengths.isEmpty()) {
      return cut ? unclear : ContentLengthStrategy.UNDEFINED;
    }
    String length = lengths.get(0);
    boolean clear = !length.isEmpty() && length.length() <= 18;
    clear &= length.chars().allMatch(c -> c >= '0' && c <= '9');
    clear &= lengths.size() == 1 || lengths.stream().allMatch(length::equals);
    return clear ? Long.parseLong(length) : unclear;
  }

  /** Whether the connection may be used again, if its body ends where the head says. */
  boolean keepsAlive() {
    List<String> tokens = values(HttpHeaders.CONNECTION);
    boolean wanted = newerThan10;
    for (String token : tokens) {
      wanted |= token.equalsIgnoreCase("keep-alive");
    }
    for (String token : tokens) {
      wanted &= !token.equalsIgnoreCase("close");
    }
    List<String> codings = values(HttpHeaders.TRANSFER_ENCODING);
    List<String> lengths = values(HttpHeaders.CONTENT_LENGTH);
    boolean hasNoBody = status == HttpStatus.SC_NO_CONTENT || status == HttpStatus.SC_NOT_MODIFIED;
    boolean clear =
        codings.isEmpty()
            ? lengths.size() == 1 || (lengths.isEmpty() && hasNoBody)
            : codings.size() == 1 && lengths.isEmpty() && newerThan10;
    return wanted && clear && !cut;
  }

  /** The elements of all headers of this name, in their order. */
  private List<String> values(String name) {
    List<String> values = List.of();
    for (Header header : headers) {
      if (header.getName().equalsIgnoreCase(name)) {
        values = values.isEmpty() ? new ArrayList<>(2) : values;
        if (header.getValue().indexOf(',') < 0) {
          values.add(header.getValue());
        } else {
          for (String value : header.getValue().split(",", -1)) {
            values.add(value.trim());
          }
        }
      }
    }
    return values;
  }
}
