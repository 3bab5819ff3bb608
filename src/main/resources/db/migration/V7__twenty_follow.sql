-- Keeping up with Twenty: its metadata and members, and the tables that are captured of it. V6 makes the records.

-- Notes which objects a statement on Twenty's metadata was about. Twenty's statement never fails because of it.
CREATE FUNCTION webhooks.twenty_note_metadata() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  source CONSTANT text := CASE TG_OP
    WHEN 'INSERT' THEN 'new_rows' WHEN 'DELETE' THEN 'old_rows' ELSE '(TABLE old_rows UNION ALL TABLE new_rows)' END;
BEGIN
  EXECUTE format('INSERT INTO webhooks.twenty_metadata_change (about, workspace, created) '
    'SELECT DISTINCT concat(r.%I)::uuid, concat(r."workspaceId"), %L::boolean FROM %s AS r',
    CASE TG_TABLE_NAME WHEN 'objectMetadata' THEN 'id' ELSE 'objectMetadataId' END,
    TG_TABLE_NAME = 'objectMetadata' AND TG_OP = 'INSERT', source);
  RETURN NULL;
EXCEPTION
  WHEN disk_full THEN
    RAISE;
  WHEN OTHERS THEN
    BEGIN
      RAISE WARNING 'webhooks: a change of Twenty''s metadata cannot be noted: %', SQLERRM;
    EXCEPTION
      WHEN OTHERS THEN
        NULL;
    END;
    RETURN NULL;
END $$;

-- Puts the triggers on Twenty's metadata; true if that changed anything. While it waits for a lock, Twenty waits behind it,
-- so it gives up soon.
CREATE FUNCTION webhooks.twenty_watch() RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
  watched record;
  changed boolean := false;
BEGIN
  FOR watched IN
    SELECT 'webhooks_twenty_' || lower(o.operation) AS name, o.*, t.source
    FROM (VALUES ('INSERT', 'NEW TABLE AS new_rows'), ('UPDATE', 'OLD TABLE AS old_rows NEW TABLE AS new_rows'),
      ('DELETE', 'OLD TABLE AS old_rows')) AS o (operation, tables),
      (VALUES (webhooks.twenty_table('objectMetadata', 'id', 'workspaceId')),
        (webhooks.twenty_table('fieldMetadata', 'objectMetadataId', 'workspaceId'))) AS t (source)
    WHERE NOT EXISTS (
      SELECT FROM pg_trigger WHERE tgrelid = t.source::regclass AND tgname = 'webhooks_twenty_' || lower(o.operation)
        AND tgfoid = 'webhooks.twenty_note_metadata'::regproc AND tgenabled IN ('O', 'A'))
  LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER %s AFTER %s ON %s REFERENCING %s '
      'FOR EACH STATEMENT EXECUTE FUNCTION webhooks.twenty_note_metadata()',
      watched.name, watched.operation, watched.source, watched.tables);
    changed := true;
  END LOOP;
  RETURN changed;
END $$;

-- Takes them off; true if there were any.
CREATE FUNCTION webhooks.twenty_unwatch() RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
  found_trigger record;
  changed boolean := false;
BEGIN
  FOR found_trigger IN
    SELECT tgname, tgrelid::regclass AS relation FROM pg_trigger WHERE tgfoid = 'webhooks.twenty_note_metadata'::regproc
  LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', found_trigger.tgname, found_trigger.relation);
    changed := true;
  END LOOP;
  RETURN changed;
END $$;

-- Keeps the users of a workspace's members. Its argument is the workspace.
CREATE FUNCTION webhooks.twenty_note_member() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM webhooks.twenty_member AS m WHERE m.workspace = TG_ARGV[0] AND m.member = concat(OLD.id)::uuid
      AND (TG_OP = 'DELETE' OR concat(OLD.id, OLD."userId") <> concat(NEW.id, NEW."userId"));
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO webhooks.twenty_member AS m (workspace, member, user_id)
    VALUES (TG_ARGV[0], concat(NEW.id)::uuid, nullif(concat(NEW."userId"), '')::uuid)
    ON CONFLICT (workspace, member) DO NOTHING;
  END IF;
  RETURN NULL;
