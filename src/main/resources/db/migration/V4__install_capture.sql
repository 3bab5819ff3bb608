-- Puts capture on tables and takes it off: the functions that an administrator calls. docs/capture.md says which tables
-- can be captured, and who may do it.

CREATE SEQUENCE webhooks.capture_number;

-- The tables that are captured as partitions of another; they are released when they are detached.
CREATE TABLE webhooks.captured_partition (
  relation regclass PRIMARY KEY
);

-- The function for a table's triggers: the one it has, or a new copy of capture_changes, whose shortcut is written by the
-- first statement that it captures. A role that may execute capture_changes may execute it, since CREATE TRIGGER asks for
-- that. It has the rights of this schema's owner, so that nobody else need be able to create a function in it. The new
-- function does not depend on the caller.
CREATE FUNCTION webhooks.capture_function(target regclass) RETURNS regproc
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  name text;
  grantee oid;
BEGIN
  SELECT p.proname INTO name FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
  WHERE t.tgrelid = target AND webhooks.is_capture_function(p.oid) AND p.proname <> 'capture_changes' LIMIT 1;
  IF name IS NULL THEN
    name := 'capture_' || nextval('webhooks.capture_number');
    PERFORM webhooks.put_capture_function(name, 'PERFORM webhooks.write_shortcut(TG_RELID, TG_NAME, TG_ARGV[0]);');
  END IF;
  FOR grantee IN
    SELECT acl.grantee FROM pg_proc, aclexplode(proacl) AS acl
    WHERE oid = 'webhooks.capture_changes'::regproc AND acl.grantee <> 0
      AND NOT has_function_privilege(acl.grantee, format('webhooks.%I()', name), 'EXECUTE')
  LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION webhooks.%I TO %I', name, pg_get_userbyid(grantee));
  END LOOP;
  DELETE FROM webhooks.captured_partition WHERE relation = target;
  INSERT INTO webhooks.captured_partition SELECT oid FROM pg_class WHERE oid = target AND relispartition;
  RETURN format('webhooks.%I', name)::regproc;
END $$;

-- Drops the copies of capture_changes whose table was released or dropped.
CREATE FUNCTION webhooks.drop_unused_capture_functions() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  unused regproc;
BEGIN
  FOR unused IN
    SELECT oid FROM pg_proc
    WHERE pronamespace = 'webhooks'::regnamespace AND proname ~ '^capture_[0-9]+$'
      AND oid NOT IN (SELECT tgfoid FROM pg_trigger) -- hashed; as a join it is planned for the few triggers there were before
  LOOP
    EXECUTE format('DROP FUNCTION %s', unused);
  END LOOP;
END $$;

-- The table and its partitions, if it has any. A row that is written to a partition by name fires only the partition's own
-- triggers. The catalog is read, since pg_partition_tree waits for whoever holds one of them.
CREATE FUNCTION webhooks.with_partitions(target regclass) RETURNS SETOF regclass LANGUAGE sql STABLE AS $$
  WITH RECURSIVE tree (relation) AS (
    SELECT target::oid
    UNION
    SELECT inhrelid FROM tree
    JOIN pg_catalog.pg_inherits ON inhparent = relation JOIN pg_catalog.pg_class ON oid = inhrelid AND relispartition)
  SELECT relation::regclass FROM tree
$$;

-- Puts the capture triggers on a table; true if that changed anything. A repeated call updates the differences. It runs with
-- the rights of the caller, who thus needs the TRIGGER right on the table. While it waits for a table's lock, all writers of
-- the table wait behind it. So it gives up soon, and the command tries again.
CREATE FUNCTION webhooks.capture(
  target regclass, object text, workspace text DEFAULT '', ignored text[] DEFAULT '{}', twenty uuid DEFAULT NULL)
RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
  settings CONSTANT text := CASE WHEN twenty IS NULL
    THEN json_build_object('object', object, 'workspace', coalesce(workspace, ''), 'ignored', coalesce(ignored, '{}'))
    ELSE json_build_object('object', object, 'workspace', coalesce(workspace, ''), 'ignored', coalesce(ignored, '{}'),
      'twenty', twenty) END;
  changed boolean := false;
  relation record;
  each regclass;
  function regproc;
  operation text;
  missing text;
