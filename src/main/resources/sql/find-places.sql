-- Finds where the outcomes of changes are kept elsewhere: by their records, from their capture on. A change that a process
-- cannot read was never sent.
SELECT id, workspace, object, record_id, epoch FROM webhooks.change
WHERE id = ANY (CAST(:?ids AS bigint[])) AND (CAST(:?workspace AS text) IS NULL OR workspace = CAST(:?workspace AS text))
  AND webhooks.flaw(workspace, event, record_id, NULL, NULL) IS NULL
