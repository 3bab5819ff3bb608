-- Capture: statement-level triggers on a CRM's table that append its changes to webhooks.change, in the CRM's own
-- transaction. docs/capture.md says what is captured and why; here stands how.
--
-- One trigger function serves every table. It reads the catalog and builds its one INSERT .. SELECT anew for each
-- statement: that costs about a millisecond, and a table that is altered afterwards is captured as it is now. A function
-- generated per table would plan once a session, but it would have to notice that its columns are no longer the table's.
--
-- The function runs with the rights of this schema's owner, on tables whose owners may have less. So the statement
-- never looks up an operator, a cast or a function that such an owner could have defined: keys are compared as text,
-- values by their stored bytes, and a type that PostgreSQL does not bring itself is written by its output function.

-- created_at -> createdAt. An underscore before a-z or 0-9 goes; leading and trailing ones stay, and so does a name that
-- has an upper-case letter already. PL/pgSQL, because a function in SQL would be planned at each call.
CREATE FUNCTION webhooks.camel_case(name text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  camel text := '';
  part text;
BEGIN
  IF strpos(name, '_') = 0 OR name COLLATE "C" ~ '[A-Z]' THEN
    RETURN name;
  END IF;
  FOREACH part IN ARRAY regexp_split_to_array(ltrim(name, '_'), '_+(?=[a-z0-9])') LOOP
    camel := camel || CASE camel WHEN '' THEN part ELSE upper(left(part, 1) COLLATE "C") || substr(part, 2) END;
  END LOOP;
  RETURN left(name, length(name) - length(ltrim(name, '_'))) || camel;
END $$;

-- The columns of a table or composite type with the key each has in the record. Where two columns would get the same
-- key, both keep their own names: nothing is overwritten. Virtual generated columns have no value inside a trigger.
CREATE FUNCTION webhooks.record_columns(relation oid)
RETURNS TABLE (ordinal integer, name text, key text, type oid) LANGUAGE sql STABLE AS $$
  SELECT attnum, attname, CASE count(*) OVER (PARTITION BY camel) WHEN 1 THEN camel ELSE attname END, atttypid
  FROM pg_catalog.pg_attribute, webhooks.camel_case(attname) AS camel
  WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attgenerated <> 'v'
$$;

CREATE FUNCTION webhooks.base_type(type oid) RETURNS oid LANGUAGE plpgsql STABLE AS $$
DECLARE
  base oid := type;
  below oid;
BEGIN
  LOOP
    SELECT typbasetype INTO below FROM pg_catalog.pg_type WHERE oid = base;
    EXIT WHEN coalesce(below, 0) = 0;
    base := below;
  END LOOP;
  RETURN base;
END $$;

-- The SQL expression that to_json shall see in place of a value of this type. The session is in UTC (see
-- capture_changes), where a timestamptz ends in +00:00 in to_json and in +00 in text, and nothing else in it does.
CREATE FUNCTION webhooks.json_expression(value text, type oid) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  own CONSTANT oid := 16384; -- types below come with PostgreSQL
  base oid := webhooks.base_type(type);
  element oid;
  of_base record;
  fields text;
BEGIN
  SELECT typtype, typcategory, typdelim, typrelid, typelem INTO of_base FROM pg_catalog.pg_type WHERE oid = base;
  element := CASE of_base.typcategory WHEN 'A' THEN webhooks.base_type(of_base.typelem) ELSE base END;
  IF of_base.typtype = 'c' THEN
    SELECT string_agg(format('%s AS %I', webhooks.json_expression(format('(%s).%I', value, c.name), c.type), c.key),
      ', ' ORDER BY c.ordinal)
    INTO fields FROM webhooks.record_columns(of_base.typrelid) AS c;
    RETURN format('CASE WHEN %s IS DISTINCT FROM NULL THEN (SELECT to_json(c.*) FROM (SELECT %s) AS c) END', value, fields);
  ELSIF element = 'timestamptz'::regtype THEN
    RETURN format('replace(to_json(%s)::text, ''+00:00'', ''Z'')::json', value);
  ELSIF element IN ('tstzrange'::regtype, 'tstzmultirange'::regtype) THEN
    RETURN format('regexp_replace(to_json(%s)::text, '' ([0-9:.]+)[+]00'', ''T\1Z'', ''g'')::json', value);
  ELSIF element < own AND NOT EXISTS (SELECT FROM pg_catalog.pg_type WHERE oid = element AND typtype = 'c') THEN
    RETURN value;
  ELSIF of_base.typcategory = 'A' AND of_base.typdelim = ',' THEN
    RETURN format('CASE WHEN %1$s IS DISTINCT FROM NULL THEN concat(%1$s)::text[] END', value);
  ELSE
    RETURN format('CASE WHEN %1$s IS DISTINCT FROM NULL THEN concat(%1$s) END', value);
  END IF;
END $$;

-- The SQL expression for the record_id of a row: the primary key as text; if it has several columns, a JSON array of
-- texts. If the primary key was dropped after capture, all columns take its place: updates then come as a deletion and
-- a creation, but none is lost.
CREATE FUNCTION webhooks.key_expression(relation oid, source text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  key text[];
BEGIN
  SELECT array_agg(format('concat(%s.%I)', source, a.attname) ORDER BY k.i) INTO key
  FROM pg_catalog.pg_index AS x, unnest(x.indkey) WITH ORDINALITY AS k (attnum, i), pg_catalog.pg_attribute AS a
  WHERE x.indrelid = relation AND x.indisprimary AND a.attrelid = relation AND a.attnum = k.attnum;
  IF key IS NULL THEN
    key := ARRAY(SELECT format('concat(%s.%I)', source, name) FROM webhooks.record_columns(relation) ORDER BY ordinal);
  END IF;
  RETURN CASE cardinality(key) WHEN 1 THEN key[1] ELSE 'to_json(ARRAY[' || array_to_string(key, ', ') || '])::text' END
    || ' COLLATE "C"';
END $$;

-- The statement that writes the changes of one CRM statement. old_source and new_source are what it reads: transition
-- tables, or one row each; without_record leaves out all that could fail on a value.
CREATE FUNCTION webhooks.capture_statement(
  relation oid, operation text, settings json, old_source text, new_source text, without_record boolean)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  key CONSTANT text := webhooks.key_expression(relation, 't');
  hidden CONSTANT text[] := '{searchVector,search_vector}';
  ignored CONSTANT text[] := hidden || '{updatedAt,updated_at}'
    || ARRAY(SELECT json_array_elements_text(settings -> 'ignored'));
  soft_delete text;
  old_record text;
  new_record text;
  old_values text;
  new_values text;
  fields text;
  destroyed text;
  before_json CONSTANT text := CASE WHEN without_record THEN 'NULL::json' ELSE 'to_json(before.*)' END;
  after_json CONSTANT text := CASE WHEN without_record THEN 'NULL::json' ELSE 'to_json(after.*)' END;
BEGIN
  SELECT c.name INTO soft_delete FROM webhooks.record_columns(relation) AS c
  WHERE c.name IN ('deleted_at', 'deletedAt') ORDER BY c.ordinal LIMIT 1;
  destroyed := CASE WHEN soft_delete IS NULL THEN 'deleted' ELSE 'destroyed' END;

  SELECT
    string_agg(format('%s AS %I', webhooks.json_expression(format('o.%I', c.name), c.type), c.key), ', '
      ORDER BY c.ordinal) FILTER (WHERE operation <> 'INSERT' AND c.name <> ALL (hidden)),
    string_agg(format('%s AS %I', webhooks.json_expression(format('n.%I', c.name), c.type), c.key), ', '
      ORDER BY c.ordinal) FILTER (WHERE operation <> 'DELETE' AND c.name <> ALL (hidden)),
    string_agg(format('o.%I', c.name), ', ' ORDER BY c.ordinal) FILTER (WHERE observed),
    string_agg(format('n.%I', c.name), ', ' ORDER BY c.ordinal) FILTER (WHERE observed),
    string_agg(format('CASE WHEN ROW(o.%1$I)::record *<> ROW(n.%1$I)::record THEN %2$L END', c.name, c.key), ', '
      ORDER BY c.ordinal) FILTER (WHERE observed)
  INTO old_record, new_record, old_values, new_values, fields
  FROM webhooks.record_columns(relation) AS c,
    LATERAL (SELECT c.name <> ALL (ignored) OR c.name = soft_delete) AS x (observed);
  IF without_record THEN
    old_record := 'NULL';
    new_record := 'NULL';
    fields := 'NULL::text';
  END IF;

  RETURN format('INSERT INTO webhooks.change (workspace, event, record_id, record, updated_fields) SELECT %L, %L || ',
      settings ->> 'workspace', settings ->> 'object' || '.')
    || CASE operation
      WHEN 'INSERT' THEN format($sql$
        'created', n."webhooks.key", %s, NULL
        FROM (SELECT %s AS "webhooks.key", t.* FROM %s AS t) AS n
        CROSS JOIN LATERAL (SELECT %s) AS after$sql$,
        after_json, key, new_source, new_record)
      WHEN 'DELETE' THEN format($sql$
        %L, o."webhooks.key", %s, NULL
        FROM (SELECT %s AS "webhooks.key", t.* FROM %s AS t) AS o
        CROSS JOIN LATERAL (SELECT %s) AS before$sql$,
        destroyed, before_json, key, old_source, old_record)
      ELSE format($sql$
        a.action, coalesce(n."webhooks.key", o."webhooks.key"),
        CASE WHEN n."webhooks.key" IS NULL THEN %s ELSE %s END,
        CASE a.action WHEN 'updated' THEN array_remove(ARRAY[%s], NULL) END
        FROM (SELECT %s AS "webhooks.key", t.* FROM %s AS t) AS o
        FULL JOIN (SELECT %s AS "webhooks.key", t.* FROM %s AS t) AS n ON o."webhooks.key" = n."webhooks.key"
        CROSS JOIN LATERAL (SELECT CASE
          WHEN o."webhooks.key" IS NULL THEN 'created'
          WHEN n."webhooks.key" IS NULL THEN %L
          WHEN %s THEN 'deleted'
          WHEN %s THEN 'restored'
          ELSE 'updated' END) AS a (action)
        CROSS JOIN LATERAL (SELECT %s) AS before
        CROSS JOIN LATERAL (SELECT %s) AS after
        WHERE a.action <> 'updated' OR ROW(%s)::record *<> ROW(%s)::record$sql$,
        before_json, after_json, fields, key, old_source, key, new_source, destroyed,
        coalesce('o.' || quote_ident(soft_delete) || ' IS NULL AND n.' || quote_ident(soft_delete) || ' IS NOT NULL', 'false'),
        coalesce('o.' || quote_ident(soft_delete) || ' IS NOT NULL AND n.' || quote_ident(soft_delete) || ' IS NULL', 'false'),
        old_record, new_record, old_values, new_values)
    END;
END $$;

-- The trigger function. Its argument is a JSON object: object, workspace, ignored.
--
-- Every setting of the session that could change a rendered value or make the statement fail is pinned. lock_timeout is
-- off because a change that gives up waiting for a lock would have to be dropped; statement_timeout remains the CRM's.
-- JIT would compile each fresh statement, and planning the catalog queries for their parameters would cost more than
-- running them.
--
-- An error never reaches the CRM, except a full disk. The rows are then written one by one, and one that still fails
-- is written without its record, which the pipeline parks. Only when that fails too is a change lost, with a warning.
CREATE FUNCTION webhooks.capture_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET TimeZone = 'UTC'
SET DateStyle = 'ISO, YMD'
SET IntervalStyle = 'iso_8601'
SET bytea_output = 'hex'
SET extra_float_digits = 1
SET lc_monetary = 'C'
SET array_nulls = on
SET standard_conforming_strings = on
SET lock_timeout = 0
SET plan_cache_mode = force_generic_plan
SET jit = off
AS $$
DECLARE
  settings json;
  pairs text;
  pair record;
  lost bigint := 0;
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM FROM old_rows LIMIT 1;
  ELSE
    PERFORM FROM new_rows LIMIT 1;
  END IF;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;

  BEGIN
    settings := TG_ARGV[0]::json;
    EXECUTE webhooks.capture_statement(TG_RELID, TG_OP, settings, 'old_rows', 'new_rows', false);
    RETURN NULL;
  EXCEPTION
    WHEN disk_full THEN
      RAISE;
    WHEN OTHERS THEN
      RAISE WARNING 'webhooks: capturing % on % failed and is repeated row by row: %', TG_OP, TG_RELID::regclass, SQLERRM;
  END;

  BEGIN
    INSERT INTO webhooks.change (workspace) SELECT '' WHERE false; -- fails if there is nowhere to write to
    pairs := format(
      CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT NULL::%2$s AS o, (t.*)::%2$s AS n FROM new_rows AS t'
        WHEN 'DELETE' THEN 'SELECT (t.*)::%2$s AS o, NULL::%2$s AS n FROM old_rows AS t'
        ELSE 'SELECT o, n FROM (SELECT %1$s AS key, (t.*)::%2$s AS o FROM old_rows AS t) AS a FULL JOIN
          (SELECT %1$s AS key, (t.*)::%2$s AS n FROM new_rows AS t) AS b ON a.key = b.key'
      END, webhooks.key_expression(TG_RELID, 't'), TG_RELID::regclass);
    FOR pair IN EXECUTE pairs LOOP
      BEGIN
        EXECUTE webhooks.capture_statement(TG_RELID, TG_OP, settings, '(SELECT ($1).* WHERE $1 IS DISTINCT FROM NULL)',
          '(SELECT ($2).* WHERE $2 IS DISTINCT FROM NULL)', false) USING pair.o, pair.n;
      EXCEPTION
        WHEN disk_full THEN
          RAISE;
        WHEN OTHERS THEN
          BEGIN
            EXECUTE webhooks.capture_statement(TG_RELID, TG_OP, settings,
              '(SELECT ($1).* WHERE $1 IS DISTINCT FROM NULL)', '(SELECT ($2).* WHERE $2 IS DISTINCT FROM NULL)', true)
              USING pair.o, pair.n;
          EXCEPTION
            WHEN disk_full THEN
              RAISE;
            WHEN OTHERS THEN
              lost := lost + 1;
          END;
      END;
    END LOOP;
    IF lost > 0 THEN
      RAISE WARNING 'webhooks: % changes of % could not be captured and are lost', lost, TG_RELID::regclass;
    END IF;
  EXCEPTION
    WHEN disk_full THEN
      RAISE;
    WHEN OTHERS THEN
      RAISE WARNING 'webhooks: % on % could not be captured, its changes are lost: %', TG_OP, TG_RELID::regclass, SQLERRM;
  END;
  RETURN NULL;
END $$;

-- The table and, if it is partitioned, its partitions: what is written to a partition by name fires only the
-- partition's own triggers.
CREATE FUNCTION webhooks.with_partitions(target regclass) RETURNS SETOF regclass LANGUAGE sql STABLE AS $$
  SELECT target UNION SELECT relid FROM pg_catalog.pg_partition_tree(target)
$$;

-- The captured tables; partitions stand for themselves only where their parent is not captured.
CREATE VIEW webhooks.captured_table AS
WITH captured AS (
  SELECT tgrelid,
    -- the CASE keeps the arguments of other triggers, which need not be JSON, from being read
    CASE WHEN tgfoid = 'webhooks.capture_changes'::regproc
      THEN convert_from(substring(tgargs FROM 1 FOR length(tgargs) - 1), getdatabaseencoding())::json END AS settings
  FROM pg_catalog.pg_trigger
  WHERE tgfoid = 'webhooks.capture_changes'::regproc AND tgname = 'webhooks_capture_insert'
)
SELECT n.nspname AS schema, c.relname AS name, settings ->> 'object' AS object, settings ->> 'workspace' AS workspace,
  ARRAY(SELECT json_array_elements_text(settings -> 'ignored')) AS ignored
FROM captured
JOIN pg_catalog.pg_class AS c ON c.oid = tgrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE NOT c.relispartition
  OR NOT EXISTS (SELECT FROM pg_catalog.pg_inherits JOIN captured AS parent ON parent.tgrelid = inhparent WHERE inhrelid = c.oid);

-- Puts the capture triggers on a table; true if that changed anything. Called again, it updates what differs.
-- Runs with the rights of the caller, who thus needs the TRIGGER right on the table.
CREATE FUNCTION webhooks.capture(
  target regclass, object text, workspace text DEFAULT '', ignored text[] DEFAULT '{}')
RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  settings CONSTANT text := json_build_object('object', object, 'workspace', coalesce(workspace, ''),
    'ignored', coalesce(ignored, '{}'));
  changed boolean := false;
  relation record;
  each regclass;
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

  FOR each IN SELECT * FROM webhooks.with_partitions(target) LOOP
    FOREACH operation IN ARRAY '{insert,update,delete}'::text[] LOOP
      CONTINUE WHEN EXISTS (
        SELECT FROM pg_trigger
        WHERE tgrelid = each AND tgname = 'webhooks_capture_' || operation AND tgenabled <> 'D'
          AND tgfoid = 'webhooks.capture_changes'::regproc
          AND tgargs = convert_to(settings, getdatabaseencoding()) || '\x00');
      EXECUTE format(
        'CREATE OR REPLACE TRIGGER webhooks_capture_%1$s AFTER %1$s ON %2$s REFERENCING %3$s '
        'FOR EACH STATEMENT EXECUTE FUNCTION webhooks.capture_changes(%4$L)',
        operation, each,
        CASE operation
          WHEN 'insert' THEN 'NEW TABLE AS new_rows'
          WHEN 'update' THEN 'OLD TABLE AS old_rows NEW TABLE AS new_rows'
          ELSE 'OLD TABLE AS old_rows'
        END, settings);
      changed := true;
    END LOOP;
  END LOOP;
  RETURN changed;
END $$;

-- Takes the capture triggers off a table and its partitions; false, with a notice, if there were none. PostgreSQL lets
-- only the owner of a table drop its triggers.
CREATE FUNCTION webhooks.release(target regclass) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found_trigger record;
  changed boolean := false;
BEGIN
  FOR found_trigger IN
    SELECT tgrelid::regclass AS relation, tgname FROM pg_trigger
    WHERE tgfoid = 'webhooks.capture_changes'::regproc AND tgrelid IN (SELECT * FROM webhooks.with_partitions(target))
  LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', found_trigger.tgname, found_trigger.relation);
    changed := true;
  END LOOP;
  IF NOT changed THEN
    RAISE NOTICE '% is not captured', target;
  END IF;
  RETURN changed;
END $$;

-- Whoever may execute capture_changes may put it on any table of his, and so write changes of any object; firing the
-- trigger needs no such right.
REVOKE EXECUTE ON FUNCTION webhooks.camel_case, webhooks.record_columns, webhooks.base_type, webhooks.json_expression,
  webhooks.key_expression, webhooks.capture_statement, webhooks.capture_changes, webhooks.with_partitions,
  webhooks.capture, webhooks.release FROM PUBLIC;