BEGIN
  SELECT c.relkind, c.relpersistence, n.nspname INTO relation
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = target;
  IF relation.relkind NOT IN ('r', 'p') THEN
    RAISE EXCEPTION '% cannot be captured: it is not a table', target USING ERRCODE = 'wrong_object_type';
  ELSIF relation.relpersistence = 't' THEN
    RAISE EXCEPTION '% cannot be captured: it is a temporary table', target USING ERRCODE = 'wrong_object_type';
  ELSIF relation.nspname IN ('webhooks', 'pg_catalog', 'information_schema', 'pg_toast') THEN
    RAISE EXCEPTION '% cannot be captured: the schema % is not the CRM''s', target, relation.nspname
      USING ERRCODE = 'wrong_object_type';
  ELSIF NOT EXISTS (SELECT FROM pg_index WHERE indrelid = target AND indisprimary) THEN
    RAISE EXCEPTION '% cannot be captured: it has no primary key, so its records cannot be told apart', target
      USING ERRCODE = 'object_not_in_prerequisite_state';
  ELSIF EXISTS (
      WITH RECURSIVE below (relid) AS (
        SELECT target::oid UNION SELECT inhrelid FROM pg_inherits JOIN below ON inhparent = relid)
      SELECT FROM below JOIN pg_class ON oid = relid WHERE relkind = 'f') THEN
    RAISE EXCEPTION '% cannot be captured: a foreign table is among its partitions or children', target
      USING ERRCODE = 'wrong_object_type';
  ELSIF object IS NULL OR object !~ '^[^[:space:][:cntrl:].*,"''\\/]{1,63}$' THEN
    RAISE EXCEPTION 'object % is not a name: 1 to 63 characters, without spaces, quotes and . * , / \',
      coalesce(quote_literal(object), 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT i INTO missing FROM unnest(ignored) AS i
  WHERE i IS NULL OR i NOT IN (SELECT name FROM webhooks.record_columns(target)) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '% has no column % to ignore', target, coalesce(quote_ident(missing), 'NULL')
      USING ERRCODE = 'undefined_column';
  END IF;

  FOR each, operation IN -- one statement for all: the partitions may be hundreds, and each new one brings this here
    SELECT part, op
    FROM webhooks.with_partitions(target) AS part CROSS JOIN unnest('{begin,insert,update,delete}'::text[]) AS op
    WHERE NOT EXISTS (
      SELECT FROM pg_trigger
      WHERE tgrelid = part AND tgname = 'webhooks_capture_' || op AND tgenabled IN ('O', 'A') AND CASE op
        WHEN 'begin' THEN tgfoid = 'webhooks.capture_begin'::regproc
        ELSE webhooks.is_capture_function(tgfoid) AND tgfoid <> 'webhooks.capture_changes'::regproc
          AND tgargs = convert_to(settings, getdatabaseencoding()) || '\x00'
      END)
  LOOP
    IF operation = 'begin' THEN
      EXECUTE format('CREATE OR REPLACE TRIGGER webhooks_capture_begin BEFORE INSERT OR UPDATE OR DELETE ON %s '
        'FOR EACH STATEMENT EXECUTE FUNCTION webhooks.capture_begin()', each);
    ELSE
      function := webhooks.capture_function(each);
      EXECUTE format(
        'CREATE OR REPLACE TRIGGER webhooks_capture_%1$s AFTER %1$s ON %2$s REFERENCING %3$s '
        'FOR EACH STATEMENT EXECUTE FUNCTION %5$s(%4$L)',
        operation, each,
        CASE operation
          WHEN 'insert' THEN 'NEW TABLE AS new_rows'
          WHEN 'update' THEN 'OLD TABLE AS old_rows NEW TABLE AS new_rows'
          ELSE 'OLD TABLE AS old_rows'
        END, settings, function);
    END IF;
    changed := true;
  END LOOP;
  IF changed THEN
    PERFORM webhooks.drop_unused_capture_functions();
  END IF;
  PERFORM webhooks.note_capture(of, CASE of WHEN target THEN settings END) FROM webhooks.with_partitions(target) AS of;
  RETURN changed;
END $$;

-- Takes the capture triggers off a table and its partitions; false, with a notice, if there were none. PostgreSQL lets only
-- the owner of a table drop its triggers. Readers would wait behind it, too.
CREATE FUNCTION webhooks.release(target regclass) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
  found_trigger record;
  changed boolean := false;
BEGIN
  SELECT bool_or(webhooks.note_capture(of, NULL)) INTO changed FROM webhooks.with_partitions(target) AS of;
  FOR found_trigger IN
    SELECT tgrelid::regclass AS relation, tgname FROM pg_trigger
    WHERE (webhooks.is_capture_function(tgfoid) OR tgfoid = 'webhooks.capture_begin'::regproc)
      AND tgrelid IN (SELECT * FROM webhooks.with_partitions(target))
  LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', found_trigger.tgname, found_trigger.relation);
    changed := true;
  END LOOP;
  IF changed THEN
    PERFORM webhooks.drop_unused_capture_functions();
  ELSE
    RAISE NOTICE '% is not captured', target;
  END IF;
  RETURN changed;
END $$;

-- Captures new partitions of captured tables, and releases those that were detached. With rows, it also writes a creation
-- for each row that comes with a partition, since the row may have been deleted elsewhere. It passes over a table that this
-- schema's owner may not alter, or that somebody holds.
CREATE FUNCTION webhooks.follow_partitions(with_rows boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
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
DECLARE
  lost regclass;
  gained record;
  part regclass;
BEGIN
  FOR lost IN
    SELECT p.relation FROM webhooks.captured_partition AS p LEFT JOIN pg_class AS c ON c.oid = p.relation
    WHERE c.relispartition IS NOT TRUE
  LOOP
    BEGIN
      DELETE FROM webhooks.captured_partition WHERE relation = lost;
      IF EXISTS (SELECT FROM pg_class WHERE oid = lost) THEN
        PERFORM webhooks.release(lost);
      END IF;
    EXCEPTION
      WHEN OTHERS THEN
        NULL;
    END;
  END LOOP;
  FOR gained IN
    SELECT t.tgrelid::regclass AS target, s.settings, array_agg(p.relid) AS parts
    FROM pg_trigger AS t
    JOIN pg_class AS c ON c.oid = t.tgrelid AND c.relkind = 'p'
    CROSS JOIN LATERAL (
      SELECT convert_from(substring(tgargs FROM 1 FOR length(tgargs) - 1), getdatabaseencoding()) AS settings) AS s
    CROSS JOIN LATERAL webhooks.with_partitions(t.tgrelid) AS p (relid)
    WHERE t.tgname = 'webhooks_capture_insert' AND webhooks.is_capture_function(t.tgfoid) AND NOT EXISTS (
      SELECT FROM pg_trigger AS own WHERE own.tgrelid = p.relid AND webhooks.is_capture_function(own.tgfoid))
    GROUP BY t.tgrelid, s.settings
  LOOP
    BEGIN
      PERFORM webhooks.capture(gained.target, gained.settings::json ->> 'object', gained.settings::json ->> 'workspace',
        ARRAY(SELECT json_array_elements_text(gained.settings::json -> 'ignored')), (gained.settings::json ->> 'twenty')::uuid);
      IF with_rows THEN
        FOREACH part IN ARRAY gained.parts LOOP
          IF EXISTS (SELECT FROM pg_class WHERE oid = part AND relkind = 'r') THEN
            EXECUTE webhooks.capture_statement(part, 'INSERT', gained.settings::json, NULL, part::text, false);
          END IF;
        END LOOP;
      END IF;
    EXCEPTION
      WHEN OTHERS THEN
        RAISE LOG 'webhooks: the partitions of % cannot be followed: %', gained.target, SQLERRM;
    END;
  END LOOP;
END $$;

CREATE FUNCTION webhooks.follow_partitions_at_once() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (
      SELECT FROM pg_event_trigger_ddl_commands() AS d JOIN pg_class AS c ON c.oid = d.objid
      WHERE c.relkind = 'p' OR c.relispartition) THEN
    PERFORM webhooks.follow_partitions(true);
  END IF;
EXCEPTION
  WHEN OTHERS THEN
    RAISE WARNING 'webhooks: partitions cannot be followed: %', SQLERRM;
END $$;

-- Statement triggers are not inherited, so partitions are followed as they come and go. Only a superuser can install an
-- event trigger for that. For others a running process does it within webhooks.housekeeping.interval.
DO $$
BEGIN
  CREATE EVENT TRIGGER webhooks_follow_partitions ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE')
    EXECUTE FUNCTION webhooks.follow_partitions_at_once();
EXCEPTION
  WHEN insufficient_privilege THEN
    NULL;
END $$;

-- The tables that should be captured, as capture and release were told. The catalog may say something else: triggers may be
-- switched off, dropped, or left behind when a table is made anew. Then nobody would notice a missing change.

CREATE TABLE webhooks.capture_target (
  schema text NOT NULL,
  name text NOT NULL,
  relation oid NOT NULL, -- finds the table again when it is renamed
  settings text NOT NULL, -- the argument of its triggers
  file text, -- that manages it; null: none
  PRIMARY KEY (schema, name)
);

-- Notes that a table is to be captured with these settings, or no longer, with null; true if that is new. It has the rights
-- of this schema's owner, as capture_function does.
CREATE FUNCTION webhooks.note_capture(target regclass, settings text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  named record;
BEGIN
  SELECT n.nspname AS schema, c.relname AS name INTO named
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = target;
  IF EXISTS (
      SELECT FROM webhooks.capture_target AS t
      WHERE (t.schema, t.name, t.relation, t.settings) = (named.schema, named.name, target::oid, note_capture.settings)) THEN
    RETURN false;
  END IF;
  DELETE FROM webhooks.capture_target AS t
  WHERE (t.schema, t.name) = (named.schema, named.name) OR t.relation = target::oid;
  IF note_capture.settings IS NOT NULL THEN
    INSERT INTO webhooks.capture_target VALUES (named.schema, named.name, target, note_capture.settings);
  ELSIF NOT FOUND THEN
    RETURN false;
  END IF;
  RETURN true;
END $$;

-- Forgets a table that was to be captured and does not exist any more; false if it exists, or was not to be captured.
CREATE FUNCTION webhooks.forget_capture(schema text, name text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM webhooks.capture_target AS t
  WHERE (t.schema, t.name) = (forget_capture.schema, forget_capture.name)
    AND to_regclass(format('%I.%I', t.schema, t.name)) IS NULL;
  RETURN FOUND;
END $$;

-- Each table that should be captured, found by its name, or by its number after it was renamed; null: it is gone.
CREATE VIEW webhooks.watched_table AS
SELECT found.relation, coalesce(n.nspname, t.schema) AS schema, coalesce(c.relname, t.name) AS name, t.settings,
  CASE WHEN found.relation <> t.relation THEN before.oid::regclass::text END AS was
FROM webhooks.capture_target AS t
LEFT JOIN pg_catalog.pg_class AS before ON before.oid = t.relation AND before.relkind IN ('r', 'p')
LEFT JOIN pg_catalog.pg_class AS named
  ON named.oid = to_regclass(format('%I.%I', t.schema, t.name)) AND named.relkind IN ('r', 'p')
CROSS JOIN LATERAL (SELECT coalesce(named.oid, before.oid) AS relation) AS found
LEFT JOIN pg_catalog.pg_class AS c ON c.oid = found.relation
LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace;

-- The triggers of our own tables; filled after each migration. A migration that drops one deletes it here.
CREATE TABLE webhooks.own_trigger (
  relation text NOT NULL,
  name text NOT NULL,
  PRIMARY KEY (relation, name)
);

-- Each row says in words why changes of a table are not captured or not sent. Triggers that always fire do so for rows that
-- a subscription replicates, too. That is right only if these changes are queued.
CREATE VIEW webhooks.capture_trouble AS
WITH queued (always) AS (
  SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger
    WHERE tgrelid = to_regclass('webhooks.change') AND tgname = 'enqueue_changes' AND tgenabled = 'A')
), captured AS (
  SELECT w.schema, w.name, format('%I.%I', n.nspname, c.relname) AS part, needed.name AS trigger, CASE
      WHEN t.oid IS NULL THEN 'missing'
      WHEN t.tgenabled = 'D' THEN 'disabled'
      WHEN t.tgenabled = 'R' THEN 'on for replicated rows only'
      WHEN t.tgenabled = 'A' AND NOT queued.always THEN 'on for replicated rows, too, whose changes nobody queues'
      WHEN needed.name = 'webhooks_capture_begin' AND t.tgfoid <> to_regproc('webhooks.capture_begin')
        OR needed.name <> 'webhooks_capture_begin' AND (NOT webhooks.is_capture_function(t.tgfoid)
          OR t.tgargs <> convert_to(w.settings, getdatabaseencoding()) || '\x00')
        THEN 'not as capture made them'
    END AS flaw
  FROM queued, webhooks.watched_table AS w
  CROSS JOIN LATERAL webhooks.with_partitions(w.relation) AS part (relation)
  JOIN pg_catalog.pg_class AS c ON c.oid = part.relation
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  CROSS JOIN (VALUES
    ('webhooks_capture_begin'), ('webhooks_capture_insert'), ('webhooks_capture_update'), ('webhooks_capture_delete')
  ) AS needed (name)
  LEFT JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = part.relation AND t.tgname = needed.name
  WHERE w.relation IS NOT NULL
), flawed AS (
  SELECT schema, name, part, flaw, count(*) AS triggers, string_agg(trigger, ', ' ORDER BY trigger) AS names
  FROM captured WHERE flaw IS NOT NULL GROUP BY schema, name, part, flaw
)
SELECT f.schema, f.name, format('%s is not captured as it should be: %s', f.part, CASE
    WHEN flaw = 'missing' AND w.was IS NOT NULL THEN 'it is another table than the one that was captured, which is now ' || w.was
    WHEN flaw = 'missing' AND triggers = 4 THEN 'its triggers are missing'
    ELSE format('triggers are %s: %s', flaw, names)
  END) AS problem
FROM flawed AS f JOIN webhooks.watched_table AS w USING (schema, name)
UNION ALL
SELECT schema, name, format('%I.%I is not captured as it should be: there is no such table', schema, name)
FROM webhooks.watched_table WHERE relation IS NULL
UNION ALL
SELECT 'webhooks', o.relation, format('the trigger %s of webhooks.%s is %s', o.name, o.relation, flaw)
FROM webhooks.own_trigger AS o
LEFT JOIN pg_catalog.pg_trigger AS t ON t.tgname = o.name AND t.tgrelid = to_regclass(format('webhooks.%I', o.relation))
CROSS JOIN LATERAL (SELECT CASE
    WHEN t.oid IS NULL THEN 'missing'
    WHEN t.tgenabled = 'D' THEN 'disabled'
    WHEN t.tgenabled = 'R' THEN 'on for replicated rows only'
    WHEN t.tgenabled = 'A' AND EXISTS (SELECT FROM pg_catalog.pg_subscription_rel WHERE srrelid = t.tgrelid)
      THEN 'on for what a subscription replicates, too'
  END AS flaw) AS x
WHERE flaw IS NOT NULL
UNION ALL
SELECT 'webhooks', datname, format('nothing is captured in sessions of database %s, whose session_replication_role is replica', datname)
FROM pg_catalog.pg_db_role_setting JOIN pg_catalog.pg_database AS d ON d.oid = setdatabase
WHERE setrole = 0 AND datname = current_database() AND 'session_replication_role=replica' = ANY (setconfig);

-- The captured tables with their troubles, or null. Partitions stand for themselves only where their parent is not captured.
CREATE VIEW webhooks.captured_table AS
WITH found AS (
  SELECT tgrelid,
    -- the CASE keeps the arguments of other triggers, which need not be JSON, from being read
    CASE WHEN webhooks.is_capture_function(tgfoid)
      THEN convert_from(substring(tgargs FROM 1 FOR length(tgargs) - 1), getdatabaseencoding())::json END AS settings
  FROM pg_catalog.pg_trigger
  WHERE webhooks.is_capture_function(tgfoid) AND tgname = 'webhooks_capture_insert'
), captured AS (
  SELECT schema, name, settings::json AS settings FROM webhooks.watched_table
  UNION ALL
  SELECT n.nspname, c.relname, settings
  FROM found
  JOIN pg_catalog.pg_class AS c ON c.oid = tgrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE NOT EXISTS (SELECT FROM webhooks.watched_table AS w WHERE w.relation = tgrelid)
    AND (NOT c.relispartition
      OR NOT EXISTS (SELECT FROM pg_catalog.pg_inherits JOIN found AS parent ON parent.tgrelid = inhparent WHERE inhrelid = c.oid))
)
SELECT schema, name, settings ->> 'object' AS object, settings ->> 'workspace' AS workspace,
  ARRAY(SELECT json_array_elements_text(settings -> 'ignored')) AS ignored, problem,
  settings ->> 'twenty' IS NOT NULL AS twenty
FROM captured
LEFT JOIN (
  SELECT schema, name, string_agg(problem, '; ' ORDER BY problem) AS problem FROM webhooks.capture_trouble GROUP BY schema, name
) AS trouble USING (schema, name);

-- Troubles of capture that operators were told about and that still last.
CREATE TABLE webhooks.told_trouble (
  problem text PRIMARY KEY,
  told_at timestamptz NOT NULL DEFAULT now()
);
