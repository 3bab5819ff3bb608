package io.crmwebhooks.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** Compares JSON documents as a receiver in JavaScript sees them, and their keys' order. Pure. */
public final class BodyDifference {
  private static final int MOST = 50;

  /**
   * Something that differs.
   *
   * @param path such as {@code record.name.firstName}; behind one whose keys stand in another order
   *     stands {@code (order)}
   * @param one missing: there is none
   * @param other missing: there is none
   */
  public record Difference(String path, JsonNode one, JsonNode other) {}

  private final List<Difference> found = new ArrayList<>();

  private BodyDifference() {}

  /** The differences, at most 50. Numbers of the same value are the same. */
  public static List<Difference> of(JsonNode one, JsonNode other) {
    BodyDifference difference = new BodyDifference();
    difference.compare("", one, other);
    return List.copyOf(difference.found);
  }

  /** The paths of it. */
  public static List<String> keys(JsonNode one, JsonNode other) {
    return of(one, other).stream().map(Difference::path).toList();
  }

  private void compare(String path, JsonNode one, JsonNode other) {
    if (one.isObject() && other.isObject()) {
      compareMembers(path, one, other);
    } else if (one.isArray() && other.isArray() && one.size() == other.size()) {
      for (int i = 0; i < one.size() && found.size() < MOST; i++) {
        compare("%s[%d]".formatted(path, i), one.get(i), other.get(i));
      }
    } else if (!isSame(one, other)) {
      add(path, one, other);
    }
  }

  private void compareMembers(String path, JsonNode one, JsonNode other) {
    Set<String> names = new HashSet<>();
    List<String> order = new ArrayList<>();
    one.fieldNames().forEachRemaining(names::add);
    other.fieldNames().forEachRemaining(name -> keepCommon(names, order, name));
    Iterator<String> expected = order.iterator();
    boolean reordered = false;
    for (Iterator<String> here = one.fieldNames(); here.hasNext(); ) {
      String name = here.next();
      if (other.has(name)) {
        reordered |= !name.equals(expected.next());
      }
      if (found.size() < MOST) {
        compare(child(path, name), one.get(name), other.path(name));
      }
    }
    other
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!one.has(name)) {
                add(child(path, name), one.path(name), other.path(name));
              }
            });
    if (reordered) {
      add((path.isEmpty() ? "" : path + " ") + "(order)", one, other);
    }
  }

  private static void keepCommon(Set<String> names, List<String> order, String name) {
    if (names.contains(name)) {
      order.add(name);
    }
  }

  private static String child(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static boolean isSame(JsonNode one, JsonNode other) {
    return one.isNumber() && other.isNumber()
        ? one.doubleValue() == other.doubleValue()
        : one.equals(other);
  }

  private void add(String path, JsonNode one, JsonNode other) {
    if (found.size() < MOST) {
      found.add(new Difference(path, one, other));
    }
  }
}
