-- Lists tokens, the revoked ones too: it is worth knowing who has had access.
SELECT id, name, role, workspace, created_at AS "createdAt", last_used_at AS "lastUsedAt", revoked_at AS "revokedAt"
FROM webhooks.api_token
WHERE CAST(:?workspace AS text) IS NULL OR workspace = CAST(:?workspace AS text)
ORDER BY created_at, id
