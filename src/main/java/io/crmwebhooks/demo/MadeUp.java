package io.crmwebhooks.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.Random;

/** Invented people and things for the sample CRM; the same seed invents the same ones. */
final class MadeUp {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String[] FIRST_NAMES = {
    "Ada", "Bela", "Chidi", "Dana", "Emre", "Fatou", "Greta", "Hana", "Ivo", "Jun", "Kofi", "Lena"
  };
  private static final String[] LAST_NAMES = {
    "Alder", "Brook", "Castell", "Dune", "Esker", "Fjord", "Glen", "Heath", "Isle", "Kestrel"
  };
  private static final String[] JOBS = {
    "Buyer", "Head of Sales", "Engineer", "Founder", "Office Manager", "Designer"
  };
  private static final String[] CITIES = {"Lisbon", "Riga", "Graz", "Osaka", "Accra", "Cork"};
  private static final String[] PRODUCTS = {"200 mugs", "a catalogue", "12 cargo bikes", "lenses"};
  private static final String[] USERS = {"Tim A.", "Phil S.", "Jony I."};

  private final Random random;

  MadeUp(Random random) {
    this.random = random;
  }

  /** A JSON array of {@code count} entries; a statement takes from them what it needs. */
  String json(int count) {
    ArrayNode entries = JSON.createArrayNode();
    for (int i = 0; i < count; i++) {
      entries
          .addObject()
          .put("firstName", any(FIRST_NAMES))
          .put("lastName", any(LAST_NAMES))
          .put("jobTitle", any(JOBS))
          .put("city", any(CITIES))
          .put("product", any(PRODUCTS))
          .put("userName", any(USERS))
          .put("amount", 500 + 250 * random.nextInt(100))
          .put("draw", Integer.toString(random.nextInt())); // which existing row is meant
    }
    return entries.toString();
  }

  private String any(String[] choices) {
    return choices[random.nextInt(choices.length)];
  }
}
