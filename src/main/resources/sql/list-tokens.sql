-- Tokens, the revoked ones too: who has had access is worth knowing.
SELECT id, name, role, workspace, created_at AS "createdAt", last_used_at AS "lastUsedAt", revoked_at AS "revokedAt"
FROM webhooks.api_token
WHERE CAST(:?workspace AS text) IS NULL OR workspace = CAST(:?workspace AS text)
ORDER BY created_at, id
