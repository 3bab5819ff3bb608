-- The newest changes of one record, which are few. (Adding 0 keeps the planner from walking the whole log for them.)
SELECT id, workspace, event, object, action, record_id, updated_fields, bytes, occurred_at FROM webhooks.change
WHERE record_id = CAST(:?record AS text) AND id < CAST(:?below AS bigint) AND id >= CAST(:?first AS bigint)
ORDER BY id + 0 DESC
LIMIT CAST(:?size AS integer)
