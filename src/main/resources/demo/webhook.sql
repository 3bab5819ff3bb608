-- A webhook of the demo that is made with us. Its id is fixed: a second start sets the port and the secret anew instead of
-- adding one.
INSERT INTO webhooks.subscription (id, target_url, operations, description, secret, workspace)
VALUES (CAST(? AS uuid), ?, CAST(? AS text[]), ?, ?, '20c1a0de-5a17-4000-8000-000000000001')
ON CONFLICT (id) DO UPDATE SET
  target_url = excluded.target_url, operations = excluded.operations, description = excluded.description,
  secret = excluded.secret, workspace = excluded.workspace, enabled = true, updated_at = now(), deleted_at = NULL
