-- Notes where the messages of a claim are in the topic of changes. From here on the consumers have its changes, and its
-- partitions are free. Those of which no message was sent go back onto the queue, and the claim goes on without them. No row:
-- the claim was lost meanwhile, and its changes are forwarded again.
WITH forwarded AS (
  UPDATE webhooks.claim
  SET node = 0, offsets = CAST(:?offsets AS jsonb), topic = :?topic,
    lease_until = now() + interval '1 hour',
    changes = CASE WHEN CAST(:?unsent AS bigint[]) = '{}' THEN changes
      ELSE ARRAY(SELECT unnest(changes) EXCEPT SELECT unnest(CAST(:?unsent AS bigint[]))) END
  WHERE id = CAST(:?claim AS bigint)
  RETURNING id
), freed AS (
  UPDATE webhooks.partition SET held = false FROM forwarded WHERE held AND claim = forwarded.id
), queued AS (
  INSERT INTO webhooks.change_queue (id)
  SELECT unnest(CAST(:?unsent AS bigint[])) FROM forwarded
  ON CONFLICT (id) DO NOTHING
)
SELECT id FROM forwarded
