-- Puts the changes of all claims back onto the queue when one of them has lost messages: with another topic than this one, or
-- in "partition" of this one, which begins with the offset "beginning", and was read up to "first". Nothing is done when none
-- has. Without a partition all claims go back. All, because the others may have later changes of the same records, in that
-- partition or in others. The messages that are still there count for nothing without their claims. Some of the changes may
-- be settled, and are sent again with the same ids. The beat frees the partitions of the queue.
WITH lost AS (
  DELETE FROM webhooks.claim
  WHERE CAST(:?partition AS text) = '' OR EXISTS (
    SELECT FROM webhooks.claim f
    WHERE f.topic <> CAST(:?topic AS text)
      OR CAST(f.offsets -> CAST(:?partition AS text) -> 0 AS bigint) < CAST(:?beginning AS bigint)
        AND CAST(f.offsets -> CAST(:?partition AS text) -> 1 AS bigint) >= CAST(:?first AS bigint))
  RETURNING changes
), queued AS (
  INSERT INTO webhooks.change_queue (id)
  SELECT DISTINCT unnest(changes) FROM lost
  ON CONFLICT (id) DO NOTHING
  RETURNING id
)
SELECT count(*) AS returned FROM queued
