-- Gives a webhook a new secret; the old one signs beside it for a while. The end follows from the database's clock, so that all
-- processes mean the same.
UPDATE webhooks.subscription
SET secret = :?secret, public_key = :?publicKey, previous_secret = :?old,
  previous_secret_until = now() + CAST(:?overlap AS interval),
  updated_at = greatest(now(), least(updated_at, now() + interval '1 day') + interval '1 microsecond')
WHERE id = CAST(:?id AS uuid)
RETURNING previous_secret_until AS until
