-- Counts the dead entries that claims step over, as PostgreSQL has noted them: those of the queue, or of the claims.
SELECT greatest(pg_stat_get_dead_tuples('webhooks.change_queue'::regclass), pg_stat_get_dead_tuples('webhooks.claim'::regclass)) AS dead
