-- Keeps a new token, by its hash. Nothing is added when the workspace already has a token with this name.
INSERT INTO webhooks.api_token (name, role, workspace, hash)
SELECT CAST(:?name AS text), CAST(:?role AS text), CAST(:?workspace AS text), decode(CAST(:?hash AS text), 'hex')
WHERE NOT CAST(:?onlyFirst AS boolean) OR NOT EXISTS (SELECT FROM webhooks.api_token)
ON CONFLICT (name, workspace) WHERE revoked_at IS NULL DO NOTHING
RETURNING id, name, role, workspace, created_at AS "createdAt", last_used_at AS "lastUsedAt", revoked_at AS "revokedAt"
