-- Gives some of a claim's changes a claim of their own. So a batch that cannot be recorded as a whole is recorded in
-- parts, and each part ends its own claim. Nothing happens when the claim's lease has ended and its changes are queued
-- again. Both leases begin anew, since parts take a while.
WITH part AS MATERIALIZED (
  SELECT ARRAY(SELECT CAST(id AS bigint) FROM jsonb_array_elements_text(CAST(:?part AS jsonb)) AS p(id)) AS ids
), kept AS (
  UPDATE webhooks.claim c
  SET changes = ARRAY(SELECT u.id FROM unnest(c.changes) AS u(id) WHERE u.id <> ALL (part.ids)),
    lease_until = now() + CAST(:?lease AS interval)
  FROM part
  WHERE c.id = CAST(:?claim AS bigint)
  RETURNING c.node, c.lease_until, c.owed_in_order
), made AS (
  INSERT INTO webhooks.claim (node, lease_until, changes, owed_in_order)
  SELECT kept.node, kept.lease_until, part.ids, kept.owed_in_order FROM kept, part WHERE cardinality(part.ids) > 0
  RETURNING id
)
SELECT id AS claim_id FROM made
