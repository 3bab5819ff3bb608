-- Reads the values of the gauges, every few seconds however often they are scraped. Each count ends at a bound and each
-- oldest is the first of an index, so millions of deliveries cost nothing. Beyond 20,000 queued changes PostgreSQL's
-- own count serves, which is a second old at most.
--
-- A change that is queued or claimed has no delivery yet. By its event it counts as owed already; else a pipeline that
-- hangs before the record would look well. This is asked for the 5000 oldest. Where more wait, a webhook without one
-- among them counts as waiting since the youngest of them: rather too early than never. A delivery that a replay owes is
-- not late. Replays are paced, so few of these lie before the first delivery that is not replayed.
WITH webhook AS MATERIALIZED (
  SELECT id, workspace, operations, enabled, created_at, least(10000, 250000 / count(*) OVER ()) AS most
  FROM webhooks.subscription WHERE deleted_at IS NULL
), claimed AS MATERIALIZED (
  SELECT u.id FROM webhooks.claim c, unnest(c.changes) AS u(id)
), waiting AS MATERIALIZED (
  (SELECT id FROM webhooks.change_queue ORDER BY id LIMIT 5000)
  UNION ALL
  (SELECT id FROM claimed ORDER BY id LIMIT 5000)
), looked AS MATERIALIZED (
  SELECT c.workspace, c.event, c.occurred_at
  FROM waiting w CROSS JOIN LATERAL (SELECT * FROM webhooks.change WHERE id = w.id LIMIT 1) c
), kind AS MATERIALIZED (
  SELECT workspace, webhooks.matching_operations(event) AS patterns, min(occurred_at) AS since
  FROM looked GROUP BY workspace, event
), owed AS MATERIALIZED (
  SELECT s.id, min(k.since) AS since
  FROM webhook s JOIN kind k ON k.workspace = s.workspace AND k.patterns && s.operations
  GROUP BY s.id
), total AS MATERIALIZED (
  SELECT (SELECT count(*) FROM (SELECT FROM webhooks.change_queue LIMIT 20000) few) AS few,
    greatest(20000, pg_stat_get_live_tuples('webhooks.change_queue'::regclass)) AS many,
    (SELECT count(*) FROM claimed) AS claimed,
    (SELECT count(*) FROM (SELECT FROM webhooks.parked_change LIMIT 10000) few) AS parked,
    (SELECT coalesce(sum(changes), 0) FROM (SELECT changes FROM webhooks.lost_change LIMIT 10000) few) AS lost,
    (SELECT count(*) FROM webhooks.told_trouble) AS trouble,
    (SELECT min(since) FROM kind) AS since,
    (SELECT max(occurred_at) FROM looked) AS youngest
)
SELECT CASE WHEN t.few < 20000 THEN t.few ELSE t.many END AS queued, t.claimed, t.parked, t.lost, t.trouble,
  (SELECT greatest(0.001, extract(epoch FROM webhooks.age_of(t.since))) WHERE t.since IS NOT NULL) AS queued_age,
  s.id,
  (SELECT count(*) FROM (SELECT FROM webhooks.delivery d
    WHERE d.subscription_id = s.id AND d.state = 'pending' AND d.state <> 'delivered' LIMIT s.most) few) AS pending,
  (SELECT count(*) FROM (SELECT FROM webhooks.delivery d
    WHERE d.subscription_id = s.id AND d.state = 'dead' AND d.state <> 'delivered' LIMIT s.most) few) AS dead,
  EXISTS (SELECT FROM webhooks.endpoint e WHERE e.subscription_id = s.id AND e.paused_until IS NOT NULL)::integer AS paused,
  (SELECT greatest(0.001, extract(epoch FROM webhooks.age_of(w.since))) WHERE w.since IS NOT NULL AND s.enabled) AS age
FROM total t
LEFT JOIN webhook s ON true
LEFT JOIN owed o ON o.id = s.id
LEFT JOIN LATERAL (
  SELECT first.change_id FROM (
    SELECT d.change_id, d.replayed_by FROM webhooks.delivery d
    WHERE d.subscription_id = s.id AND d.state = 'pending' AND d.state <> 'delivered'
    ORDER BY d.change_id LIMIT 2000
  ) first
  WHERE first.replayed_by IS NULL ORDER BY first.change_id LIMIT 1
) p ON true
CROSS JOIN LATERAL (
  SELECT least(
    coalesce(o.since, CASE WHEN t.few > 5000 OR t.claimed > 5000 THEN t.youngest END),
    (SELECT c.occurred_at FROM webhooks.change c WHERE c.id = p.change_id)) AS since
) w
ORDER BY s.created_at, s.id
