-- Finds the next changes that a replay owes, in the order of their ids, and says how far it has looked. There is at
-- least one row, since that is always needed. A change without a delivery to the webhook is missing. One that has only
-- dead and cancelled deliveries has failed, and the first of these is sent again; not so one that a route has left out. Where
-- deliveries that arrived are kept elsewhere, those that are missing were listed when the replay was started. (OFFSET 0 keeps
-- the scan one by id, which ends as soon as enough are found.)
WITH r AS MATERIALIZED (
  SELECT r.*, s.workspace, s.operations, s.source, webhooks.replay_reach(r) AS reach
  FROM webhooks.replay r JOIN webhooks.subscription s ON s.id = r.subscription_id
  WHERE r.id = CAST(:?replay AS bigint)
), found AS MATERIALIZED (
  SELECT c.id, CASE (SELECT mode FROM r) WHEN 'failed' THEN made.first END AS delivery_id, c.bytes
  FROM (
    SELECT id, epoch, workspace, event, occurred_at, bytes FROM webhooks.change
    WHERE id > CAST(:?position AS bigint) AND id <= (SELECT reach FROM r)
    ORDER BY id OFFSET 0
  ) c
  CROSS JOIN LATERAL (
    SELECT min(id) AS first, bool_and(state IN ('dead', 'cancelled') AND error IS DISTINCT FROM 'left out by customise-delivery') AS failed FROM webhooks.delivery
    WHERE id >= webhooks.delivery_key(c.id, (SELECT subscription_id FROM r)) COLLATE "C"
      AND id < webhooks.delivery_key(c.id, (SELECT subscription_id FROM r)) || 'g' COLLATE "C"
      AND coalesce(epoch, c.epoch) = c.epoch
  ) made
  WHERE c.bytes IS NOT NULL
    AND (c.occurred_at >= (SELECT since FROM r) AND c.occurred_at < (SELECT until FROM r)
      OR c.id > (SELECT open_after FROM r) AND c.id <= (SELECT open_upto FROM r))
    AND c.workspace = (SELECT workspace FROM r)
    AND webhooks.matching_operations(c.event) && (SELECT operations FROM r)
    AND NOT webhooks.twenty_ignores((SELECT source FROM r), c.event, (SELECT operations FROM r))
    AND webhooks.matching_operations(c.event) && (SELECT coalesce(events, '{*.*}') FROM r)
    AND (SELECT 1 FROM webhooks.parked_change p WHERE p.change_id = c.id) IS NULL
    AND CASE (SELECT mode FROM r) WHEN 'missing' THEN made.first IS NULL AND (NOT (SELECT listed FROM r) OR (
        SELECT get_bit(m.bits, CAST(c.id & 8191 AS integer)) = 1 FROM webhooks.replay_missing m
        WHERE m.replay_id = (SELECT id FROM r) AND m.block = c.id >> 13)) WHEN 'failed' THEN made.failed ELSE true END
  ORDER BY c.id
  LIMIT CAST(:?room AS integer)
), sized AS (
  SELECT id, delivery_id, sum(bytes) OVER (ORDER BY id) - bytes AS bytes_before, count(*) OVER () AS found FROM found
)
SELECT r.reach, sized.found, c.id AS change_id, c.epoch, CASE WHEN f.flaw IS NULL THEN webhooks.readable_origin(c.origin) END AS origin,
  sized.delivery_id, f.flaw,
  CASE WHEN f.flaw IS NULL THEN c.workspace END AS workspace, CASE WHEN f.flaw IS NULL THEN c.event END AS event,
  CASE WHEN f.flaw IS NULL THEN c.record_id END AS record_id, c.bytes,
  CASE WHEN f.flaw IS NULL AND sized.delivery_id IS NULL AND c.bytes <= CAST(:?recordBytes AS bigint)
    THEN c.record::text END AS record,
  CASE WHEN f.flaw IS NULL THEN to_json(c.updated_fields)::text END AS updated_fields, c.occurred_at::text AS occurred_at
FROM r
LEFT JOIN sized ON sized.bytes_before < CAST(:?batchBytes AS bigint)
LEFT JOIN webhooks.change c ON c.id = sized.id
CROSS JOIN LATERAL (
  SELECT webhooks.flaw(c.workspace, c.event, c.record_id, c.updated_fields,
    CASE WHEN c.bytes <= CAST(:?recordBytes AS bigint) THEN c.record END) AS flaw
  OFFSET 0
) f
ORDER BY c.id
