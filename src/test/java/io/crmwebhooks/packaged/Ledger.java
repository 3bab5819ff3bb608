package io.crmwebhooks.packaged;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * A receiver's books: which change reached which path, whether what came again was the same, and
 * whether newer changes of a record were accepted before older ones. The elements of an array count
 * as requests of their own, in their order. It accepts most requests, but now and then answers 500,
 * resets the connection or takes long. A part of it is behind a {@link Gateway}. Thread-safe.
 */
public final class Ledger implements LoopServer.Handler {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern CHANGE = Pattern.compile("\"n\":(\\d+)(?:,\"of\":\"([^\"]+)\")?");

  /** A change, by the number in its record, at one path. */
  public record Entry(String path, int number) {}

  private record First(String id, byte[] body) {}

  private final Random random;
  private final Gateway gateway;
  private final Map<Entry, First> firsts = new HashMap<>();
  private final Map<Entry, Integer> accepted = new HashMap<>(); // to the life that sent it last
  private final Map<String, Integer> newestOf = new HashMap<>(); // by path and record
  private final Map<String, Integer> lastOf = new HashMap<>();
  private final List<Entry> overtaken = new ArrayList<>();
  private int life;
  private int repeats;
  private int needless;
  private final List<String> differences = new ArrayList<>();

  public Ledger(long seed) {
    random = new Random(seed);
    gateway = new Gateway(random);
  }

  @Override
  public synchronized Answer handle(Request request) {
    Answer refused = gateway.answer(request);
    if (refused != null) {
      return refused;
    }
    List<Request> events = events(request);
    events.forEach(this::note);
    Answer answer = answer();
    if (answer.status() == 200) {
      events.forEach(event -> accept(note(event), event));
    }
    return answer;
  }

  /** As if each element of an array had come by itself, with its id. */
  private static List<Request> events(Request request) {
    byte[] text = text(request);
    if (text.length == 0 || text[0] != '[') {
      return List.of(request);
    }
    try {
      List<Request> events = new ArrayList<>();
      for (JsonNode element : JSON.readTree(text)) {
        Map<String, String> headers = Map.of("webhook-id", element.path("id").asText());
        byte[] body = element.toString().getBytes(StandardCharsets.UTF_8);
        events.add(new Request(request.path(), headers, body));
      }
      return events;
    } catch (IOException e) {
      throw new UncheckedIOException("no JSON came", e);
    }
  }

  private static byte[] text(Request request) {
    if (!"gzip".equals(request.header("content-encoding"))) {
      return request.body();
    }
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(request.body()))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("it is not compressed as it says", e);
    }
  }

  /** Takes a request that its server has accepted already. */
  public synchronized void accept(Request request) {
    events(request).forEach(event -> accept(note(event), event));
  }

  private Entry note(Request request) {
    Entry entry = new Entry(request.path(), number(request));
    First came = new First(request.header("webhook-id"), request.body());
    First first = firsts.putIfAbsent(entry, came);
    if (first != null && !(first.id.equals(came.id) && Arrays.equals(first.body, came.body))) {
      differences.add(entry + ": " + text(first) + " came again as " + text(came));
    }
    return entry;
  }

  private void accept(Entry entry, Request request) {
    Integer before = accepted.put(entry, life);
    repeats += before == null ? 0 : 1;
    needless += before != null && before == life ? 1 : 0;
    Matcher matcher = matcher(request);
    if (matcher.find() && matcher.group(2) != null) {
      String record = entry.path() + ' ' + matcher.group(2);
      lastOf.put(record, entry.number());
      int newest = newestOf.merge(record, entry.number(), Math::max);
      if (before == null && newest > entry.number()) {
        overtaken.add(entry);
      }
    }
  }

  /** Notes that a new process sends from now on. */
  public synchronized void nextLife() {
    life++;
  }

  private static Matcher matcher(Request request) {
    return CHANGE.matcher(new String(request.body(), StandardCharsets.UTF_8));
  }

  private static int number(Request request) {
    Matcher matcher = matcher(request);
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : -1;
  }

  private Answer answer() {
    return switch (random.nextInt(1000)) {
      case 0 -> Answer.okAfter(700);
      case 1, 2, 3, 4, 5 -> Answer.RESET;
      case 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 -> Answer.ERROR;
      default -> Answer.OK;
    };
  }

  private static String text(First request) {
    return request.id + " " + new String(request.body, StandardCharsets.UTF_8);
  }

  /** How many entries have been accepted. */
  public synchronized int reached() {
    return accepted.size();
  }

  /** How many acceptances were of something accepted before. */
  public synchronized int repeats() {
    return repeats;
  }

  /** How many of the repeats no kill explains, because the same process had sent the first. */
  public synchronized int needless() {
    return needless;
  }

  /** Requests that were not the same as the first of their entry, in words. */
  public synchronized List<String> differences() {
    return List.copyOf(differences);
  }

  /**
   * The changes that the path accepted for the first time after a newer change of the same record.
   */
  public synchronized List<Entry> overtaken(String path) {
    return overtaken.stream().filter(entry -> entry.path().equals(path)).toList();
  }

  /** The records of which the path accepted, last of all, something else than the newest change. */
  public synchronized List<String> stale(String path) {
    return lastOf.entrySet().stream()
        .filter(last -> last.getKey().startsWith(path + ' '))
        .filter(last -> last.getValue() < newestOf.get(last.getKey()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The ids that came, one an entry unless something is wrong. */
  public synchronized long ids() {
    return firsts.values().stream().map(First::id).distinct().count();
  }

  /** All that came, accepted or not. */
  public synchronized Set<Entry> entries() {
    return new HashSet<>(firsts.keySet());
  }

  /** All that has been accepted. */
  public synchronized Set<Entry> accepted() {
    return new HashSet<>(accepted.keySet());
  }

  /** How many access tokens were given. */
  public synchronized int tokens() {
    return gateway.given();
  }
}
