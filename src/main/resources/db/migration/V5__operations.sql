-- For operators: the form of shown values, the admin API, replays and the knowledge of reconciliation.

-- How values of any size, time and encoding leave the database. Shown values are bounded, sent values can be read, and no
-- statement that reads many rows fails on one of them.

-- Whether a text can be converted to UTF-8. Some databases take bytes that cannot be converted: any in SQL_ASCII, a few in
-- WIN1252.
CREATE FUNCTION webhooks.is_text(value text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM convert_to(value, 'UTF8');
  RETURN true;
EXCEPTION
  WHEN OTHERS THEN
    RETURN false;
END $$;

-- A text as it is shown: its beginning, and ... after it if it is longer. A text that cannot be converted is shown with its
-- bytes written out. (Plain SQL, like those below, so that it costs nothing in a UTF8 database.)
CREATE FUNCTION webhooks.shown(value text, most integer) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN getdatabaseencoding() = 'UTF8' OR webhooks.is_text(left(value, most)) THEN left(value, most)
    ELSE encode(convert_to(left(value, most), getdatabaseencoding()), 'escape')
  END || CASE WHEN length(value) > most THEN '...' ELSE '' END
$$;

-- Names of fields as they are shown: one list of texts from an array of any depth.
CREATE FUNCTION webhooks.shown_fields(fields text[]) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN octet_length(array_to_string(fields, ',')) > 10000 THEN ARRAY[webhooks.shown(array_to_string(fields, ', '), 2000)]
    WHEN fields IS NOT NULL THEN ARRAY(SELECT webhooks.shown(coalesce(field, 'NULL'), 2000) FROM unnest(fields) AS field)
  END
$$;

-- The reason, in words, why a process cannot read a change; null: it can. Give it no record that is too large to be read.
CREATE FUNCTION webhooks.flaw(workspace text, event text, record_id text, updated_fields text[], record json) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN octet_length(workspace) + coalesce(octet_length(event), 0) + coalesce(octet_length(record_id), 0)
        + coalesce(octet_length(array_to_string(updated_fields, '')), 0) > 200000
      THEN 'workspace, event, record_id and updated_fields are longer than 200000 bytes'
    WHEN getdatabaseencoding() <> 'UTF8'
        AND NOT webhooks.is_text(concat(workspace, event, record_id, array_to_string(updated_fields, ''), record::text))
      THEN 'it has bytes that are no text in the encoding of the database, ' || getdatabaseencoding()
  END
$$;

-- The origin that a change names, as a process can read it; null where it cannot, or where it is longer than Twenty's.
CREATE FUNCTION webhooks.readable_origin(origin json) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN octet_length(origin::text) <= 1000 AND (getdatabaseencoding() = 'UTF8' OR webhooks.is_text(origin::text))
    THEN origin::text END
$$;

-- The age of a time. Ages over 1000 years, and times more than 100 years ahead, count as these bounds.
CREATE FUNCTION webhooks.age_of(moment timestamptz) RETURNS interval LANGUAGE sql STABLE AS $$
  SELECT now() - least(greatest(moment, now() - interval '1000 years'), now() + interval '100 years')
$$;

-- Tables of the admin API beside those of the pipeline.

-- Tokens of the API. Only the SHA-256 of a token is kept. A token is 256 random bits, which no list of guesses holds, so a
-- slow hash would only add load. A revoked token stays here, so that one can see who had access.
CREATE TABLE webhooks.api_token (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('read', 'operate', 'admin')),
  workspace text, -- null: all workspaces
  hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz, -- to the minute
  revoked_at timestamptz
);
-- Names are unique only within a workspace, so that nobody learns the names in another one.
CREATE UNIQUE INDEX api_token_name ON webhooks.api_token (name, workspace) NULLS NOT DISTINCT WHERE revoked_at IS NULL;

-- The deliveries of one webhook, however many of others lie between. It is the one index that a delivered row pays for
-- besides its key: 1 to 3 us of PostgreSQL's 32 and 104 bytes of its log a row, measured with 3 and with 500 webhooks.
CREATE INDEX delivery_by_webhook ON webhooks.delivery (subscription_id, change_id);

-- Pending, dead and cancelled deliveries, found and counted without reading the delivered ones.
CREATE INDEX delivery_open ON webhooks.delivery (subscription_id, state, change_id) WHERE state <> 'delivered';

-- The deliveries of one record. These come after the two above: of indexes that look equally good while the table is empty,
-- a plan takes the one that was made last.
CREATE INDEX delivery_of_record ON webhooks.delivery (record_key, state, change_id) WHERE record_key IS NOT NULL;
CREATE INDEX delivery_asleep ON webhooks.delivery (record_key, change_id) WHERE NOT isfinite(due_at);

