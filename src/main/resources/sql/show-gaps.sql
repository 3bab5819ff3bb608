-- What is known of changes that are missing somewhere.
SELECT id, event, record_id, occurred_at FROM webhooks.change WHERE id = ANY (CAST(:?ids AS bigint[]))
