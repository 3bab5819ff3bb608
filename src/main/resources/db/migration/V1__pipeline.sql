-- The tables of the pipeline. Flyway runs this with the schema "webhooks" made and current. There are no foreign keys
-- between the hot tables: each would cost a look-up per row written. Deleting a subscription is soft, and changes are
-- removed by housekeeping only once nothing refers to them.

-- The change table: an append-only log. Anything that can INSERT may write it; the other columns have defaults.
-- event and record stay nullable and unchecked: a malformed row must not fail the CRM's transaction, it is parked.
CREATE TABLE webhooks.change (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace text NOT NULL DEFAULT '',
  event text,
  object text GENERATED ALWAYS AS (split_part(event, '.', 1)) STORED,
  action text GENERATED ALWAYS AS (split_part(event, '.', 2)) STORED,
  record_id text,
  record json,
  updated_fields text[],
  bytes integer GENERATED ALWAYS AS (octet_length(record::text)) STORED, -- so that a claim knows how much it takes into memory
  occurred_at timestamptz NOT NULL DEFAULT statement_timestamp(),
  -- The time of its capture, in microseconds since 1970; it never changes. After a restore, a failover or a crash ids begin
  -- again where the log then ends. id and epoch together are never given twice, so neither is a webhook-id made of both.
  epoch bigint NOT NULL DEFAULT CAST(date_part('epoch', clock_timestamp()) * 1000000 AS bigint),
  -- Facts that only Twenty's own body tells, and only of its tables: {"objectMetadataId":...,"userId":...,"workspaceMemberId":...}.
  origin json
);

-- The changes of a record are all in the same one of 64 partitions; those that name no record are spread by their ids.
CREATE FUNCTION webhooks.partition_of(id bigint, workspace text, object text, record_id text) RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CAST(coalesce(hashtextextended(workspace || ' ' || object || '.' || record_id, 0), id) & 63 AS smallint)
$$;

-- Changes that are still to be dispatched and that nobody has claimed. It is narrow, so that claiming never touches the wide
-- rows.
CREATE TABLE webhooks.change_queue (
  id bigint PRIMARY KEY,
  bytes integer NOT NULL, -- of the change
  partition smallint NOT NULL CHECK (partition BETWEEN 0 AND 63) -- of its record
) WITH (
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 20000,
  autovacuum_vacuum_cost_delay = 0
);

CREATE INDEX change_queue_partition ON webhooks.change_queue (partition, id); -- by which claims go while a webhook keeps an order

-- So it takes an id to queue a change once more.
CREATE FUNCTION webhooks.complete_queued() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT coalesce(c.bytes, 0), webhooks.partition_of(c.id, c.workspace, c.object, c.record_id)
  INTO NEW.bytes, NEW.partition
  FROM webhooks.change AS c WHERE c.id = NEW.id;
  NEW.bytes := coalesce(NEW.bytes, 0); -- somebody has deleted the change, and it is parked when its turn comes
  NEW.partition := coalesce(NEW.partition, 0);
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION webhooks.complete_queued FROM PUBLIC;

CREATE TRIGGER complete_queued BEFORE INSERT ON webhooks.change_queue
FOR EACH ROW WHEN (NEW.partition IS NULL) EXECUTE FUNCTION webhooks.complete_queued();

-- A batch of changes that a node has taken off the queue: one row, however many changes. The row goes when the batch is
-- recorded. When its lease ends before that, or its node is gone, the changes are queued again.
CREATE TABLE webhooks.claim (
  -- A random number: a process that still has a claim from before a failover must not end another one with the same number.
  id bigint PRIMARY KEY DEFAULT CAST(random() * 9007199254740992 AS bigint),
  node integer NOT NULL,
  lease_until timestamptz NOT NULL,
  changes bigint[] NOT NULL,
  in_order boolean NOT NULL DEFAULT false, -- whether it holds the partitions of its changes
  -- On Kafka: where its messages are in the topic of changes, as {"<partition>": [first, last]}, and nobody's claim any more
  -- (node 0). It ends when the consumers have settled them. null: they are not there yet.
  offsets jsonb,
  topic text -- the id of that topic: one that is made anew has another
);

