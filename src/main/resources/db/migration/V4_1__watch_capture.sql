-- Which tables should be captured, as capture and release were told, beside what the catalog says: triggers may be switched off,
-- dropped, or left behind when a table is made anew, and then nobody hears of a change that is missing.

CREATE TABLE webhooks.capture_target (
  schema text NOT NULL,
  name text NOT NULL,
  relation oid NOT NULL, -- finds the table again when it is renamed
  settings text NOT NULL, -- the argument of its triggers
  PRIMARY KEY (schema, name)
);

-- Notes that a table is to be captured so, or with null as settings that it no longer is; true if that is new. With the rights of
-- this schema's owner, as capture_function.
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

-- Each table that should be captured as it is found now: by its name, else, when it was renamed, by its number; null: it is gone.
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

-- Each row says in words why changes of a table are not captured, or those that are not sent. Triggers that always fire do so
-- for rows that a subscription replicates, too: right only where the changes are queued then.
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

-- The captured tables with what is wrong, or null. Partitions stand for themselves only where their parent is not captured.
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
  ARRAY(SELECT json_array_elements_text(settings -> 'ignored')) AS ignored, problem
FROM captured
LEFT JOIN (
  SELECT schema, name, string_agg(problem, '; ' ORDER BY problem) AS problem FROM webhooks.capture_trouble GROUP BY schema, name
) AS trouble USING (schema, name);

-- What operators have been told of that is wrong with capture, and is so still.
CREATE TABLE webhooks.told_trouble (
  problem text PRIMARY KEY,
  told_at timestamptz NOT NULL DEFAULT now()
);
