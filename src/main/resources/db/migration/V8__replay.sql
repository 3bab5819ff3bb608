-- Replays and what reconciliation needs to know.

-- A replay owes past changes to one webhook again. Its state is all here, so that any process carries it on.
CREATE TABLE webhooks.replay (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subscription_id uuid NOT NULL,
  mode text NOT NULL CHECK (mode IN ('missing', 'failed', 'all')),
  since timestamptz NOT NULL,  -- of occurred_at, inclusive
  until timestamptz NOT NULL,  -- exclusive
  events text[] CHECK (array_position(events, NULL) IS NULL), -- narrows the webhook's operations; null: all of them
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'paused', 'done', 'cancelled')),
  waiting text,                -- why a running one does not get on; null: it does
  first_id bigint NOT NULL,    -- it walks the changes after this one ...
  last_id bigint NOT NULL,     -- ... up to this one
  open_after bigint NOT NULL DEFAULT 0, -- changes after this one were perhaps committed within the range, whenever they
  open_upto bigint NOT NULL DEFAULT 0,  -- were made, up to this one
  position bigint NOT NULL,    -- the change up to which it has come
  owed bigint NOT NULL DEFAULT 0,     -- deliveries that it has made pending
  dropped bigint NOT NULL DEFAULT 0,  -- changes that the customise route did not want sent
  refused bigint NOT NULL DEFAULT 0,  -- changes that could not be dispatched, ...
  error text,                         -- ... and why the last of them could not
  due_at timestamptz DEFAULT now(), -- of a running one: when it is carried on, which is also the end of the lease of whoever does
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  CHECK ((state = 'running') = (due_at IS NOT NULL))
);
CREATE INDEX replay_running ON webhooks.replay (subscription_id, id) WHERE state = 'running';

-- replayed_by: the replay that made it pending last. It is not replay_id, which is part of the webhook-id: what the webhook
-- has not accepted yet keeps its id, and only a delivery sent again although it arrived gets a new one.
-- schedule_from: attempts made before the retry schedule began anew, by a replay or by hand; null: none.
ALTER TABLE webhooks.delivery
  ADD COLUMN replayed_by bigint,
  ADD COLUMN schedule_from integer;
CREATE INDEX delivery_replayed ON webhooks.delivery (replayed_by, state) WHERE replayed_by IS NOT NULL;

-- Tiny, since it says of each stretch of the table only from when to when: enough to find where a time range begins.
CREATE INDEX change_occurred_at ON webhooks.change USING brin (occurred_at);

-- Changes that the customise route did not want sent to anybody; else they would look lost.
CREATE TABLE webhooks.dropped_change (
  change_id bigint PRIMARY KEY
);

-- What retention has removed, by the UTC day on which it was made: of changes made up to the latest, some are missing.
CREATE TABLE webhooks.removed_change (
  day date NOT NULL,
  workspace text NOT NULL,
  event text NOT NULL,
  changes bigint NOT NULL,
  latest timestamptz NOT NULL -- when the last of them was made
);
-- By hashes, since an index takes no long text; should two ever be the same, they are counted together.
CREATE UNIQUE INDEX removed_change_kind
  ON webhooks.removed_change (day, hashtextextended(workspace, 0), hashtextextended(event, 0));
ALTER TABLE webhooks.removed_change REPLICA IDENTITY FULL; -- else a publication of all tables would refuse its updates

-- The patterns that match an event, as dispatch/Operations.matching makes them.
CREATE FUNCTION webhooks.matching_operations(event text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT ARRAY[
    split_part(event, '.', 1) || '.' || split_part(event, '.', 2), split_part(event, '.', 1) || '.*',
    '*.' || split_part(event, '.', 2), '*.*']
$$;

-- Where the ids of a change's deliveries to a webhook begin: the epoch of the change follows, and with '_' after it those of
-- replays. All of them lie between this and this || 'g', which is after all that may follow.
CREATE FUNCTION webhooks.delivery_key(change_id bigint, subscription_id uuid) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT 'msg_' || lpad(to_hex(change_id), 16, '0') || replace(subscription_id::text, '-', '')
$$;

-- How far a replay may look in one step: 2000 ids on from its next change, but never past a change that is still queued or
-- claimed, since only those before that one have surely been dispatched to all whom they matched.
CREATE FUNCTION webhooks.replay_reach(r webhooks.replay) RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT least(
    r.last_id,
    (SELECT min(c.id) + 1999 FROM webhooks.change c WHERE c.id > r.position AND c.id <= r.last_id),
    (SELECT min(q.id) - 1 FROM webhooks.change_queue q WHERE q.id > r.position AND q.id <= r.last_id),
    (SELECT min(u.id) - 1 FROM webhooks.claim c, unnest(c.changes) AS u(id) WHERE u.id > r.position AND u.id <= r.last_id))
$$;

-- When each webhook was served, and with which operations: what it was owed then, whatever it is now.
CREATE TABLE webhooks.subscription_period (
  subscription_id uuid NOT NULL,
  workspace text NOT NULL,
  operations text[] NOT NULL,
  since timestamptz NOT NULL,
  until timestamptz,       -- null: still so
  queued_from bigint       -- the oldest change that was not dispatched at its end: from here on changes may not have got it any more
);
ALTER TABLE webhooks.subscription_period REPLICA IDENTITY FULL; -- else a publication of all tables would refuse its updates
CREATE UNIQUE INDEX subscription_period_open ON webhooks.subscription_period (subscription_id) WHERE until IS NULL;
INSERT INTO webhooks.subscription_period (subscription_id, workspace, operations, since)
SELECT id, workspace, operations, created_at FROM webhooks.subscription WHERE enabled AND deleted_at IS NULL;

-- Runs at the commit, because a change that is dispatched before it does not get the webhook yet. Looks at the row as it is
-- then, so that it does not matter how often it changed.
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
    AND (p.workspace, p.operations) IS DISTINCT FROM (served.workspace, served.operations);
  IF served.id IS NOT NULL THEN
    INSERT INTO webhooks.subscription_period (subscription_id, workspace, operations, since)
    VALUES (served.id, served.workspace, served.operations, clock_timestamp())
    ON CONFLICT (subscription_id) WHERE until IS NULL DO NOTHING;
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER keep_subscription_period
  AFTER INSERT OR DELETE OR UPDATE OF workspace, operations, enabled, deleted_at ON webhooks.subscription
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION webhooks.keep_subscription_period();
