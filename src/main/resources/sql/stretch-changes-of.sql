-- Finds the newest changes of one record, which are few. (Adding 0 leaves the planner only the filters on the record,
-- whose worth it cannot estimate; else it walks the whole log.)
SELECT id, workspace, event, object, action, record_id, updated_fields, bytes, occurred_at FROM webhooks.change
WHERE record_id = CAST(:?record AS text) AND id + 0 < CAST(:?below AS bigint)
  AND id + 0 >= CAST(:?first AS bigint)
ORDER BY id + 0 DESC
LIMIT CAST(:?size AS integer)
