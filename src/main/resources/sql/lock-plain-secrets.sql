-- Locks some webhooks with a secret in plain text: one that does not begin as an encrypted one. It skips rows that others
-- are working on.
SELECT id, secret, public_key, previous_secret AS previous, headers::text AS headers, oauth2::text AS oauth2
FROM webhooks.subscription s
WHERE EXISTS (
  SELECT FROM webhooks.stored_secrets(s.secret, s.previous_secret, s.headers, s.oauth2) AS stored
  WHERE NOT starts_with(stored, :?prefix))
ORDER BY id LIMIT 200 FOR UPDATE SKIP LOCKED