-- Which claim holds a partition, or held it last. While any webhook keeps an order, one batch of a partition is at work at a
-- time: what comes later of its records stays queued. Without such a webhook nobody holds any.
CREATE TABLE webhooks.partition (
  id smallint PRIMARY KEY,
  claim bigint NOT NULL DEFAULT 0,
  held boolean NOT NULL DEFAULT false
) WITH (fillfactor = 20);
INSERT INTO webhooks.partition (id) SELECT generate_series(0, 63);

-- Every change that is not recorded yet, queued or claimed.
CREATE VIEW webhooks.undispatched AS
  SELECT id AS change_id, NULL::bigint AS claim_id, NULL::integer AS node, NULL::timestamptz AS lease_until
  FROM webhooks.change_queue
  UNION ALL
  SELECT unnest(changes), id, node, lease_until FROM webhooks.claim;

-- Whether writers are to ring. A writer notifies only then. PostgreSQL lets transactions that notify commit only one
-- after the other, so under load the processes look by themselves (PollPace).
CREATE TABLE webhooks.doorbell (
  armed boolean NOT NULL
);
ALTER TABLE webhooks.doorbell REPLICA IDENTITY FULL; -- else a publication of all tables would refuse its updates
INSERT INTO webhooks.doorbell VALUES (false);

-- Workspaces whose changes are recorded but owed to nobody for a while, such as during an upgrade of the CRM.
CREATE TABLE webhooks.muted (
  workspace text UNIQUE NULLS NOT DISTINCT, -- null: all
  why text NOT NULL,
  since timestamptz NOT NULL DEFAULT clock_timestamp(),
  until timestamptz -- null: until somebody ends it
);
ALTER TABLE webhooks.muted REPLICA IDENTITY FULL;

-- Every row of the change table is queued in the same transaction, whoever wrote it, or dropped where its workspace is
-- muted. It is security definer, because a role that may INSERT a change needs no right on the queue. A transaction that
-- has notified cannot be prepared. It cannot commit either while the server's queue of notifications is full, and no guard
-- helps at its commit. So it does not notify where either may happen, and the poll finds the change by itself.
CREATE FUNCTION webhooks.enqueue_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  awaited boolean;
  silent boolean;
BEGIN
  SELECT EXISTS (SELECT FROM webhooks.doorbell WHERE armed), EXISTS (SELECT FROM webhooks.muted) INTO awaited, silent;
  IF silent THEN
    WITH judged AS MATERIALIZED (
      SELECT w.id, w.bytes, webhooks.partition_of(w.id, w.workspace, w.object, w.record_id) AS partition, (
        SELECT m.why FROM webhooks.muted AS m
        WHERE (m.workspace IS NULL OR m.workspace = w.workspace) AND (m.until IS NULL OR m.until > clock_timestamp())
        ORDER BY m.workspace LIMIT 1) AS why
      FROM written AS w
    ), dropped AS (
      INSERT INTO webhooks.dropped_change (change_id, reason) SELECT id, 'muted: ' || why FROM judged WHERE why IS NOT NULL
      ON CONFLICT (change_id) DO NOTHING
    )
    INSERT INTO webhooks.change_queue (id, bytes, partition)
    SELECT id, coalesce(bytes, 0), partition FROM judged WHERE why IS NULL;
  ELSE
    INSERT INTO webhooks.change_queue (id, bytes, partition)
    SELECT id, coalesce(bytes, 0), webhooks.partition_of(id, workspace, object, record_id) FROM written;
  END IF;
  IF awaited AND current_setting('max_prepared_transactions') = '0' AND pg_notification_queue_usage() < 0.5 THEN
    PERFORM pg_notify('webhooks_change', '');
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER enqueue_changes AFTER INSERT ON webhooks.change
  REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION webhooks.enqueue_changes();