-- The changes of one record. Bloom filters of some hundred pages each: a lookup reads the few stretches of the log that
-- may have the record, and a new row costs next to nothing.
CREATE INDEX change_record ON webhooks.change USING brin (record_id text_bloom_ops) WITH (autosummarize = on);

-- The first and the last time of the changes in each block of 1024 ids, noted by housekeeping. So a time range is found
-- without an index on the time.
CREATE TABLE webhooks.change_block (
  block bigint PRIMARY KEY, -- id >> 10
  earliest timestamptz NOT NULL,
  latest timestamptz NOT NULL
);

-- Attempts by the minute, for statistics. Each process counts its own in memory and adds them here every few seconds, so
-- that a delivery pays nothing. Counts that a killed process had not added are missing here, and only here.
CREATE TABLE webhooks.attempt_minute (
  minute timestamptz NOT NULL,
  subscription_id uuid NOT NULL,
  delivered integer NOT NULL, -- attempts that the receiver accepted
  failed integer NOT NULL,    -- attempts that it did not accept, or that did not reach it ...
  dead integer NOT NULL,      -- ... and how many of these were the last of the schedule
  durations integer[] NOT NULL, -- attempts by duration, see DurationHistogram
  PRIMARY KEY (minute, subscription_id)
);

-- Tables of replays and reconciliation.

-- A replay owes past changes to one webhook again. Its state is all here, so that any process carries it on.
CREATE TABLE webhooks.replay (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subscription_id uuid NOT NULL,
  mode text NOT NULL CHECK (mode IN ('missing', 'failed', 'all')),
  since timestamptz NOT NULL,  -- of occurred_at, inclusive
  until timestamptz NOT NULL,  -- exclusive
  events text[] CHECK (array_position(events, NULL) IS NULL), -- narrows the webhook's operations; null: all of them
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'paused', 'done', 'cancelled')),
  waiting text,                -- why a running one makes no progress; null: it does
  first_id bigint NOT NULL,    -- the range: changes after this one ...
  last_id bigint NOT NULL,     -- ... up to this one
  open_after bigint NOT NULL DEFAULT 0, -- changes after this one were perhaps committed in the range, whenever they
  open_upto bigint NOT NULL DEFAULT 0,  -- were made, up to this one
  position bigint NOT NULL,    -- the change up to which it has come
  owed bigint NOT NULL DEFAULT 0,     -- deliveries that it has made pending
  dropped bigint NOT NULL DEFAULT 0,  -- changes that the customise route did not want sent
  refused bigint NOT NULL DEFAULT 0,  -- changes that could not be dispatched, ...
  error text,                         -- ... and why the last of them could not
  listed boolean NOT NULL DEFAULT false, -- whether replay_missing has the changes that are missing
  due_at timestamptz DEFAULT now(), -- when a running one goes on; also the end of the lease of its process
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  CHECK ((state = 'running') = (due_at IS NOT NULL))
);
CREATE INDEX replay_running ON webhooks.replay (subscription_id, id) WHERE state = 'running';

-- The changes that a replay in mode missing owes, where deliveries that arrived are kept elsewhere: found when it is started,
-- 8192 changes to a row, in which block is id >> 13 and each has a bit.
CREATE TABLE webhooks.replay_missing (
  replay_id bigint,
  block bigint,
  bits bytea NOT NULL CHECK (octet_length(bits) = 1024),
  PRIMARY KEY (replay_id, block)
);

CREATE FUNCTION webhooks.forget_replay_missing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM webhooks.replay_missing WHERE replay_id = OLD.id;
  RETURN NULL;
END $$;

CREATE TRIGGER forget_replay_missing AFTER UPDATE OF state ON webhooks.replay
  FOR EACH ROW WHEN (NEW.listed AND NEW.state IN ('done', 'cancelled'))
  EXECUTE FUNCTION webhooks.forget_replay_missing();

-- It is tiny, since it has only the first and the last time of each stretch of the table. That is enough to find where a
-- time range begins.
CREATE INDEX change_occurred_at ON webhooks.change USING brin (occurred_at);

-- Changes that nobody was to get, else they would look lost: those that the customise route did not want sent, and those
-- of a muted workspace.
CREATE TABLE webhooks.dropped_change (
  change_id bigint PRIMARY KEY,
  reason text -- 'muted: ' and why; null: a customising step
);

