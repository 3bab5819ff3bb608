-- Locks the next webhooks with a secret that is not under the key whose secrets begin so. It waits for others that work on a
-- row: none may be left behind.
SELECT id, secret, public_key, previous_secret AS previous, headers::text AS headers, oauth2::text AS oauth2
FROM webhooks.subscription s
WHERE id > CAST(:?after AS uuid) AND EXISTS (
  SELECT FROM webhooks.stored_secrets(s.secret, s.previous_secret, s.headers, s.oauth2) AS stored
  WHERE NOT starts_with(stored, :?prefix))
ORDER BY id LIMIT 200 FOR UPDATE
