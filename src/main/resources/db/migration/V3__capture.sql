-- Capture: statement-level triggers on a CRM's table that append its changes to webhooks.change, in the CRM's own
-- transaction. docs/capture.md says what is captured and why.
--
-- capture_changes can serve any table: it builds its one INSERT .. SELECT from the catalog anew for each statement.
-- Building, parsing and planning that takes one to three milliseconds. A bulk import does not feel this, but a CRM that
-- writes row by row does. So each captured table has its own copy of the function, capture_<number>, with a shortcut: the
-- finished statements, which PL/pgSQL plans once a session. The shortcut is taken only while the table has the shape that it
-- was written for. Otherwise the copy works like the original, and writes its shortcut anew for the next statement.
--
-- Changes get their ids when a statement ends. A statement inside another one (from a trigger of the CRM, or a function)
-- ends first, though most often it changes rows that the outer one wrote. So each statement notes its beginning. One that
-- finds changes of others inside it puts those of the same records in order.

-- Notes, for the transaction, that a statement has begun: webhooks.open lists those that have not ended, as '
-- <oid><operation>', in the order in which they began, with a + before one that a trigger or a foreign key makes. (Only its
-- beginning tells: PostgreSQL fires what follows it as if it were part of the outer statement.) It runs with the rights of
-- the CRM's role and for each of its statements, so it calls only functions that cannot fail. (An assignment costs a third
-- of a PERFORM.)
CREATE FUNCTION webhooks.capture_begin() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  noted text;
BEGIN
  noted := pg_catalog.set_config('webhooks.open',
    pg_catalog.concat(pg_catalog.current_setting('webhooks.open', true),
      CASE WHEN pg_catalog.pg_trigger_depth() > 1 THEN ' +' ELSE ' ' END, TG_RELID, TG_OP), true);
  RETURN NULL;
END $$;

-- Whether a row of the change table was written by the transaction that asks. (Rows that others have committed meanwhile are
-- visible, too. Only for recent rows, whose xmin is of this epoch or the next.)
CREATE FUNCTION webhooks.is_own(writer xid) RETURNS boolean LANGUAGE sql VOLATILE AS $$
  SELECT CASE WHEN since < 2147483648 -- or it is older than this transaction
    THEN pg_catalog.pg_xact_status((since + pg_catalog.pg_current_xact_id()::text::bigint)::text::xid8) = 'in progress'
    ELSE false END
  FROM (SELECT (writer::text::bigint - pg_catalog.pg_current_xact_id()::text::bigint) & 4294967295) AS x (since)
$$;

