-- The tables of the pipeline. Flyway runs this with the schema "webhooks" made and current.
-- No foreign keys between the hot tables: each would cost a look-up per row written. Deleting a subscription is soft, and
-- changes are removed by housekeeping only once nothing refers to them.

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
  bytes integer GENERATED ALWAYS AS (octet_length(record::text)) STORED, -- so that a claim knows what it takes into memory
  occurred_at timestamptz NOT NULL DEFAULT statement_timestamp(),
  -- When it was captured, in microseconds since 1970, and never changed. After a restore, a failover or a crash ids begin
  -- again where the log then ends; id and epoch together are never given twice, so a webhook-id made of both is not either.
  epoch bigint NOT NULL DEFAULT CAST(date_part('epoch', clock_timestamp()) * 1000000 AS bigint)
);

-- What is still to be dispatched and claimed by nobody, kept narrow so that claiming never touches the wide rows.
CREATE TABLE webhooks.change_queue (
  id bigint PRIMARY KEY,
  bytes integer NOT NULL DEFAULT 0 -- of the change
) WITH (
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 20000,
  autovacuum_vacuum_cost_delay = 0
);

-- A batch of changes that a node has taken off the queue: one row, however many changes. It goes when the batch is
-- recorded; when its lease ends before that, or its node is gone, the changes are queued again.
CREATE TABLE webhooks.claim (
  -- Drawn, not counted: a process that still has a claim from before a failover must not end another one of the same number.
  id bigint PRIMARY KEY DEFAULT CAST(random() * 9007199254740992 AS bigint),
  node integer NOT NULL,
  lease_until timestamptz NOT NULL,
  changes bigint[] NOT NULL
);

-- Every change that is not recorded yet, whoever has it.
CREATE VIEW webhooks.undispatched AS
  SELECT id AS change_id, NULL::bigint AS claim_id, NULL::integer AS node, NULL::timestamptz AS lease_until
  FROM webhooks.change_queue
  UNION ALL
  SELECT unnest(changes), id, node, lease_until FROM webhooks.claim;

-- Whether somebody waits for changes. A writer notifies only then: PostgreSQL lets transactions that notify commit one
-- after the other only, and under load nobody waits.
CREATE TABLE webhooks.doorbell (
  armed boolean NOT NULL
);
ALTER TABLE webhooks.doorbell REPLICA IDENTITY FULL; -- else a publication of all tables would refuse its updates
INSERT INTO webhooks.doorbell VALUES (false);

-- Every row of the change table is queued in the same transaction, whoever wrote it.
-- Security definer, because a role that may INSERT a change needs no right on the queue.
-- A transaction that has notified can neither be prepared nor commit once the server's queue of notifications is full, and
-- no guard helps at its commit. So it does not notify where either may happen; the poll finds the change by itself.
CREATE FUNCTION webhooks.enqueue_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO webhooks.change_queue (id, bytes)
  SELECT id, coalesce(bytes, 0) FROM written;
  IF EXISTS (SELECT FROM webhooks.doorbell WHERE armed)
    AND current_setting('max_prepared_transactions') = '0' AND pg_notification_queue_usage() < 0.5 THEN
    PERFORM pg_notify('webhooks_change', '');
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER enqueue_changes AFTER INSERT ON webhooks.change
  REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION webhooks.enqueue_changes();

-- Moves the sequence on where a restore has left it behind, or somebody has set it back: to the end of the table, or to where
-- housekeeping has seen it (V20_2), so that it gives no id again. Says which it gave last. Whoever has the lock and still
-- finds it behind is the only one who moves it. Security definer, because who may INSERT a change needs no right on it.
CREATE FUNCTION webhooks.keep_ids_ahead() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  newest CONSTANT bigint := greatest((SELECT max(id) FROM webhooks.change), (SELECT next_id FROM webhooks.settled_log), 0);
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
  PERFORM webhooks.keep_ids_ahead();
  RETURN NULL;
END $$;

-- To look costs a tenth of a captured INSERT, so capture (V3) looks only after it has failed.
CREATE TRIGGER keep_ids_ahead BEFORE INSERT ON webhooks.change
  FOR EACH STATEMENT WHEN (current_setting('webhooks.captures', true) IS DISTINCT FROM 'on')
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
  secret text NOT NULL DEFAULT '', -- empty: sent unsigned
  enabled boolean NOT NULL DEFAULT true,
  concurrency integer CHECK (concurrency > 0), -- null: webhooks.delivery.concurrency
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz
);

-- Moves with every change of a subscription, in its transaction, so that a claim sees in the same snapshot whether the
-- webhooks it knows are still the right ones. (A sequence would move before the commit.)
CREATE TABLE webhooks.subscription_revision (
  revision bigint NOT NULL
);
ALTER TABLE webhooks.subscription_revision REPLICA IDENTITY FULL;
INSERT INTO webhooks.subscription_revision VALUES (1);

CREATE FUNCTION webhooks.touch_subscription_revision() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE webhooks.subscription_revision SET revision = revision + 1;
  RETURN NULL;
END $$;

CREATE TRIGGER touch_subscription_revision AFTER INSERT OR UPDATE OR DELETE ON webhooks.subscription
  FOR EACH STATEMENT EXECUTE FUNCTION webhooks.touch_subscription_revision();

-- A webhook whose row is deleted for good takes its pending deliveries with it.
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

-- One change owed to one webhook. The id is the webhook-id that is sent: it follows from the change with its epoch, the
-- webhook and the replay, so that a batch repeated after a crash repeats the id, and one index serves as key and as guard
-- against doubles. It begins with the change, so that new rows go to the end of the index.
CREATE TABLE webhooks.delivery (
  id text COLLATE "C" GENERATED ALWAYS AS (
    'msg_' || lpad(to_hex(change_id), 16, '0') || replace(subscription_id::text, '-', '') || coalesce(to_hex(epoch), '')
      || CASE WHEN replay_id = 0 THEN '' ELSE '_' || replay_id::text END) STORED PRIMARY KEY,
  change_id bigint NOT NULL,
  epoch bigint,           -- of the change; null: of whichever has this id
  subscription_id uuid NOT NULL,
  replay_id bigint NOT NULL DEFAULT 0, -- when the replay was started that sends again what had arrived, in microseconds
  state text NOT NULL CHECK (state IN ('pending', 'delivered', 'dead', 'cancelled')),
  attempts integer NOT NULL DEFAULT 0,
  due_at timestamptz,     -- of a pending one: when it falls due, which is also the end of the lease of whoever sends it
  attempted_at timestamptz, -- start, duration and status of the last attempt
  duration_ms integer,
  status integer,
  error text,             -- why the last attempt failed, or why it was cancelled
  body text,              -- as sent; kept only where a route changed it, else it follows from the change
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((state = 'pending') = (due_at IS NOT NULL))
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX delivery_due ON webhooks.delivery (subscription_id, due_at) WHERE state = 'pending';

-- Attempts that failed, and those of pending deliveries; the one attempt of a delivery that succeeded at once stands in
-- its own row. Numbers start at 1.
CREATE TABLE webhooks.attempt (
  delivery_id text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  attempted_at timestamptz NOT NULL,
  duration_ms integer NOT NULL,
  status integer,         -- null: no response
  error text,             -- null: delivered
  response text,          -- at most 2 KiB of what the receiver said
  PRIMARY KEY (delivery_id, number)
);

-- The running processes. A node that has not been seen for five beats is dead: its claims are free.
CREATE TABLE webhooks.node (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  seen_at timestamptz NOT NULL DEFAULT now()
);
