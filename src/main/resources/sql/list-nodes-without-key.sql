-- Lists the running processes, except one, that do not have this key; no process has the empty one.
SELECT coalesce(string_agg(id::text, ', ' ORDER BY id), '') AS nodes FROM webhooks.node
WHERE seen_at > now() - 5 * CAST(:?heartbeat AS interval) AND id <> CAST(:?node AS integer) AND NOT :?key = ANY (secret_keys)
