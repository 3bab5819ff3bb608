-- Capture: statement-level triggers on a CRM's table that append its changes to webhooks.change, in the CRM's own
-- transaction. docs/capture.md says what is captured and why; here stands how.
--
-- capture_changes can serve any table: it builds its one INSERT .. SELECT from the catalog (V2) anew for each statement.
-- Building, parsing and planning that takes one to three milliseconds, which a bulk import does not feel and a CRM that
-- writes row by row does. So each captured table has its own copy of the function, capture_<number>, with a shortcut: the
-- finished statements, which PL/pgSQL plans once a session. The shortcut is taken only while the table has the shape that
-- it was written for; otherwise the copy works as the original does, and writes its shortcut anew for the next statement.

-- All of the catalog that the text for a table depends on: the columns of the table and of the composite types in it
-- (nested), and the primary key. The number in front is to change with the functions of V2 and with capture_changes, so
-- that every shortcut is written anew.
CREATE FUNCTION webhooks.table_shape(relation oid, nested oid[]) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN concat_ws('; ', 1,
    (SELECT string_agg(concat_ws(' ', attrelid, attnum, atttypid, quote_ident(attname)), ', ' ORDER BY attrelid, attnum)
      FROM pg_catalog.pg_attribute WHERE attrelid = ANY (relation || nested) AND attnum > 0),
    (SELECT indkey FROM pg_catalog.pg_index WHERE indrelid = relation AND indisprimary));
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
SET quote_all_identifiers = off
SET lock_timeout = 0
SET plan_cache_mode = force_generic_plan
SET jit = off
SET webhooks.captures = on
AS $$
#variable_conflict use_column
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
    -- (shortcut)
    EXECUTE webhooks.capture_statement(TG_RELID, TG_OP, settings, 'old_rows', 'new_rows', false);
    RETURN NULL;
  EXCEPTION
    WHEN disk_full THEN
      RAISE;
    WHEN OTHERS THEN
      RAISE WARNING 'webhooks: capturing % on % failed and is repeated row by row: %', TG_OP, TG_RELID::regclass, SQLERRM;
  END;

  BEGIN
    PERFORM webhooks.keep_ids_ahead();
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

-- Makes or replaces a copy of capture_changes, with this code in place of its line "(shortcut)". Whoever may execute one may
-- put it on any table of his, and so write changes of any object; firing the trigger needs no such right.
CREATE FUNCTION webhooks.put_capture_function(name text, shortcut text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  made CONSTANT boolean := to_regproc(format('webhooks.%I', name)) IS NULL;
  original CONSTANT regproc := 'webhooks.capture_changes'::regproc;
  rights_and_settings CONSTANT text := substring(pg_get_functiondef(original) FROM E'\n RETURNS trigger.*?\nAS ');
BEGIN
  EXECUTE format('CREATE OR REPLACE FUNCTION webhooks.%I()', name) || rights_and_settings
    || (SELECT quote_literal(replace(prosrc, '-- (shortcut)', shortcut)) FROM pg_proc WHERE oid = original);
  IF made THEN
    EXECUTE format('REVOKE EXECUTE ON FUNCTION webhooks.%I FROM PUBLIC', name);
  END IF;
END $$;

-- Whether a function is capture_changes or a copy of it. Only this schema's owner can make one of these.
CREATE FUNCTION webhooks.is_capture_function(function oid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM pg_catalog.pg_proc
    WHERE oid = function AND pronamespace = 'webhooks'::regnamespace AND proname ~ '^capture_([0-9]+|changes)$')
$$;

-- Writes the shortcut of the function that this trigger runs, for its table as it is now. Called by that function,
-- in the CRM's transaction, so it must neither fail nor wait: while another transaction is writing the same shortcut,
-- statements are captured without. A function that somebody put on a second table too is left alone, or the two tables
-- would take turns in having it written. PostgreSQL is to check what it is given, whatever the session says: a function
-- with a syntax error would fail before its own guard.
CREATE FUNCTION webhooks.write_shortcut(relation oid, trigger_name name, settings text) RETURNS void
LANGUAGE plpgsql SET check_function_bodies = on AS $$
DECLARE
  own record;
  nested oid[];
BEGIN
  SELECT p.oid, p.proname INTO own FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
  WHERE t.tgrelid = relation AND t.tgname = trigger_name AND webhooks.is_capture_function(p.oid)
    AND NOT EXISTS (SELECT FROM pg_trigger AS other WHERE other.tgfoid = p.oid AND other.tgrelid <> relation);
  IF own IS NULL OR NOT pg_try_advisory_xact_lock('pg_proc'::regclass::oid::integer, own.oid::integer) THEN
    RETURN;
  END IF;
  WITH RECURSIVE composite (relid) AS (
    SELECT relation
    UNION
    SELECT typrelid FROM composite, webhooks.record_columns(relid) AS c, pg_type AS t
    WHERE t.oid = webhooks.base_type(c.type) AND typtype = 'c')
  SELECT array_agg(relid) FILTER (WHERE relid <> relation) INTO nested FROM composite;
  PERFORM webhooks.put_capture_function(own.proname, format(
    $code$IF TG_ARGV[0] = %L AND webhooks.table_shape(TG_RELID, %L) = %L THEN
      IF TG_OP = 'INSERT' THEN
        %s;
      ELSIF TG_OP = 'UPDATE' THEN
        %s;
      ELSE
        %s;
      END IF;
      RETURN NULL;
    END IF;
    PERFORM webhooks.write_shortcut(TG_RELID, TG_NAME, TG_ARGV[0]);$code$,
    settings, coalesce(nested, '{}'), webhooks.table_shape(relation, coalesce(nested, '{}')),
    webhooks.capture_statement(relation, 'INSERT', settings::json, 'old_rows', 'new_rows', false),
    webhooks.capture_statement(relation, 'UPDATE', settings::json, 'old_rows', 'new_rows', false),
    webhooks.capture_statement(relation, 'DELETE', settings::json, 'old_rows', 'new_rows', false)));
EXCEPTION
  WHEN OTHERS THEN
    RAISE WARNING 'webhooks: the statements that capture % cannot be kept, so each is built anew: %', relation::regclass, SQLERRM;
END $$;
