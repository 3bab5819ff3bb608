-- Lets one file after the other be carried out, so that none finds the names of another half made.
SELECT CAST(pg_advisory_xact_lock(CAST(CAST('webhooks.subscription' AS regclass) AS oid)::integer, 0) AS text) AS locked
