-- Counts the fates of a window of changes at each webhook that they were owed to. All of it comes from one snapshot. In
-- it a change is either queued or recorded together with its deliveries, so a change that is found nowhere is lost. (Deliveries
-- that are kept elsewhere were read before, so what is found nowhere is looked for there once more: SecondLook. And a filter
-- may not have wanted it: FilteredOut.)
WITH owing AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(CAST(:?owing AS jsonb)) AS o(
    subscription_id uuid, workspace text, operations text[], since timestamptz, until timestamptz, queued_from bigint, source text, filter text)
), seen AS MATERIALIZED (
  SELECT id, workspace, event, occurred_at, bytes IS NULL AS removed FROM webhooks.change
  WHERE id > CAST(:?after AS bigint) AND id <= CAST(:?upto AS bigint)
    AND (occurred_at >= CAST(:?since AS timestamptz) AND occurred_at < CAST(:?until AS timestamptz)
      OR id > CAST(:?openAfter AS bigint) AND id <= CAST(:?openUpto AS bigint))
), kind AS MATERIALIZED ( -- few, so that matching costs little however many webhooks there are
  SELECT workspace, event, webhooks.matching_operations(event) AS matching FROM seen GROUP BY workspace, event
), owed AS (
  SELECT seen.id, owing.subscription_id, seen.removed, seen.id >= owing.queued_from AS late, owing.filter
  FROM owing
  JOIN kind ON kind.workspace = owing.workspace AND kind.matching && owing.operations
    AND NOT webhooks.twenty_ignores(owing.source, kind.event, owing.operations)
    AND (CAST(:?events AS text[]) IS NULL OR kind.matching && CAST(:?events AS text[]))
  JOIN seen ON seen.workspace = kind.workspace AND seen.event = kind.event
    AND seen.occurred_at >= owing.since AND seen.occurred_at < coalesce(owing.until, 'infinity')
), claimed AS MATERIALIZED (
  SELECT unnest(changes) FROM webhooks.claim
), both_sides AS ( -- owed and made, to be grouped: a join has no good plan before the tables are analyzed
  SELECT id, subscription_id, removed, late, filter, NULL::integer AS best FROM owed
  UNION ALL
  SELECT change_id, subscription_id, NULL, NULL, NULL, array_position('{delivered,pending,dead,cancelled}', state)
  FROM webhooks.delivery
  WHERE id >= 'msg_' || lpad(to_hex(CAST(:?after AS bigint) + 1), 16, '0') COLLATE "C"
    AND id < 'msg_' || lpad(to_hex(CAST(:?upto AS bigint) + 1), 16, '0') COLLATE "C"
    AND subscription_id IN (SELECT subscription_id FROM owing)
  -- what has arrived elsewhere
), met AS (
  SELECT id, subscription_id, bool_or(removed) AS removed, bool_or(late) AS late, max(filter) AS filter, min(best) AS best
  FROM both_sides
  GROUP BY id, subscription_id
  HAVING bool_or(removed) IS NOT NULL -- that is, it was owed
)
SELECT met.subscription_id, fate, met.filter, count(*) AS changes, count(*) FILTER (WHERE removed) AS removed,
  to_jsonb(array_agg(met.id) FILTER (WHERE fate = 'gap')) AS ids
  -- all that are named
FROM met
CROSS JOIN LATERAL (SELECT CASE -- asks on only where there is no delivery
  WHEN met.best IS NOT NULL THEN ('{delivered,pending,dead,cancelled}'::text[])[met.best]
  WHEN EXISTS (SELECT FROM webhooks.change_queue q WHERE q.id = met.id) OR met.id IN (TABLE claimed) THEN 'queued'
  WHEN EXISTS (SELECT FROM webhooks.parked_change p WHERE p.change_id = met.id) THEN 'parked'
  WHEN EXISTS (SELECT FROM webhooks.dropped_change x WHERE x.change_id = met.id AND x.reason LIKE 'muted: %') THEN 'muted'
  WHEN EXISTS (SELECT FROM webhooks.dropped_change x WHERE x.change_id = met.id) THEN 'dropped'
  WHEN late THEN 'unserved'
  ELSE 'gap' END AS fate) AS f
GROUP BY met.subscription_id, fate, met.filter
