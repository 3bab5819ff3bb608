-- Locks the next webhooks with a secret or header that is not under the key whose secrets begin so. It waits for others
-- that work on a row: none may be left behind. (The same values as HeaderValues.)
SELECT id, secret, public_key, previous_secret AS previous, headers::text AS headers FROM webhooks.subscription
WHERE id > CAST(:?after AS uuid) AND (
  (secret <> '' AND NOT starts_with(secret, :?prefix)) OR (previous_secret <> '' AND NOT starts_with(previous_secret, :?prefix))
  OR EXISTS (SELECT FROM jsonb_each(headers) h
    WHERE jsonb_typeof(h.value) IN ('string', 'number', 'boolean')
      AND h.value #>> '{}' <> '' AND NOT starts_with(h.value #>> '{}', :?prefix)))
ORDER BY id LIMIT 200 FOR UPDATE