-- Moves the sequence on when a restore has left it behind, or somebody has set it back: to the end of the table, or to the
-- point where housekeeping has seen it (settled_log). So it gives no id again. Returns the id that it gave last. Only the
-- one that has the lock and still finds it behind moves it. It is security definer, because a role that may INSERT a change
-- needs no right on it. A change with an id that no sequence reaches moves nothing, or none would be left for the others.
CREATE FUNCTION webhooks.keep_ids_ahead() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  newest CONSTANT bigint := greatest((SELECT max(id) FROM webhooks.change WHERE id < 100000000000000000),
    (SELECT next_id FROM webhooks.settled_log), 0);
  given bigint;
BEGIN
  LOOP
    SELECT last_value - (NOT is_called)::integer INTO given FROM webhooks.change_id_seq;
    IF given >= newest THEN
      RETURN given;
    ELSIF pg_try_advisory_xact_lock('webhooks.change_id_seq'::regclass::oid::integer, 0)
        AND given = (SELECT last_value - (NOT is_called)::integer FROM webhooks.change_id_seq) THEN
      PERFORM setval('webhooks.change_id_seq', newest);
    END IF;
  END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION webhooks.keep_ids_ahead FROM PUBLIC;

CREATE FUNCTION webhooks.keep_ids_of_writers_ahead() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM webhooks.change_id_seq WHERE last_value - (NOT is_called)::integer < greatest(
    (SELECT max(id) FROM webhooks.change WHERE id < 100000000000000000), (SELECT next_id FROM webhooks.settled_log))) THEN
    PERFORM webhooks.keep_ids_ahead();
  END IF;
  RETURN NULL;
END $$;

-- A look costs a tenth of a captured INSERT, so capture looks only after an INSERT has failed. It is known by a setting that
-- changes nothing here; one of our own would need a superuser to make the function that sets it.
CREATE TRIGGER keep_ids_ahead BEFORE INSERT ON webhooks.change
  FOR EACH STATEMENT WHEN (current_setting('geqo_seed') <> '0.8128')
  EXECUTE FUNCTION webhooks.keep_ids_of_writers_ahead();

-- Changes that cannot be processed, with the reason in words; the row itself stays in the change table.
CREATE TABLE webhooks.parked_change (
  change_id bigint PRIMARY KEY,
  reason text NOT NULL,
  parked_at timestamptz NOT NULL DEFAULT now()
);

