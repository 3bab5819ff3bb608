-- Finds the owner of a token. Its use is noted once a minute, so that reading stays reading.
WITH found AS (
  SELECT id, name, role, workspace, hash, last_used_at FROM webhooks.api_token
  WHERE hash = decode(CAST(:?hash AS text), 'hex') AND revoked_at IS NULL
), used AS (
  UPDATE webhooks.api_token t SET last_used_at = now()
  FROM found
  WHERE t.id = found.id AND (t.last_used_at IS NULL OR t.last_used_at < now() - interval '1 minute')
)
SELECT name, role, workspace, encode(hash, 'hex') AS hash FROM found
