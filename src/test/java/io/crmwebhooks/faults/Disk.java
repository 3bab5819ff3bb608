package io.crmwebhooks.faults;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** A disk that is full when it is told to: writing statements fail as PostgreSQL lets them fail. */
final class Disk {
  private static final String[] TRIGGERS = {
    "CREATE TABLE public.disk AS SELECT false AS full_up",
    """
    CREATE FUNCTION public.write_to_disk() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
      IF (SELECT full_up FROM public.disk) THEN
        RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
      END IF;
      RETURN NULL;
    END $$""",
    """
    DO $$
    DECLARE
      written text;
    BEGIN
      FOREACH written IN ARRAY '{change,change_queue,claim,delivery,attempt,parked_change,endpoint,node,attempt_minute}'::text[] LOOP
        EXECUTE format('CREATE TRIGGER write_to_disk BEFORE INSERT OR UPDATE ON webhooks.%I
          FOR EACH STATEMENT EXECUTE FUNCTION public.write_to_disk()', written);
      END LOOP;
    END $$"""
  };

  private final DataSource dataSource;

  Disk(DataSource dataSource) {
    this.dataSource = dataSource;
    execute(TRIGGERS);
  }

  void setFull(boolean full) {
    execute("UPDATE public.disk SET full_up = " + full);
  }

  private void execute(String... statements) {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.execute(each);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
