-- A webhook of the demo, with a fixed id: a second start sets the port and the secret anew instead of adding one.
INSERT INTO webhooks.subscription (id, target_url, operations, description, secret)
VALUES (CAST(? AS uuid), ?, CAST(? AS text[]), ?, ?)
ON CONFLICT (id) DO UPDATE SET
  target_url = excluded.target_url, operations = excluded.operations, description = excluded.description,
  secret = excluded.secret, enabled = true, updated_at = now(), deleted_at = NULL
