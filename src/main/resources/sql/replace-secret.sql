-- Gives a webhook a new secret, which signs from now on.
UPDATE webhooks.subscription
SET secret = CAST(:?secret AS text), updated_at = greatest(now(), updated_at + interval '1 microsecond')
WHERE id = CAST(:?id AS uuid) AND deleted_at IS NULL
