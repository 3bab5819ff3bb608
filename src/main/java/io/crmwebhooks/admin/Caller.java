package io.crmwebhooks.admin;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Who calls the API: the token that was shown.
 *
 * @param name of the token, for the log
 * @param workspace the only one that the caller may see; null: all
 */
public record Caller(String name, Role role, String workspace) {

  /** Whether something of this workspace exists for the caller. */
  public boolean sees(String ofWorkspace) {
    return workspace == null || Objects.equals(workspace, ofWorkspace);
  }

  /** The rights of a token; each role includes the ones before it. */
  public enum Role {
    /** Look at everything but secrets. */
    READ,
    /**
     * Also what an operator does at night: test, enable, disable, resume, redeliver, retry, replay.
     */
    OPERATE,
    /** Also make, change and delete webhooks and tokens. */
    ADMIN;

    boolean includes(Role other) {
      return compareTo(other) >= 0;
    }

    /** As it is written in JSON, in the database and on the command line. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
      return word();
    }

    public static Optional<Role> of(String word) {
      return Arrays.stream(values()).filter(role -> role.word().equals(word)).findFirst();
    }
  }
}
