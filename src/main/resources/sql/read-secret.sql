-- The secrets of a webhook, as they are stored, and the schemes that it signs in. It is locked, so that what is
-- checked is what is changed.
SELECT secret, signature_schemes, headers::text AS headers, oauth2::text AS oauth2
FROM webhooks.subscription WHERE id = CAST(:?id AS uuid) AND deleted_at IS NULL FOR UPDATE