-- Webhooks. Deleting one sets deleted_at.
CREATE TABLE webhooks.subscription (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  workspace text NOT NULL DEFAULT '',
  target_url text NOT NULL,
  operations text[] NOT NULL DEFAULT '{*.*}'
    CHECK (array_ndims(operations) = 1 AND array_position(operations, NULL) IS NULL),
  description text,
  labels jsonb NOT NULL DEFAULT '{}' -- texts by their names, for customising routes to choose by
    CHECK (jsonb_typeof(labels) = 'object' AND length(labels::text) <= 50000
      AND NOT jsonb_path_exists(labels, 'strict $.* ? (@.type() <> "string")', '{}', true)),
  secret text NOT NULL DEFAULT '', -- empty: sent unsigned
  enabled boolean NOT NULL DEFAULT true,
  concurrency integer CHECK (concurrency > 0), -- null: webhooks.delivery.concurrency
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz,

  -- How its requests are made. Headers are texts by their names, checked when saved and again when loaded. The identity is a
  -- subfolder of webhooks.egress.tls.folder, so that keys stay out of the database; null: the default one.
  headers jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(headers) = 'object'),
  tls_identity text CHECK (tls_identity ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  -- With what access tokens are asked for: tokenUrl, clientId, clientSecret, and perhaps scope and audience; null: none are sent.
  oauth2 jsonb CHECK (oauth2 IS NULL OR jsonb_typeof(oauth2) = 'object' AND length(oauth2::text) <= 50000
    AND coalesce(oauth2 ->> 'tokenUrl', '') <> '' AND coalesce(oauth2 ->> 'clientId', '') <> ''
    AND coalesce(oauth2 ->> 'clientSecret', '') <> ''
    AND NOT jsonb_path_exists(oauth2, 'strict $.* ? (@.type() <> "string")', '{}', true)),

  -- When and why the pipeline has disabled it by itself; null: disabled by hand, or not at all.
  disabled_at timestamptz,
  disabled_cause text CHECK (disabled_cause IN ('gone', 'failing')),
  disabled_reason text, -- the same in words

  -- Every secret, those in headers and oauth2 among them, is $aes-256-gcm$<id of the key>$<base64>. Plain text may be written
  -- as well: it holds at once, and a running process encrypts it within seconds. See docs/security.md.
  previous_secret text NOT NULL DEFAULT '', -- signs beside the other until ...
  previous_secret_until timestamptz,
  public_key text,                          -- of an encrypted secret that is an ed25519 key, to be shown
  signature_schemes text[] NOT NULL DEFAULT '{twenty,standard}'
    CHECK (signature_schemes <@ '{twenty,standard}' AND cardinality(signature_schemes) > 0),

  -- How its deliveries are tried, where that is not as the settings say for all. Written as in the settings.
  -- Delays after each failed attempt, such as 5s,5m,1h; empty: one attempt only; null: webhooks.delivery.retry-schedule.
  retry_schedule text CHECK (retry_schedule ~ '^([0-9]{1,11}(ms|s|m|h|d)(,[0-9]{1,11}(ms|s|m|h|d)){0,49})?$'),
  timeout text CHECK (timeout ~ '^[0-9]{1,11}(ms|s|m|h|d)$'), -- total deadline of an attempt; null: webhooks.delivery.timeout
  rate_limit double precision CHECK (rate_limit > 0 AND rate_limit <= 10000), -- deliveries a second, from all processes together

  -- Several deliveries in one POST, as a JSON array; docs/posts.md.
  batch_size integer NOT NULL DEFAULT 1 CHECK (batch_size BETWEEN 1 AND 1000),
  batch_wait text CHECK (batch_wait ~ '^[0-9]{1,11}(ms|s|m|h|d)$'), -- how long too few wait for more; null: not at all
  compress text NOT NULL DEFAULT 'none' CHECK (compress IN ('none', 'gzip')),

  -- Order by record, and newer updates in place of older ones; docs/ordering.md has the meaning and the proof.
  ordering text NOT NULL DEFAULT 'none' CHECK (ordering IN ('none', 'record')),
  on_dead text NOT NULL DEFAULT 'skip' CHECK (on_dead IN ('skip', 'hold')), -- whether later ones of its record pass a dead letter
  supersede boolean NOT NULL DEFAULT false,

  -- Where it was made: by the API, in Twenty (a copy of its row), or in a file. The others are read-only but for their delivery
  -- settings. The hash of the copied row shows a difference that the copying missed.
  source text NOT NULL DEFAULT 'api' CHECK (source IN ('api', 'twenty', 'file')),
  source_hash text,
  managed_by text CHECK (length(managed_by) <= 200), -- the file that manages it
  -- Its name there. Whoever releases it from the file leaves the name, so that the file finds it again.
  managed_name text CHECK (managed_name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'),

  -- Which changes it gets, and the body that is made of each. Programs are jq, checked when saved and again when loaded.
  filter text CHECK (length(filter) <= 2000), -- null: all of its operations
  format text NOT NULL DEFAULT 'event' CHECK (format IN ('event', 'native', 'cloudevents', 'thin', 'custom')), -- native: as Twenty writes them
  fields text[] CHECK (cardinality(fields) <= 500 AND array_ndims(fields) = 1 AND array_position(fields, NULL) IS NULL), -- of the record; null: all
  body text CHECK (length(body) <= 2000), -- the program of format custom
  content_type text CHECK (length(content_type) <= 200), -- of format custom; null: JSON
  cloud_events_mode text NOT NULL DEFAULT 'structured' CHECK (cloud_events_mode IN ('structured', 'binary')),

  -- In shadow its deliveries are recorded as cancelled, with their bodies, and nothing is sent.
  shadow boolean NOT NULL DEFAULT false,
  live_from timestamptz CHECK (isfinite(live_from)), -- the time before which it was in shadow: what was committed before is not sent; null: it never was

  CHECK (batch_size = 1 OR format <> 'native'),
  CHECK ((previous_secret = '') = (previous_secret_until IS NULL)),
  CHECK ((source = 'file') = (managed_by IS NOT NULL) AND (managed_by IS NULL OR managed_name IS NOT NULL))
);

-- All secrets of a webhook, as they are stored. Whatever encrypts, moves or counts them finds them here, and in Java by
-- StoredSecrets.Row and SecretColumn. (It takes the columns, since PostgreSQL 17 cannot plan some joins with a whole row.)
CREATE FUNCTION webhooks.stored_secrets(secret text, previous_secret text, headers jsonb, oauth2 jsonb) RETURNS SETOF text
LANGUAGE sql STABLE AS $$
  SELECT stored
  FROM (
    VALUES (secret), (previous_secret), (oauth2 ->> 'clientSecret')
    UNION ALL SELECT h.value #>> '{}' FROM jsonb_each(headers) h WHERE jsonb_typeof(h.value) IN ('string', 'number', 'boolean')
  ) AS all_of_them(stored)
  WHERE stored <> ''
$$;

CREATE UNIQUE INDEX subscription_managed_name ON webhooks.subscription (workspace, managed_name)
  WHERE managed_name IS NOT NULL AND deleted_at IS NULL;

-- Moves with every change of a subscription, in its transaction. So a claim sees in the same snapshot whether its process
-- knows the present webhooks. (A sequence would move before the commit.)
CREATE TABLE webhooks.subscription_revision (
  revision bigint NOT NULL,
  in_order boolean NOT NULL DEFAULT false -- whether any that is served keeps the order of records
);
ALTER TABLE webhooks.subscription_revision REPLICA IDENTITY FULL;
INSERT INTO webhooks.subscription_revision VALUES (1);

CREATE FUNCTION webhooks.touch_subscription_revision() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM FROM webhooks.subscription_revision FOR UPDATE; -- so that the next statement sees all that others have changed before
  UPDATE webhooks.subscription_revision SET revision = revision + 1, in_order = EXISTS (
    SELECT FROM webhooks.subscription WHERE ordering = 'record' AND enabled AND deleted_at IS NULL);
  RETURN NULL;
END $$;

CREATE TRIGGER touch_subscription_revision AFTER INSERT OR UPDATE OR DELETE ON webhooks.subscription
  FOR EACH STATEMENT EXECUTE FUNCTION webhooks.touch_subscription_revision();

-- When the row of a webhook is deleted for good, its pending deliveries go, too.
CREATE FUNCTION webhooks.cancel_pending_deliveries() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE webhooks.delivery SET state = 'cancelled', due_at = NULL, error = 'the webhook was deleted'
  WHERE state = 'pending' AND subscription_id IN (SELECT id FROM removed);
  RETURN NULL;
END $$;

CREATE TRIGGER cancel_pending_deliveries AFTER DELETE ON webhooks.subscription
  REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION webhooks.cancel_pending_deliveries();

-- One change owed to one webhook. The id is the webhook-id that is sent. It follows from the change with its epoch, the
-- webhook and the replay, so a batch repeated after a crash repeats the id. One index serves as key and as guard against
-- doubles. The id begins with the change, so that new rows go to the end of the index.
CREATE TABLE webhooks.delivery (
  id text COLLATE "C" GENERATED ALWAYS AS (
    'msg_' || lpad(to_hex(change_id), 16, '0') || replace(subscription_id::text, '-', '') || coalesce(to_hex(epoch), '')
      || CASE WHEN replay_id = 0 THEN '' ELSE '_' || replay_id::text END) STORED PRIMARY KEY,
  change_id bigint NOT NULL,
  epoch bigint,           -- of the change; null: of any change with this id
  subscription_id uuid NOT NULL,
  replay_id bigint NOT NULL DEFAULT 0, -- start of the replay that sends an arrived change again, in microseconds
  state text NOT NULL CHECK (state IN ('pending', 'delivered', 'dead', 'cancelled')),
  attempts integer NOT NULL DEFAULT 0,
  due_at timestamptz,     -- when a pending one falls due; also the end of the lease of its sender
  attempted_at timestamptz, -- start, duration and status of the last attempt
  duration_ms integer,
  status integer,
  error text,             -- the error of the last attempt, or the reason of its cancellation
  body text,              -- as sent; kept where a route changed it, and once an attempt was not accepted at once
  created_at timestamptz NOT NULL DEFAULT now(),
  -- The replay that made it pending last. It is not replay_id, which is part of the webhook-id. A delivery that the webhook
  -- has not accepted keeps its id. Only one that arrived and is sent again gets a new id.
  replayed_by bigint,
  schedule_from integer,  -- attempts made before the retry schedule began anew, by a replay or by hand; null: none
  -- Which record of which webhook it is about; only of webhooks that ask for order or for the newest update. A hash, because a
  -- record_id may be longer than an index takes; should two ever be the same, they wait for each other. The webhook is in it so
  -- that no other index looks as good to a plan that is made while the tables are empty. due_at of a pending one may be
  -- 'infinity': it waits for an earlier one of its record, whose end wakes it.
  record_key bigint,
  -- How it is sent where a route has made that differ from its webhook: {"url", "endpoint", "contentType", "headers"}, the
  -- endpoint only where it is another; null: as the webhook says.
  request jsonb,
  -- The POST that its next attempt is part of, with the same members and bytes as before: the webhook-id that it had. One of
  -- them has a time and brings the others, whose due_at is 'infinity'; null: it is in none. After the end it says nothing.
  post_id text COLLATE "C",
  waits boolean, -- it waits for others to be sent with, until due_at at most; null: no
  CHECK ((state = 'pending') = (due_at IS NOT NULL))
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX delivery_due ON webhooks.delivery (subscription_id, due_at) WHERE state = 'pending';
CREATE INDEX delivery_elsewhere ON webhooks.delivery (subscription_id, due_at)
  WHERE state = 'pending' AND request ->> 'endpoint' IS NOT NULL;
CREATE INDEX delivery_waits ON webhooks.delivery (subscription_id, due_at) WHERE state = 'pending' AND waits;
CREATE INDEX delivery_post ON webhooks.delivery (post_id, id) WHERE post_id IS NOT NULL;
CREATE INDEX delivery_replayed ON webhooks.delivery (replayed_by, state) WHERE replayed_by IS NOT NULL;

-- Failed attempts, and those of pending deliveries. A delivery that succeeded at once has its one attempt in its own row.
-- Numbers start at 1.
CREATE TABLE webhooks.attempt (
  delivery_id text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  attempted_at timestamptz NOT NULL,
  duration_ms integer NOT NULL,
  status integer,         -- null: no response
  error text,             -- null: delivered
  response text,          -- at most 2 KiB of the receiver's answer
  PRIMARY KEY (delivery_id, number)
);

-- The running processes. A node that has not been seen for five beats is dead: its claims are free.
CREATE TABLE webhooks.node (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  seen_at timestamptz NOT NULL DEFAULT now(),
  secret_keys text[] NOT NULL DEFAULT '{}', -- the ids of the keys that it has: a new one is made the current only once all have it
  -- Since when it has not missed five beats; one that has just joined has missed none. After an outage of the database all
  -- have, and none of them is dead.
  beating_since timestamptz NOT NULL DEFAULT '-infinity'
);

-- A webhook that the pipeline disabled starts afresh when it is enabled again.
CREATE FUNCTION webhooks.forget_why_disabled() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.disabled_at := NULL;
  NEW.disabled_cause := NULL;
  NEW.disabled_reason := NULL;
  RETURN NEW;
END $$;

CREATE TRIGGER forget_why_disabled BEFORE UPDATE ON webhooks.subscription
  FOR EACH ROW WHEN (NEW.enabled AND NOT OLD.enabled) EXECUTE FUNCTION webhooks.forget_why_disabled();

-- The key that encrypts secrets from now on; the keys themselves never stand in the database. There is one row, so that all
-- processes agree. A process without this key, or with a key that others do not have, is noticed before it does harm.
CREATE TABLE webhooks.secret_key (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  id text NOT NULL, -- a fingerprint
  since timestamptz NOT NULL DEFAULT now()
);

-- The state of a webhook's endpoint for all processes. It is written only when it changes, and once a probe. A healthy
-- webhook has no row, or an empty one.
CREATE TABLE webhooks.endpoint (
  subscription_id uuid PRIMARY KEY,
  failing_since timestamptz,  -- no attempt has succeeded since then; null: it does not fail
  paused_until timestamptz,   -- when it has passed, one delivery is sent as a probe; null: it is not paused
  pauses integer NOT NULL DEFAULT 0, -- one after the other, so far
  reason text,                -- the error of the attempt that paused it
  free_at timestamptz,        -- when its next delivery is within the rate limit; unused time is lost after a while (claim-due.sql)
  failed_delivery text,       -- the one whose attempt failed last, so that a reader of a pause can look at that attempt
  CHECK (failing_since IS NOT NULL OR paused_until IS NULL)
) WITH (fillfactor = 50);

-- Shows every process a pause and its end with its next claim. A probe in flight moves only paused_until and is not shown.
CREATE TRIGGER touch_subscription_revision AFTER INSERT OR DELETE OR UPDATE OF failing_since, pauses ON webhooks.endpoint
  FOR EACH ROW EXECUTE FUNCTION webhooks.touch_subscription_revision();

-- A webhook that is enabled, even again, or gets another target is tried now and afresh.
CREATE FUNCTION webhooks.forget_failures() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE webhooks.endpoint
  SET failing_since = NULL, paused_until = NULL, pauses = 0, reason = NULL, failed_delivery = NULL
  WHERE subscription_id = NEW.id AND failing_since IS NOT NULL;
  RETURN NULL;
END $$;

CREATE TRIGGER forget_failures AFTER UPDATE OF enabled, target_url ON webhooks.subscription
  FOR EACH ROW WHEN (NEW.enabled) EXECUTE FUNCTION webhooks.forget_failures();

-- A limit counts from the time when it is set, so that an older, slower one delays nothing.
CREATE FUNCTION webhooks.begin_rate_limit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO webhooks.endpoint (subscription_id, free_at) VALUES (NEW.id, now())
  ON CONFLICT (subscription_id) DO UPDATE SET free_at = excluded.free_at;
  RETURN NULL;
END $$;

CREATE TRIGGER begin_rate_limit AFTER INSERT OR UPDATE OF rate_limit ON webhooks.subscription
  FOR EACH ROW WHEN (NEW.rate_limit IS NOT NULL) EXECUTE FUNCTION webhooks.begin_rate_limit();

-- The record_key of a delivery; null for a change that names no record.
CREATE FUNCTION webhooks.record_key(subscription_id uuid, object text, record_id text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT hashtextextended(subscription_id || ' ' || object || '.' || record_id, 0)
$$;

-- After any end of a delivery that others may wait for, the first one left of its record falls due. Its claim sees whether
-- it waits for something else. (This looks at the table as it is after the end, so that it finds those that have begun to
-- wait meanwhile. A locked row is in the hands of a process that sees this end, too.)
CREATE FUNCTION webhooks.wake_next_of_record() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  pending CONSTANT text := 'pending'; -- a plan from when little was pending would read all that is, were it written below
BEGIN
  UPDATE webhooks.delivery SET due_at = now()
  WHERE id = (
    SELECT first.id FROM (
      SELECT d.id, d.due_at, d.post_id FROM webhooks.delivery d
      WHERE d.record_key = OLD.record_key AND d.state = pending
      ORDER BY d.change_id
      LIMIT 1
      FOR UPDATE SKIP LOCKED
    ) first
    WHERE first.due_at = 'infinity' AND first.post_id IS NULL); -- one of a POST of many goes with that
  RETURN NULL;
END $$;

CREATE TRIGGER wake_next_of_record AFTER UPDATE OF state ON webhooks.delivery
  FOR EACH ROW WHEN (OLD.record_key IS NOT NULL AND OLD.state IN ('pending', 'dead') AND NEW.state <> OLD.state)
  EXECUTE FUNCTION webhooks.wake_next_of_record();
CREATE TRIGGER wake_next_of_removed AFTER DELETE ON webhooks.delivery
  FOR EACH ROW WHEN (OLD.record_key IS NOT NULL AND OLD.state IN ('pending', 'dead'))
  EXECUTE FUNCTION webhooks.wake_next_of_record();

-- When the one of a POST that has a time leaves it, such as when somebody redelivers it, the next one takes its place.
CREATE FUNCTION webhooks.lead_post() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  pending CONSTANT text := 'pending'; -- as above
BEGIN
  UPDATE webhooks.delivery SET due_at = OLD.due_at
  WHERE due_at = 'infinity' AND id = (
    SELECT d.id FROM webhooks.delivery d
    WHERE d.post_id = OLD.post_id AND d.state = pending
    ORDER BY d.id
    LIMIT 1
    FOR UPDATE SKIP LOCKED);
  RETURN NULL;
END $$;

CREATE TRIGGER lead_post AFTER UPDATE OF state, post_id ON webhooks.delivery
  FOR EACH ROW WHEN (OLD.post_id IS NOT NULL AND OLD.due_at < 'infinity'
    AND (NEW.state <> OLD.state OR NEW.post_id IS DISTINCT FROM OLD.post_id))
  EXECUTE FUNCTION webhooks.lead_post();

-- How far the log had come at a time: all changes with an id up to last_id were written before noted_at. Housekeeping notes
-- it once a minute. So retention and replays know when a change was written or committed, without a column for it in every
-- row. occurred_at will not do: a writer may say that a change was made long ago, and may commit it much later.
CREATE TABLE webhooks.log_mark (
  noted_at timestamptz PRIMARY KEY DEFAULT clock_timestamp(),
  last_id bigint NOT NULL,
  settled_id bigint -- changes with an id up to this one were committed then, or never will be; null: not known
);

-- The end of the settled log: every change with an id up to there is committed, or never will be. Ids are given before the
-- commit, so a transaction may add rows between others that have long been read. Housekeeping moves it on (note-times.sql).
CREATE TABLE webhooks.settled_log (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  settled_id bigint NOT NULL DEFAULT 0,
  next_id bigint NOT NULL DEFAULT 0, -- end of the log at a former run; that part is settled, and no new change gets an id up to it
  transactions xid8,                 -- all before this one have ended; null: a later run finds it
  log uuid NOT NULL DEFAULT gen_random_uuid() -- which log it is; on Kafka each change says so, lest two databases share a topic
);
INSERT INTO webhooks.settled_log DEFAULT VALUES;

-- Changes that were committed and still waited when their workspace's webhooks left the shadow at once. They were made
-- before that moment, however late they are dispatched.
CREATE TABLE webhooks.early_change (
  change_id bigint PRIMARY KEY
);
