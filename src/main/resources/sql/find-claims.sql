-- Finds those of "claims" that are still there. The messages of another one do not count: its changes were queued again, or
-- are settled. So a process that forwards late, after it stood still, does not bring old changes behind newer ones.
SELECT id FROM webhooks.claim WHERE id = ANY (CAST(:?claims AS bigint[]))
