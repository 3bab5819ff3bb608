-- The token opens nothing from now on. Revoking it again changes nothing.
UPDATE webhooks.api_token SET revoked_at = coalesce(revoked_at, now())
WHERE id = CAST(:?id AS uuid) AND (CAST(:?workspace AS text) IS NULL OR workspace = CAST(:?workspace AS text))
RETURNING id, name, role, workspace, created_at AS "createdAt", last_used_at AS "lastUsedAt", revoked_at AS "revokedAt"
