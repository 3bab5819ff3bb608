package io.crmwebhooks.domain;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A committed change, and the body of the route that customises it. Untouched, its record is sent
 * byte for byte as it was written. Used by one thread at a time.
 */
public final class Change {
  /**
   * Its place in the log, which no two changes share.
   *
   * @param epoch when it was captured, in microseconds since 1970; 0 when the row does not say. Ids
   *     may be given again after a restore, but not with the same epoch.
   * @param committed the time that decides whether it comes before or after a webhook goes live, in
   *     microseconds since 1970
   */
  public record Place(long id, long epoch, long committed) {}

  /**
   * The event of a record.
   *
   * @param name {@code object.action}
   * @param origin further facts of the CRM about it as a JSON object; null: none
   */
  public record Event(
      String workspace, String name, String recordId, Instant occurredAt, String origin) {}

  /** The record, which is parsed only when somebody asks for it as a map. */
  public interface Record {
    /** To read and to change: whatever is done to this map is sent. */
    Map<String, Object> map();

    /** Whether somebody has asked for the map. */
    boolean isOpened();

    /** As it is sent: as it was written, or as the map has been left. */
    String json();

    /** Reads a JSON array of texts; null has none. */
    List<String> texts(String array);

    /** As it was written, parsed once, in a form that its reader knows. Nobody changes it. */
    Object tree();

    /** Frees the memory of the parsed form. */
    void forgetTree();
  }

  /**
   * Of one that has none.
   *
   * @param reader reads arrays
   */
  private record NoRecord(Record reader) implements Record {
    private static IllegalStateException none() {
      return new IllegalStateException("the record is not here; read the body");
    }

    @Override
    public Map<String, Object> map() {
      throw none();
    }

    @Override
    public boolean isOpened() {
      return false;
    }

    @Override
    public String json() {
      throw none();
    }

    @Override
    public List<String> texts(String array) {
      return reader.texts(array);
    }

    @Override
    public Object tree() {
      throw none();
    }

    @Override
    public void forgetTree() {
      // there is none
    }
  }

  private final Place place;
  private final Event event;
  private final Record record;
  private final String updatedFieldsJson;
  private final String problem;

  /**
   * @param updatedFieldsJson the names of the changed fields as a JSON array, or null
   * @param problem the flaw that keeps it from being dispatched, in words; null: none
   */
  public Change(Place place, Event event, Record record, String updatedFieldsJson, String problem) {
    this.place = place;
    this.event = event;
    this.record = record;
    this.updatedFieldsJson = updatedFieldsJson;
    this.problem = problem;
  }

  public long getId() {
    return place.id();
  }

  /** The time of its capture, in microseconds since 1970; 0 when the row does not say. */
  public long getEpoch() {
    return place.epoch();
  }

  public String getWorkspace() {
    return event.workspace();
  }

  /** {@code object.action}. */
  public String getEvent() {
    return event.name();
  }

  public String getObject() {
    return event.name().substring(0, event.name().indexOf('.'));
  }

  public String getAction() {
    return event.name().substring(event.name().indexOf('.') + 1);
  }

  public String getRecordId() {
    return event.recordId();
  }

  public Instant getOccurredAt() {
    return event.occurredAt();
  }

  /** Further facts of the CRM as a JSON object, or null. */
  public String originJson() {
    return event.origin();
  }

  /** Whether it was committed before a time in microseconds since 1970. */
  public boolean isBefore(long time) {
    return place.committed() < time;
  }

  /** The record, to read and to change: whatever is done to this map is sent. */
  public Map<String, Object> getRecord() {
    return record.map();
  }

  /**
   * Whether a route has asked for the record, so that what is sent may differ from what was
   * written.
   */
  public boolean isCustomised() {
    return record.isOpened();
  }

  /** The record as it is sent. */
  public String recordJson() {
    return record.json();
  }

  /** The record as it was captured, parsed once, in a form that its reader knows. */
  public Object recordTree() {
    return record.tree();
  }

  /** Frees the memory of the parsed record. */
  public void forgetTree() {
    record.forgetTree();
  }

  /** Its facts besides the record; nothing of this one can be changed through them. */
  public Change withoutRecord() {
    return new Change(place, event, new NoRecord(record), updatedFieldsJson, problem);
  }

  /** The names of the changed fields; empty where the change names none. */
  public List<String> getUpdatedFields() {
    return record.texts(updatedFieldsJson);
  }

  public String updatedFieldsJson() {
    return updatedFieldsJson;
  }

  /**
   * The flaw that keeps this change from being dispatched.
   *
   * @return the reason in words, or null
   */
  public String problem() {
    return problem;
  }

  @Override
  public String toString() {
    return "change " + place.id() + " (" + event.name() + ")";
  }
}
