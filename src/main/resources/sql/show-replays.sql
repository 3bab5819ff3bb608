-- Shows replays, the newest first. A single one also has the counts of its deliveries by state, which takes as long as
-- it has many. Where those that have arrived are kept elsewhere, they are the rest of those that it has owed.
SELECT r.id, r.subscription_id AS "webhookId", r.mode, r.since, r.until, r.events, r.state,
  CASE WHEN r.state = 'running' THEN coalesce(r.waiting, (
    SELECT 'replay ' || min(o.id) || ' of the same webhook goes first' FROM webhooks.replay o
    WHERE o.state = 'running' AND o.subscription_id = r.subscription_id AND o.id < r.id)) END AS waiting,
  CASE WHEN r.state = 'done' OR r.last_id = r.first_id THEN 1
    ELSE round((r.position - r.first_id)::numeric / (r.last_id - r.first_id), 4) END AS progress,
  r.owed, r.dropped, r.refused, webhooks.shown(r.error, 2000) AS error, r.created_at AS "createdAt", r.ended_at AS "endedAt",
  CASE WHEN CAST(:?id AS bigint) IS NOT NULL THEN (
    SELECT jsonb_build_object('pending', 0, 'delivered', 0, 'dead', 0, 'cancelled', 0)
      || coalesce(jsonb_object_agg(state, n), '{}')
      || CASE WHEN CAST(:?elsewhere AS boolean) THEN jsonb_build_object('delivered',
        greatest(0, r.owed - coalesce(sum(n) FILTER (WHERE state <> 'delivered'), 0))) ELSE '{}' END
    FROM (SELECT state, count(*) AS n FROM webhooks.delivery WHERE replayed_by = r.id GROUP BY state) made) END AS deliveries
FROM webhooks.replay r
JOIN webhooks.subscription s ON s.id = r.subscription_id
WHERE s.workspace = coalesce(:?workspace, s.workspace) AND r.id = coalesce(CAST(:?id AS bigint), r.id)
  AND r.subscription_id = coalesce(CAST(:?webhookId AS uuid), r.subscription_id)
  AND r.id < coalesce(CAST(:?before AS bigint), 9223372036854775807)
ORDER BY r.id DESC
LIMIT CAST(:?limit AS integer)
