-- Says which of these deliveries are in the tables.
SELECT id FROM webhooks.delivery WHERE id = ANY (CAST(:?ids AS text[]))
