-- Stores the secrets of some webhooks anew.
UPDATE webhooks.subscription s
SET secret = r.secret, public_key = r.public_key, previous_secret = r.previous, headers = CAST(r.headers AS jsonb),
  oauth2 = CAST(r.oauth2 AS jsonb)
FROM unnest(CAST(:?ids AS uuid[]), CAST(:?secrets AS text[]), CAST(:?publicKeys AS text[]), CAST(:?previous AS text[]),
  CAST(:?headers AS text[]), CAST(:?oauth2 AS text[])) AS r(id, secret, public_key, previous, headers, oauth2)
WHERE s.id = r.id