EXCEPTION
  WHEN disk_full THEN
    RAISE;
  WHEN OTHERS THEN
    BEGIN
      RAISE WARNING 'webhooks: the user of a member of Twenty cannot be noted: %', SQLERRM;
    EXCEPTION
      WHEN OTHERS THEN
        NULL;
    END;
    RETURN NULL;
END $$;

-- Puts that trigger on the table of members, and reads those that there are.
CREATE FUNCTION webhooks.twenty_keep_members(target regclass, workspace text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET row_security = off SET lock_timeout = '500ms' AS $$
BEGIN
  IF EXISTS (
      SELECT FROM pg_trigger
      WHERE tgrelid = target AND tgfoid = 'webhooks.twenty_note_member'::regproc AND tgenabled IN ('O', 'A')) THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE OR REPLACE TRIGGER webhooks_twenty_member AFTER INSERT OR UPDATE OR DELETE ON %s '
    'FOR EACH ROW EXECUTE FUNCTION webhooks.twenty_note_member(%L)', target, workspace);
  DELETE FROM webhooks.twenty_member AS m WHERE m.workspace = twenty_keep_members.workspace;
  EXECUTE format('INSERT INTO webhooks.twenty_member (workspace, member, user_id) '
    'SELECT $1, concat(t.id)::uuid, nullif(concat(t."userId"), '''')::uuid FROM %s AS t', target) USING workspace;
END $$;

-- Captures the objects of a workspace, or one of them, as its metadata says now, and says of each what it did: captured,
-- unchanged, released, or failed with the reason. Each is done, or not, for itself. With rows, it also writes a creation for
-- each row that is already there of an object made since the workspace was installed.
CREATE FUNCTION webhooks.twenty_capture(workspace text, with_rows boolean, only_object uuid DEFAULT NULL)
RETURNS TABLE (object text, relation regclass, what text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET TimeZone = 'UTC' -- and the other settings that capture_changes pins for the values that it renders
SET DateStyle = 'ISO, YMD'
SET IntervalStyle = 'iso_8601'
SET bytea_output = 'hex'
SET extra_float_digits = 1
SET lc_monetary = 'C'
SET array_nulls = on
SET standard_conforming_strings = on
SET quote_all_identifiers = off
AS $$
#variable_conflict use_column
DECLARE
  for_workspace CONSTANT text := workspace;
  installed_at CONSTANT timestamptz :=
    (SELECT w.installed_at FROM webhooks.twenty_workspace AS w WHERE w.workspace = for_workspace);
  o record;
  gone record;
  settings text;
  was_captured boolean;
BEGIN
  IF NOT EXISTS (SELECT FROM webhooks.twenty_workspaces() AS w WHERE w.workspace = for_workspace AND w.schema IS NOT NULL) THEN
    RETURN;
  END IF;
  FOR o IN SELECT * FROM webhooks.twenty_objects(for_workspace) AS t WHERE only_object IS NULL OR t.object_id = only_object LOOP
    object := o.object;
    relation := o.relation;
    BEGIN
      what := CASE WHEN o.problem IS NULL THEN 'unchanged' ELSE 'failed: ' || o.problem END;
      IF o.problem IS NULL AND NOT o.captured THEN
        SELECT t.settings INTO settings FROM webhooks.capture_target AS t
        WHERE t.relation = o.relation::oid AND t.settings::json ->> 'twenty' = o.object_id::text;
        was_captured := FOUND;
        PERFORM webhooks.capture(o.relation, o.object, for_workspace,
          ARRAY(SELECT i FROM json_array_elements_text(settings::json -> 'ignored') AS i
            WHERE i IN (SELECT c.name FROM webhooks.record_columns(o.relation) AS c)), o.object_id);
        what := 'captured';
        IF with_rows AND NOT was_captured AND o.created_at >= installed_at THEN
          SELECT t.settings INTO settings FROM webhooks.capture_target AS t WHERE t.relation = o.relation::oid;
          BEGIN
            EXECUTE webhooks.capture_statement(o.relation, 'INSERT', settings::json, NULL, o.relation::text, false);
          EXCEPTION
            WHEN disk_full THEN
              RAISE;
            WHEN OTHERS THEN
              what := 'captured, but the rows that it has are not sent: ' || SQLERRM;
          END;
        END IF;
      END IF;
      IF o.problem IS NULL AND o.object = 'workspaceMember' AND NOT o.captured THEN
        PERFORM webhooks.twenty_keep_members(o.relation, for_workspace);
      END IF;
    EXCEPTION
      WHEN disk_full THEN
        RAISE;
      WHEN lock_not_available THEN
        what := 'failed: lock timeout'; -- in these words in every language, because the command tries again
      WHEN OTHERS THEN
        what := 'failed: ' || SQLERRM;
    END;
    RETURN NEXT;
  END LOOP;
  IF only_object IS NULL THEN
    RETURN QUERY SELECT * FROM webhooks.twenty_release(for_workspace,
      ARRAY(SELECT t.object_id FROM webhooks.twenty_objects(for_workspace) AS t));
  END IF;
END $$;

-- Takes capture off the tables of a workspace, but for those of these objects.
CREATE FUNCTION webhooks.twenty_release(workspace text, keep uuid[] DEFAULT '{}')
RETURNS TABLE (object text, relation regclass, what text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms' AS $$
#variable_conflict use_column
DECLARE
  for_workspace CONSTANT text := workspace;
  gone record;
BEGIN
  FOR gone IN
    SELECT w.relation, w.schema, w.name, w.settings::json ->> 'object' AS object FROM webhooks.watched_table AS w
    WHERE w.settings::json ->> 'workspace' = for_workspace AND (w.settings::json ->> 'twenty')::uuid <> ALL (keep)
  LOOP
    object := gone.object;
    relation := gone.relation;
    what := 'released';
    BEGIN
      IF gone.relation IS NULL THEN
        PERFORM webhooks.forget_capture(gone.schema, gone.name);
      ELSE
        IF EXISTS (
            SELECT FROM pg_trigger WHERE tgrelid = gone.relation AND tgfoid = 'webhooks.twenty_note_member'::regproc) THEN
          EXECUTE format('DROP TRIGGER webhooks_twenty_member ON %s', gone.relation::regclass);
          DELETE FROM webhooks.twenty_member AS m WHERE m.workspace = for_workspace;
        END IF;
        PERFORM webhooks.release(gone.relation);
      END IF;
    EXCEPTION
      WHEN lock_not_available THEN
        what := 'failed: lock timeout'; -- in these words in every language, because the command tries again
      WHEN OTHERS THEN
        what := 'failed: ' || SQLERRM;
    END;
    RETURN NEXT;
  END LOOP;
END $$;

-- Captures a new object at the commit of the transaction that makes it. It hangs on our table and not on Twenty's, because
-- a deferred trigger forbids an ALTER TABLE of its table until the commit.
CREATE FUNCTION webhooks.twenty_capture_created() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM webhooks.twenty_workspace AS w WHERE w.workspace = NEW.workspace) THEN
    PERFORM webhooks.twenty_capture(NEW.workspace, true, NEW.about);
  END IF;
  RETURN NULL;
EXCEPTION
  WHEN disk_full THEN
    RAISE;
  WHEN OTHERS THEN
    BEGIN
      RAISE WARNING 'webhooks: a new object of Twenty cannot be captured yet: %', SQLERRM;
    EXCEPTION
      WHEN OTHERS THEN
        NULL;
    END;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER twenty_capture_created AFTER INSERT ON webhooks.twenty_metadata_change
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.created) EXECUTE FUNCTION webhooks.twenty_capture_created();
