-- Drops previous secrets: a missing secret cannot be stolen.
UPDATE webhooks.subscription SET previous_secret = '', previous_secret_until = NULL WHERE id = ANY (CAST(:?ids AS uuid[]))
