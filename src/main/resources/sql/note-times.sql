-- Notes between which times the changes of each block of 1024 ids lie. So a time range is found without an index on the
-- time, also where changes bring times of their own. Only settled parts of the log are noted, since nothing is noted
-- twice.
--
-- A change with an id up to next_id, which a former run has read, belongs to a transaction that this run's snapshot
-- knows. When all of these have ended, that part is settled. A run that another one has overtaken moves nothing.
--
-- Once a minute it marks how far the log has come. (A sequence that has given no number yet stands at 1, which harms
-- nobody.)
WITH forgotten AS (
  DELETE FROM webhooks.change_block WHERE block < (SELECT min(id) FROM webhooks.change) >> 10
), snapshot AS MATERIALIZED (
  SELECT pg_snapshot_xmin(pg_current_snapshot()) AS oldest, pg_snapshot_xmax(pg_current_snapshot()) AS next
), before AS MATERIALIZED (
  SELECT next_id, transactions, transactions <= snapshot.oldest AS ended,
    webhooks.keep_ids_ahead() AS last_id
  FROM webhooks.settled_log, snapshot
), moved AS (
  UPDATE webhooks.settled_log s SET
    settled_id = CASE WHEN before.ended THEN s.next_id ELSE s.settled_id END,
    next_id = CASE WHEN before.ended THEN before.last_id ELSE s.next_id END,
    transactions = CASE
      WHEN before.ended THEN NULL
      WHEN s.transactions <= snapshot.next THEN s.transactions
      ELSE snapshot.next -- the first look; or the numbers are of the cluster that this was restored from
    END
  FROM before, snapshot
  WHERE s.next_id = before.next_id AND s.transactions IS NOT DISTINCT FROM before.transactions
  RETURNING s.settled_id
), marked AS (
  INSERT INTO webhooks.log_mark (last_id, settled_id)
  SELECT before.last_id, (SELECT settled_id FROM webhooks.settled_log) FROM before
  WHERE NOT EXISTS (SELECT FROM webhooks.log_mark WHERE noted_at > now() - interval '50 seconds')
  ON CONFLICT (noted_at) DO NOTHING
), blocks AS MATERIALIZED (
  SELECT block FROM moved, generate_series(
    coalesce((SELECT max(block) + 1 FROM webhooks.change_block), (SELECT min(id) FROM webhooks.change) >> 10),
    ((moved.settled_id + 1) >> 10) - 1) AS block
  LIMIT 500
)
INSERT INTO webhooks.change_block (block, earliest, latest)
SELECT block, coalesce(times.earliest, 'infinity'), coalesce(times.latest, '-infinity')
FROM blocks
CROSS JOIN LATERAL (
  SELECT min(occurred_at) AS earliest, max(occurred_at) AS latest FROM webhooks.change
  WHERE id BETWEEN block << 10 AND (block << 10) + 1023
) times
ON CONFLICT (block) DO NOTHING
