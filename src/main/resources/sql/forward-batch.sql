-- Notes where the messages of a claim are in the topic of changes. From here on the consumers have its changes, and its
-- partitions are free. No row: the claim was lost meanwhile, and its changes are forwarded again.
WITH forwarded AS (
  UPDATE webhooks.claim
  SET node = 0, offsets = CAST(:?offsets AS jsonb), topic = :?topic,
    lease_until = now() + interval '1 hour'
  WHERE id = CAST(:?claim AS bigint)
  RETURNING id
), freed AS (
  UPDATE webhooks.partition SET held = false FROM forwarded WHERE held AND claim = forwarded.id
)
SELECT id FROM forwarded
