-- Notes between which times the changes of each block of 1024 ids lie, so that a time range is found without an index on
-- the time, also where changes bring times of their own. The newest blocks are left for the next time: they still grow, and what is in
-- them may not be committed yet.
WITH forgotten AS (
  DELETE FROM webhooks.change_block WHERE block < (SELECT min(id) FROM webhooks.change) >> 10
), blocks AS MATERIALIZED (
  SELECT block FROM webhooks.change_id_seq log, generate_series(
    coalesce((SELECT max(block) + 1 FROM webhooks.change_block), (SELECT min(id) FROM webhooks.change) >> 10),
    (log.last_value >> 10) - 2) AS block
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
