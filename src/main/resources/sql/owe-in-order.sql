-- Writes the deliveries of a batch that are to keep their order, before anything of it is sent. It notes in their claim
-- that they stand here. It does nothing when the batch has lost its claim. Of several for one record only the first is
-- due; its end wakes the next.
WITH noted AS (
  UPDATE webhooks.claim SET owed_in_order = true WHERE id = CAST(:?claim AS bigint)
  RETURNING id
), owed AS MATERIALIZED (
  SELECT o.*, webhooks.record_key(o.subscription_id, o.object, o.record_id) AS record_key
  FROM noted, jsonb_to_recordset(CAST(:?deliveries AS jsonb)) AS o(
    change_id bigint, epoch bigint, subscription_id uuid, object text, record_id text, body text, request jsonb)
)
INSERT INTO webhooks.delivery (change_id, epoch, subscription_id, state, due_at, body, request, record_key)
SELECT change_id, epoch, subscription_id, 'pending',
  CASE row_number() OVER (PARTITION BY record_key ORDER BY change_id) WHEN 1 THEN now() ELSE 'infinity' END, body, request, record_key
FROM owed
ORDER BY change_id
ON CONFLICT (id) DO NOTHING
