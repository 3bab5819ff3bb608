package io.crmwebhooks.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.crmwebhooks.jq.Meter.Price;
import io.crmwebhooks.jq.Metered.Role;
import java.util.Map;
import java.util.Set;
import net.thisptr.jackson.jq.BuiltinFunctionLoader;
import net.thisptr.jackson.jq.Function;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.Version;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import net.thisptr.jackson.jq.internal.operators.PlusOperator;

/**
 * The functions that a program may call. Each goes through its input a few times at most, and gives
 * the same for the same input, wherever and whenever it runs.
 */
final class Functions {
  /** By name and number of arguments. */
  private static final Set<String> ALLOWED =
      Set.of(
          ("add/0 all/0 all/1 all/2 any/0 any/1 any/2 arrays/0 ascii_downcase/0 ascii_upcase/0 booleans/0 ceil/0"
                  + " contains/1 del/1 empty/0 endswith/1 error/0 error/1 first/0 floor/0 from_entries/0"
                  + " fromdateiso8601/0 fromjson/0 group_by/1 has/1 index/1 iterables/0 join/1 keys/0"
                  + " keys_unsorted/0 last/0 length/0 ltrimstr/1 map/1 max/0 max_by/1 min/0 min_by/1"
                  + " not/0 nulls/0 numbers/0 objects/0 reverse/0 round/0 rtrimstr/1 scalars/0 select/1"
                  + " sort/0 sort_by/1 split/1 startswith/1 strings/0 to_entries/0 todateiso8601/0"
                  + " tojson/0 tonumber/0 tostring/0 type/0 unique/0 unique_by/1 utf8bytelength/0 values/0"
                  + " with_entries/1")
              .split(" "));

  private static final Set<String> FORMATS =
      Set.of("text", "json", "html", "uri", "base64", "csv", "tsv");

  /** Those that go through their input again for what an argument gives. */
  private static final Map<String, Role> ARGUMENTS =
      Map.of(
          "contains/1", Role.PER_PART,
          "index/1", Role.PER_PART,
          "join/1", Role.PER_PART,
          "del/1", Role.PER_VALUE);

  /** Those that look at no more of their input than an argument does, which pays for it. */
  private static final Set<String> PASSING =
      Set.of(
          ("all/2 any/2 arrays/0 booleans/0 empty/0 first/0 has/1 iterables/0 last/0 not/0 nulls/0"
                  + " numbers/0 objects/0 scalars/0 select/1 strings/0 type/0 values/0")
              .split(" "));

  /** Those that copy or write their input. */
  private static final Set<String> COPYING =
      Set.of("all/1 any/1 del/1 length/0 map/1 tojson/0 tostring/0".split(" "));

  private static final int LETTERS = 26;

  private Functions() {}

  /**
   * @param name with the number of arguments
   */
  static boolean isAllowed(String name) {
    return ALLOWED.contains(name);
  }

  /** How it goes through its input, and what it makes. */
  static Price price(String name) {
    return PASSING.contains(name) ? Price.STEPS : COPYING.contains(name) ? Price.COPY : Price.WORK;
  }

  static boolean isFormat(String name) {
    return FORMATS.contains(name);
  }

  static Role ofArguments(String name) {
    return ARGUMENTS.getOrDefault(name, price(name) == Price.WORK ? Role.READ : Role.COPY);
  }

  /** All of the library's; a program is checked before it can call any. */
  static Scope scope(Version version) {
    Scope scope = Scope.newEmptyScope();
    BuiltinFunctionLoader.getInstance().loadFunctions(version, scope);
    scope.addFunction(
        "add", 0, (of, arguments, in, path, output, v) -> output.emit(sum(of, in), null));
    scope.addFunction("ascii_downcase", 0, ofLetters('A', 'a'));
    scope.addFunction("ascii_upcase", 0, ofLetters('a', 'A'));
    return scope;
  }

  /** The library's own ones take some ten steps for each character, and pay for none of them. */
  private static Function ofLetters(char first, char made) {
    return (of, arguments, in, path, output, v) -> {
      if (!in.isTextual()) {
        throw new JsonQueryException("Cannot change the letters of a value that is no text");
      }
      char[] text = in.textValue().toCharArray();
      for (int i = 0; i < text.length; i++) {
        if (text[i] >= first && text[i] < first + LETTERS) {
          text[i] += made - first;
        }
      }
      output.emit(TextNode.valueOf(new String(text)), null);
    };
  }

  /** The library's own one copies a growing sum for each summand, and pays for none of it. */
  private static JsonNode sum(Scope scope, JsonNode summands) throws JsonQueryException {
    if (!summands.isContainerNode()) {
      throw new JsonQueryException("Cannot iterate over a value that is no array or object");
    }
    JsonNode sum = NullNode.getInstance();
    for (JsonNode summand : summands) {
      sum = new PlusOperator().apply(scope.getObjectMapper(), sum, summand);
      Meter.running().charge(Meter.running().weigh(sum, Price.WORK));
    }
    return sum;
  }
}