-- The record of a row as it is now; empty if there is none, null if this schema's owner may not see.
CREATE FUNCTION webhooks.present_record(relation oid, settings json, record_id text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  condition text;
  columns integer;
  found text;
BEGIN
  SELECT string_agg(CASE WHEN t.oid < 16384
      THEN format('n.%I OPERATOR(pg_catalog.=) $1[%s]::%s.%I', a.attname, k.i, t.typnamespace::regnamespace, t.typname)
      ELSE format('concat(n.%I) COLLATE "C" = $1[%s]', a.attname, k.i) END, ' AND '), count(*)
  INTO condition, columns
  FROM pg_index AS x, unnest(x.indkey) WITH ORDINALITY AS k (attnum, i), pg_attribute AS a, pg_type AS t
  WHERE x.indrelid = relation AND x.indisprimary AND k.i <= x.indnkeyatts
    AND a.attrelid = relation AND a.attnum = k.attnum AND t.oid = a.atttypid;
  IF condition IS NULL OR NOT has_table_privilege(relation, 'SELECT') OR row_security_active(relation) THEN
    RETURN NULL;
  END IF;
  EXECUTE format('SELECT to_json(r.*)::text FROM %s AS n CROSS JOIN LATERAL (SELECT %s) AS r WHERE %s',
    relation::regclass,
    coalesce((webhooks.twenty_rendering(relation, settings)).new_record, webhooks.record_values(relation, 'n')), condition) INTO found
  USING CASE columns WHEN 1 THEN ARRAY[record_id] ELSE ARRAY(SELECT json_array_elements_text(record_id::json)) END;
  RETURN coalesce(found, '');
END $$;

-- The order of the changes of one record, some of a statement and some of statements inside it. Both kinds are in order
-- among themselves. The statement's own come first, since PostgreSQL does not update or delete a row that a statement inside
-- has changed. There are two exceptions, where the record did not exist or was to go. An insert may take the place of a row
-- that was deleted inside, and a cascading deletion may meet a row that was changed before.
CREATE FUNCTION webhooks.merge_changes(
  own bigint[], own_actions text[], inside bigint[], inside_actions text[], deletion text, existed boolean)
RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  merged bigint[] := '{}';
  alive boolean := existed;
  o integer := 1;
  i integer := 1;
  own_next boolean;
BEGIN
  WHILE o <= cardinality(own) OR i <= cardinality(inside) LOOP
    own_next := i > cardinality(inside) OR o <= cardinality(own) AND CASE own_actions[o]
      WHEN 'created' THEN NOT alive AND inside_actions[i] <> 'created'
      WHEN deletion THEN alive AND inside_actions[i] = 'created'
      ELSE alive END;
    IF own_next THEN
      merged := merged || own[o];
      alive := own_actions[o] <> deletion;
      o := o + 1;
    ELSE
      merged := merged || inside[i];
      alive := inside_actions[i] = 'created' OR alive AND inside_actions[i] <> deletion;
      i := i + 1;
    END IF;
  END LOOP;
  RETURN merged;
END $$;

-- Puts the changes that a statement has just written, with ids after "reached", in order with those of statements inside it,
-- with ids after "since", for the same records. Those that must come later are written anew. Nobody has seen them yet, and
-- the lock on the row is still held, so the new ids are in order with those of other transactions too. If the row is
-- visible, it decides about the last change.
CREATE FUNCTION webhooks.put_in_order(relation oid, settings json, since bigint, reached bigint) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  for_object text;
  for_workspace text;
  deletion CONSTANT text := CASE WHEN EXISTS (
    SELECT FROM webhooks.record_columns(relation) WHERE name IN ('deleted_at', 'deletedAt')) THEN 'destroyed' ELSE 'deleted' END;
  of record;
  present text;
  ordered bigint[];
  moved bigint[] := '{}';
BEGIN
  SELECT object, workspace INTO for_object, for_workspace
  FROM webhooks.change WHERE id > reached AND webhooks.is_own(xmin) ORDER BY id LIMIT 1;
  IF NOT EXISTS (
      SELECT FROM webhooks.change
      WHERE id > since AND id <= reached AND object = for_object AND workspace = for_workspace AND webhooks.is_own(xmin)) THEN
    RETURN;
  END IF;
  FOR of IN
    WITH written AS MATERIALIZED (
      SELECT id, record_id, action, CASE action WHEN deletion THEN '' ELSE record::text END AS state, record::text AS record,
        id > reached AS own
      FROM webhooks.change
      WHERE id > since AND object = for_object AND workspace = for_workspace AND webhooks.is_own(xmin)
    )
    SELECT record_id,
      array_agg(id ORDER BY id) FILTER (WHERE own) AS own, array_agg(action ORDER BY id) FILTER (WHERE own) AS own_actions,
      array_agg(id ORDER BY id) FILTER (WHERE NOT own) AS inside,
      array_agg(action ORDER BY id) FILTER (WHERE NOT own) AS inside_actions,
      (array_agg(state ORDER BY id DESC) FILTER (WHERE own))[1] AS own_state,
      (array_agg(state ORDER BY id DESC) FILTER (WHERE NOT own))[1] AS inside_state,
      count(*) FILTER (WHERE action = 'created') - count(*) FILTER (WHERE action = deletion) AS more,
      (array_agg(record ORDER BY id) FILTER (WHERE own))[1]
        = (array_agg(record ORDER BY id) FILTER (WHERE NOT own AND action = deletion))[1] AS own_was_deleted
    FROM written
    GROUP BY record_id
    HAVING bool_or(own) AND NOT bool_and(own)
  LOOP
    present := webhooks.present_record(relation, settings, of.record_id);
    ordered := webhooks.merge_changes(of.own, of.own_actions, of.inside, of.inside_actions, deletion, coalesce(
      (present <> '')::integer - of.more > 0,
      of.own_actions[1] <> 'created' OR deletion = ANY (of.inside_actions) AND of.own_was_deleted IS NOT TRUE));
    IF present = of.own_state AND of.own_state <> of.inside_state AND ordered[cardinality(ordered)] <> ALL (of.own) THEN
      ordered := of.inside || of.own;
    ELSIF present = of.inside_state AND of.own_state <> of.inside_state AND ordered[cardinality(ordered)] = ANY (of.own) THEN
      ordered := of.own || of.inside;
    END IF;
    FOR n IN 2 .. cardinality(ordered) LOOP -- all from the first that is lower than the one before it
      IF ordered[n] < ordered[n - 1] THEN
        moved := moved || ordered[n :];
        EXIT;
      END IF;
    END LOOP;
  END LOOP;
  WITH dequeued AS (
    DELETE FROM webhooks.change_queue WHERE id = ANY (moved)
  ), taken_back AS (
    DELETE FROM webhooks.dropped_change WHERE change_id = ANY (moved)
  ), removed AS (
    DELETE FROM webhooks.change WHERE id = ANY (moved)
    RETURNING id, workspace, event, record_id, record, updated_fields, occurred_at, origin
  )
  INSERT INTO webhooks.change (workspace, event, record_id, record, updated_fields, occurred_at, origin)
  SELECT workspace, event, record_id, record, updated_fields, occurred_at, origin
  FROM removed JOIN unnest(moved) WITH ORDINALITY AS m (moved_id, place) ON id = moved_id
  ORDER BY place;
END $$;

-- Whether a row that a foreign key deletes is an event of this table.
CREATE FUNCTION webhooks.counts_cascades(settings json) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN settings ->> 'twenty' IS NULL OR NOT EXISTS (
    SELECT FROM webhooks.twenty_workspace WHERE workspace = settings ->> 'workspace' AND NOT cascades);
END $$;

-- All parts of the catalog that the text for a table depends on: the columns of the table and of its (nested) composite
-- types, and the primary key. It is a hash, since each statement asks. Of a table of Twenty it is also the version of its
-- object and workspace ("about"). The number in front must change with the functions that make the text and with
-- capture_changes, so that every shortcut is written anew.
CREATE FUNCTION webhooks.table_shape(relation oid, nested oid[], about uuid[]) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN concat_ws('; ', 4,
    (SELECT bit_xor(hashnameextended(attname, hashint8extended((attrelid::bigint << 32) + atttypid::bigint, attnum)))
      FROM pg_catalog.pg_attribute WHERE attrelid = ANY (relation || nested) AND attnum > 0),
    (SELECT concat(indkey, '/', indnkeyatts) FROM pg_catalog.pg_index WHERE indrelid = relation AND indisprimary),
    CASE WHEN about <> '{}' THEN (SELECT sum(value) FROM webhooks.twenty_metadata_change AS c WHERE c.about = ANY (table_shape.about)) END);
END $$;

-- Changes that could not even be written without their record: their only trace beside PostgreSQL's log. A row stands for a
-- statement of the CRM. Rows are kept as long as deliveries. Operators get one message about each.
CREATE TABLE webhooks.lost_change (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  lost_at timestamptz NOT NULL DEFAULT statement_timestamp(),
  relation text NOT NULL,
  operation text NOT NULL,
  changes bigint NOT NULL,
  reason text NOT NULL,
  told boolean NOT NULL DEFAULT false
);
CREATE INDEX lost_change_untold ON webhooks.lost_change (id) WHERE NOT told;

-- The trigger function. Its argument is a JSON object: object, workspace, ignored.
--
-- Every setting of the session that could change a rendered value or make the statement fail is pinned. lock_timeout is off,
-- because a change that gives up waiting for a lock would be lost; statement_timeout remains the CRM's. JIT would compile
-- each fresh statement. Planning the catalog queries for their parameters would cost more than running them.
--
-- An error never reaches the CRM, except a full disk. After an error the rows are written one by one, old and new ones
-- paired by their place, since a join might not fit into temp_file_limit. A row that still fails is written without its
-- record, and the pipeline parks it. Only when that fails too is a change lost, and counted. Even a warning may fail, when
-- the client's encoding lacks a character of it.
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
SET geqo_seed = 0.8128 -- tells the trigger keep_ids_ahead that this is capture
AS $$
#variable_conflict use_column
DECLARE
  -- Whether nothing else is open and nothing was written inside. It is one expression, since each one that a transaction
  -- evaluates costs.
  alone CONSTANT boolean := CASE WHEN current_setting('webhooks.open', true) = concat(' ', TG_RELID, TG_OP)
    THEN set_config('webhooks.open', '', true) = '' ELSE false END;
  around text[]; -- the notes of statements before this one, its own two parts, and those after it
  since bigint; -- statements inside this one have written the changes after this id; null: there are none
  some_rows integer; -- none, one, or several rows of an UPDATE or DELETE
  several boolean; -- whether there are several versions of one
  reached bigint; -- the last id of the changes written before
  settings json;
  rows CONSTANT text := 'SELECT %s, (t.*)::%s FROM %s AS t';
  olds refcursor;
  news refcursor;
  side text;
  whole text;
  bare text;
  pair record;
  lost bigint := 0;
  reason text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM FROM new_rows LIMIT 1;
  ELSE
    PERFORM FROM old_rows LIMIT 2;
  END IF;
  GET DIAGNOSTICS some_rows = ROW_COUNT;
  IF NOT alone THEN
    around := coalesce(
      regexp_match(current_setting('webhooks.open', true), concat('^(.*) ([+]?)', TG_RELID, TG_OP, ':?(\d{0,18})((?: .*)?)$')),
      ARRAY[current_setting('webhooks.open', true), '', '', '']);
    IF some_rows > 0 THEN
      reached := coalesce(pg_sequence_last_value(to_regclass('webhooks.change_id_seq')), 0);
      since := nullif(around[3], '')::bigint;
      around[1] := regexp_replace(around[1], '([A-Z])(?= |$)', concat('\1:', reached), 'g');
    END IF;
    PERFORM set_config('webhooks.open', concat(around[1], around[4]), true);
  END IF;
  IF some_rows = 0 THEN
    RETURN NULL;
  END IF;

  BEGIN
    IF TG_OP = 'DELETE' AND around[2] = '+' AND NOT webhooks.counts_cascades(TG_ARGV[0]::json) THEN
      RETURN NULL;
    END IF;
    <<written>>
    BEGIN
      -- (shortcut)
      settings := TG_ARGV[0]::json;
      IF TG_OP = 'UPDATE' AND some_rows > 1 THEN
        EXECUTE 'SELECT ' || webhooks.several_versions(TG_RELID) INTO several;
      END IF;
      EXECUTE webhooks.capture_statement(TG_RELID, TG_OP, settings,
        CASE WHEN several THEN webhooks.net_rows(TG_RELID, 'old_rows') ELSE 'old_rows' END,
        CASE WHEN several THEN webhooks.net_rows(TG_RELID, 'new_rows') ELSE 'new_rows' END, false);
    END written;
    IF since IS NOT NULL THEN
      PERFORM webhooks.put_in_order(TG_RELID, TG_ARGV[0]::json, since, reached);
    END IF;
    RETURN NULL;
  EXCEPTION
    WHEN disk_full THEN
      RAISE;
    WHEN OTHERS THEN
      reason := SQLERRM;
  END;
  BEGIN
    RAISE WARNING 'webhooks: capturing % on % failed and is repeated row by row: %', TG_OP, TG_RELID::regclass, reason;
  EXCEPTION
    WHEN OTHERS THEN
      NULL;
  END;

  BEGIN
    settings := TG_ARGV[0]::json;
    PERFORM webhooks.keep_ids_ahead();
    INSERT INTO webhooks.change (workspace) SELECT '' WHERE false; -- fails if there is nowhere to write to
    whole := webhooks.capture_statement(TG_RELID, TG_OP, settings, '(SELECT ($1).* WHERE $1 IS DISTINCT FROM NULL)',
      '(SELECT ($2).* WHERE $2 IS DISTINCT FROM NULL)', false);
    bare := webhooks.capture_statement(TG_RELID, TG_OP, settings, '(SELECT ($1).* WHERE $1 IS DISTINCT FROM NULL)',
      '(SELECT ($2).* WHERE $2 IS DISTINCT FROM NULL)', true);
    EXECUTE format('SELECT NULL::text AS o_key, NULL::%1$s AS o, NULL::text AS n_key, NULL::%1$s AS n', TG_RELID::regclass) INTO pair;
    IF TG_OP <> 'INSERT' THEN
      OPEN olds FOR EXECUTE format(rows, webhooks.key_expression(TG_RELID, 't'), TG_RELID::regclass, 'old_rows');
    END IF;
    IF TG_OP <> 'DELETE' THEN
      OPEN news FOR EXECUTE format(rows, webhooks.key_expression(TG_RELID, 't'), TG_RELID::regclass, 'new_rows');
    END IF;
    LOOP
      IF olds IS NOT NULL THEN
        FETCH olds INTO pair.o_key, pair.o;
      END IF;
      IF news IS NOT NULL THEN
        FETCH news INTO pair.n_key, pair.n;
      END IF;
      EXIT WHEN pair.o_key IS NULL AND pair.n_key IS NULL;
      FOREACH side IN ARRAY CASE WHEN pair.o_key <> pair.n_key THEN '{o,n}' ELSE '{both}' END::text[] LOOP
        BEGIN
          EXECUTE whole USING CASE WHEN side <> 'n' THEN pair.o END, CASE WHEN side <> 'o' THEN pair.n END;
        EXCEPTION
          WHEN disk_full THEN
            RAISE;
          WHEN OTHERS THEN
            BEGIN
              EXECUTE bare USING CASE WHEN side <> 'n' THEN pair.o END, CASE WHEN side <> 'o' THEN pair.n END;
            EXCEPTION
              WHEN disk_full THEN
                RAISE;
              WHEN OTHERS THEN
                lost := lost + 1;
                reason := SQLERRM;
            END;
        END;
      END LOOP;
    END LOOP;
    IF since IS NOT NULL THEN
      BEGIN
        PERFORM webhooks.put_in_order(TG_RELID, TG_ARGV[0]::json, since, reached);
      EXCEPTION
        WHEN disk_full THEN
          RAISE;
        WHEN OTHERS THEN
          BEGIN
            RAISE WARNING 'webhooks: changes of % could not be put in order: %', TG_RELID::regclass, SQLERRM;
          EXCEPTION
            WHEN OTHERS THEN
              NULL;
          END;
      END;
    END IF;
    IF lost = 0 THEN
      RETURN NULL;
    END IF;
  EXCEPTION
    WHEN disk_full THEN
      RAISE;
    WHEN OTHERS THEN
      reason := SQLERRM;
      lost := NULL;
  END;

  BEGIN
    IF lost IS NULL AND TG_OP = 'DELETE' THEN
      lost := count(*) FROM old_rows;
    ELSIF lost IS NULL THEN
      lost := count(*) FROM new_rows;
    END IF;
    INSERT INTO webhooks.lost_change (relation, operation, changes, reason)
    VALUES (TG_RELID::regclass, TG_OP, lost, left(reason, 1000));
  EXCEPTION
    WHEN disk_full THEN
      RAISE;
    WHEN OTHERS THEN
      NULL;
  END;
  BEGIN
    RAISE WARNING 'webhooks: % changes by % on % could not be captured and are lost: %', lost, TG_OP, TG_RELID::regclass, reason;
  EXCEPTION
    WHEN OTHERS THEN
      NULL;
  END;
  RETURN NULL;
END $$;

-- Makes or replaces a copy of capture_changes, with this code in place of its line "(shortcut)". A role that may execute one
-- may put it on any of its tables, and so write changes of any object. Firing the trigger needs no such right.
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

-- Whether a function is capture_changes or a copy of it. Only this schema's owner can make one of these. Its number alone is
-- looked for: by their names, all copies would be read for each trigger that is asked about.
CREATE FUNCTION webhooks.is_capture_function(function oid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce((
    SELECT pronamespace = 'webhooks'::regnamespace AND proname ~ '^capture_([0-9]+|changes)$'
    FROM pg_catalog.pg_proc WHERE oid = function), false)
$$;

-- Writes the shortcut of the function that this trigger runs, for its table as it is now. That function calls this in the
-- CRM's transaction, so it must neither fail nor wait. While another transaction is writing the same shortcut, statements
-- are captured without it. A function that somebody put on a second table too is left alone, or each of the two tables would
-- write it anew in turn. PostgreSQL must check the new code even if the session says otherwise: a function with a syntax
-- error would fail before its own guard. The shape is taken first, so that it is never newer than the statements.
CREATE FUNCTION webhooks.write_shortcut(relation oid, trigger_name name, settings text) RETURNS void
LANGUAGE plpgsql SET check_function_bodies = on AS $$
DECLARE
  own record;
  nested oid[];
  about uuid[] := '{}';
  shape text;
  twenty record;
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
  SELECT coalesce(array_agg(relid) FILTER (WHERE relid <> relation), '{}') INTO nested FROM composite;
  IF settings::json ->> 'twenty' IS NOT NULL THEN
    about := ARRAY[settings::json ->> 'twenty', settings::json ->> 'workspace'];
  END IF;
  shape := webhooks.table_shape(relation, nested, about);
  twenty := webhooks.twenty_rendering(relation, settings::json);
  IF twenty.problem IS NOT NULL THEN
    BEGIN
      RAISE WARNING 'webhooks: records of % are not quite as Twenty makes them: %', relation::regclass, twenty.problem;
    EXCEPTION
      WHEN OTHERS THEN
        NULL;
    END;
    IF twenty.object IS NULL THEN
      RETURN; -- the next statement tries again
    END IF;
  END IF;
  PERFORM webhooks.put_capture_function(own.proname, format(
    $code$IF TG_ARGV[0] = %L AND webhooks.table_shape(TG_RELID, %L, %L) = %L THEN
      IF TG_OP = 'INSERT' THEN
        %s;
        EXIT written;
      ELSIF TG_OP = 'DELETE' THEN
        %s;
        EXIT written;
      ELSE
        IF some_rows > 1 THEN
          several := %s;
        END IF;
        IF several IS NOT TRUE THEN
          %s;
          EXIT written;
        END IF;
      END IF;
    ELSE
      PERFORM webhooks.write_shortcut(TG_RELID, TG_NAME, TG_ARGV[0]);
    END IF;$code$,
    settings, nested, about, shape,
    webhooks.capture_statement(relation, 'INSERT', settings::json, 'old_rows', 'new_rows', false),
    webhooks.capture_statement(relation, 'DELETE', settings::json, 'old_rows', 'new_rows', false),
    webhooks.several_versions(relation),
    webhooks.capture_statement(relation, 'UPDATE', settings::json, 'old_rows', 'new_rows', false)));
EXCEPTION
  WHEN OTHERS THEN
    BEGIN
      RAISE WARNING 'webhooks: the statements that capture % cannot be kept, so each is built anew: %', relation::regclass, SQLERRM;
    EXCEPTION
      WHEN OTHERS THEN
        NULL;
    END;
END $$;