-- Changes that retention has removed, by the UTC day on which they were made. Some of the changes made up to the latest are
-- missing.
CREATE TABLE webhooks.removed_change (
  day date NOT NULL,
  workspace text NOT NULL,
  event text NOT NULL,
  changes bigint NOT NULL,
  latest timestamptz NOT NULL -- when the last of them was made
);
-- The index is on hashes, since it takes no long text. Two that are ever the same are counted together.
CREATE UNIQUE INDEX removed_change_kind
  ON webhooks.removed_change (day, hashtextextended(workspace, 0), hashtextextended(event, 0));
ALTER TABLE webhooks.removed_change REPLICA IDENTITY FULL; -- else a publication of all tables would refuse its updates

-- The patterns that match an event, as Operations.matching makes them.
CREATE FUNCTION webhooks.matching_operations(event text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT ARRAY[
    split_part(event, '.', 1) || '.' || split_part(event, '.', 2), split_part(event, '.', 1) || '.*',
    '*.' || split_part(event, '.', 2), '*.*']
$$;

-- Whether a webhook is not owed an event although a wildcard of it matches: Twenty gives workflowRun.updated to those of its
-- own only that name it.
CREATE FUNCTION webhooks.twenty_ignores(source text, event text, operations text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT source IS NOT DISTINCT FROM 'twenty' AND event = 'workflowRun.updated' AND NOT event = ANY (operations)
$$;

-- The beginning of the ids of a change's deliveries to a webhook. The epoch of the change follows, and for replays '_' and
-- more. All of them lie between this and this || 'g'.
CREATE FUNCTION webhooks.delivery_key(change_id bigint, subscription_id uuid) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT 'msg_' || lpad(to_hex(change_id), 16, '0') || replace(subscription_id::text, '-', '')
$$;

-- How far a replay may look in one step: 2000 ids on from its next change, but never past a change that is still queued or
-- claimed. Only the changes before that one have surely been dispatched to all webhooks that they matched.
CREATE FUNCTION webhooks.replay_reach(r webhooks.replay) RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT least(
    r.last_id,
    (SELECT min(c.id) + 1999 FROM webhooks.change c WHERE c.id > r.position AND c.id <= r.last_id),
    (SELECT min(q.id) - 1 FROM webhooks.change_queue q WHERE q.id > r.position AND q.id <= r.last_id),
    (SELECT min(u.id) - 1 FROM webhooks.claim c, unnest(c.changes) AS u(id) WHERE u.id > r.position AND u.id <= r.last_id))
$$;

-- The times when each webhook was served, its operations then, and its filter. They say what it was owed, whatever it is now.
CREATE TABLE webhooks.subscription_period (
  subscription_id uuid NOT NULL,
  workspace text NOT NULL,
  operations text[] NOT NULL,
  filter text,
  since timestamptz NOT NULL,
  until timestamptz,       -- null: still so
  queued_from bigint       -- the oldest change that was not dispatched at its end: later ones may have missed the webhook
);
ALTER TABLE webhooks.subscription_period REPLICA IDENTITY FULL; -- else a publication of all tables would refuse its updates
CREATE UNIQUE INDEX subscription_period_open ON webhooks.subscription_period (subscription_id) WHERE until IS NULL;

-- It runs at the commit, because a change that is dispatched before does not see the webhook yet. It looks at the row as it
-- is then, so the number of changes to it does not matter.
CREATE FUNCTION webhooks.keep_subscription_period() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  of uuid := coalesce(NEW.id, OLD.id);
  served webhooks.subscription;
BEGIN
  SELECT * INTO served FROM webhooks.subscription s WHERE s.id = of AND s.enabled AND s.deleted_at IS NULL;
  UPDATE webhooks.subscription_period p
  SET until = clock_timestamp(), queued_from = least(
    (SELECT min(q.id) FROM webhooks.change_queue q), (SELECT min(u.id) FROM webhooks.claim c, unnest(c.changes) AS u(id)),
    (SELECT last_value + 1 FROM webhooks.change_id_seq))
  WHERE p.subscription_id = of AND p.until IS NULL
    AND (p.workspace, p.operations, p.filter) IS DISTINCT FROM (served.workspace, served.operations, served.filter);
  IF served.id IS NOT NULL THEN
    INSERT INTO webhooks.subscription_period (subscription_id, workspace, operations, filter, since)
    VALUES (served.id, served.workspace, served.operations, served.filter, clock_timestamp())
    ON CONFLICT (subscription_id) WHERE until IS NULL DO NOTHING;
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER keep_subscription_period
  AFTER INSERT OR DELETE OR UPDATE OF workspace, operations, filter, enabled, deleted_at ON webhooks.subscription
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION webhooks.keep_subscription_period();
