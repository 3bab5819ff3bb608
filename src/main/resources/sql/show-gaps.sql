-- Shows the notes about changes that are missing somewhere.
SELECT id, webhooks.shown(event, 2000) AS event, webhooks.shown(record_id, 2000) AS record_id, occurred_at FROM webhooks.change WHERE id = ANY (CAST(:?ids AS bigint[]))
