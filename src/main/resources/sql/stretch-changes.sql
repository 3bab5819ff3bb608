-- Finds the newest changes: it walks the log backwards from the end of the last page.
SELECT id, workspace, event, object, action, record_id, updated_fields, bytes, occurred_at FROM webhooks.change
WHERE id < CAST(:?below AS bigint) AND id >= CAST(:?first AS bigint)
ORDER BY id DESC
LIMIT CAST(:?size AS integer)
