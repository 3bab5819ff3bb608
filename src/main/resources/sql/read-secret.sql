-- The secret of a webhook, as it is stored, and the schemes that it signs in.
SELECT secret, signature_schemes FROM webhooks.subscription WHERE id = CAST(:?id AS uuid) AND deleted_at IS NULL
