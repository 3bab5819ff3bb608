-- Puts back onto the queue the changes of claims that have messages among those that the topic has lost, from the offset
-- "first" of a partition to before the offset "next". Some of them may be settled, and are sent again with the same ids.
WITH lost AS (
  DELETE FROM webhooks.claim
  WHERE jsonb_exists(offsets, CAST(:?partition AS text))
    AND CAST(offsets -> CAST(:?partition AS text) -> 1 AS bigint) >= CAST(:?first AS bigint)
    AND CAST(offsets -> CAST(:?partition AS text) -> 0 AS bigint) < CAST(:?next AS bigint)
  RETURNING changes
), queued AS (
  INSERT INTO webhooks.change_queue (id)
  SELECT DISTINCT unnest(changes) FROM lost
  ON CONFLICT (id) DO NOTHING
  RETURNING id
)
SELECT count(*) AS returned FROM queued
