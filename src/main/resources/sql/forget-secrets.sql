-- Drops previous secrets: what is not there cannot be stolen.
UPDATE webhooks.subscription SET previous_secret = '', previous_secret_until = NULL WHERE id = ANY (CAST(:?ids AS uuid[]))
