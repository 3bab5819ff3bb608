-- Locks some webhooks with a secret or header in plain text: one that does not begin as an encrypted one. It skips rows
-- that others are working on. (The same values as HeaderValues.)
SELECT id, secret, public_key, previous_secret AS previous, headers::text AS headers FROM webhooks.subscription
WHERE (secret <> '' AND NOT starts_with(secret, :?prefix)) OR (previous_secret <> '' AND NOT starts_with(previous_secret, :?prefix))
  OR EXISTS (SELECT FROM jsonb_each(headers) h
    WHERE jsonb_typeof(h.value) IN ('string', 'number', 'boolean')
      AND h.value #>> '{}' <> '' AND NOT starts_with(h.value #>> '{}', :?prefix))
ORDER BY id LIMIT 200 FOR UPDATE SKIP LOCKED
