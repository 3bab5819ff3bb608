-- Makes a key current, for all processes.
INSERT INTO webhooks.secret_key (id) VALUES (:?id)
ON CONFLICT (only_row) DO UPDATE SET id = excluded.id, since = now() WHERE secret_key.id <> excluded.id
