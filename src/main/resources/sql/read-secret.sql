-- The secret of a webhook, as it is stored, and the schemes that it signs in. It is locked, so that what is checked is what
-- is changed.
SELECT secret, signature_schemes FROM webhooks.subscription WHERE id = CAST(:?id AS uuid) AND deleted_at IS NULL FOR UPDATE
