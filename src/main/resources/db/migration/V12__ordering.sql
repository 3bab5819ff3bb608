-- Order by record, and newer updates in place of older ones, for webhooks that ask for it; docs/ordering.md says what that
-- means and why it holds.

ALTER TABLE webhooks.subscription
  ADD COLUMN ordering text NOT NULL DEFAULT 'none' CHECK (ordering IN ('none', 'record')),
  ADD COLUMN on_dead text NOT NULL DEFAULT 'skip' CHECK (on_dead IN ('skip', 'hold')), -- what a dead letter does to the later ones of its record
  ADD COLUMN supersede boolean NOT NULL DEFAULT false;

-- Whether the deliveries of a batch that are to keep their order stand in the database already, although it is not recorded
-- yet: then nothing needs to wait for it.
ALTER TABLE webhooks.claim ADD COLUMN owed_in_order boolean NOT NULL DEFAULT false;

-- Which record of which webhook a delivery is about; only of webhooks that ask for order or for the newest update. A hash,
-- because a record_id may be longer than an index takes; should two ever be the same, they wait for each other. The webhook is
-- in it so that no other index looks as good to a plan that is made while the tables are empty.
-- due_at of a pending one may be 'infinity': it waits for an earlier one of its record, whose end wakes it.
ALTER TABLE webhooks.delivery ADD COLUMN record_key bigint;
CREATE INDEX delivery_of_record ON webhooks.delivery (record_key, state, change_id) WHERE record_key IS NOT NULL;
CREATE INDEX delivery_asleep ON webhooks.delivery (record_key, change_id) WHERE state = 'pending' AND due_at = 'infinity';

-- Null for a change that names no record.
CREATE FUNCTION webhooks.record_key(subscription_id uuid, object text, record_id text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT hashtextextended(subscription_id || ' ' || object || '.' || record_id, 0)
$$;

-- However a delivery ends that others may wait for, the first that is left of its record falls due. What it waits for besides
-- is for its claim to see. (Looks at the table as it is after the end, so that it finds whoever has begun to wait meanwhile. What
-- is locked is being looked at by somebody who sees this end, too.)
CREATE FUNCTION webhooks.wake_next_of_record() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE webhooks.delivery SET due_at = now()
  WHERE id = (
    SELECT first.id FROM (
      SELECT d.id, d.due_at FROM webhooks.delivery d
      WHERE d.record_key = OLD.record_key AND d.state = 'pending'
      ORDER BY d.change_id
      LIMIT 1
      FOR UPDATE SKIP LOCKED
    ) first
    WHERE first.due_at = 'infinity');
  RETURN NULL;
END $$;

CREATE TRIGGER wake_next_of_record AFTER UPDATE OF state ON webhooks.delivery
  FOR EACH ROW WHEN (OLD.record_key IS NOT NULL AND OLD.state IN ('pending', 'dead') AND NEW.state <> OLD.state)
  EXECUTE FUNCTION webhooks.wake_next_of_record();
CREATE TRIGGER wake_next_of_removed AFTER DELETE ON webhooks.delivery
  FOR EACH ROW WHEN (OLD.record_key IS NOT NULL AND OLD.state IN ('pending', 'dead'))
  EXECUTE FUNCTION webhooks.wake_next_of_record();
