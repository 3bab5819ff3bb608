-- The secret and the headers of a webhook, as they are stored, and the schemes that it signs in. It is locked, so that what is
-- checked is what is changed.
SELECT secret, signature_schemes, headers::text AS headers
FROM webhooks.subscription WHERE id = CAST(:?id AS uuid) AND deleted_at IS NULL FOR UPDATE
