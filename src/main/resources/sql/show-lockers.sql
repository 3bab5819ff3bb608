-- Shows who holds a table, or a partition of it, against whom capture waits. A prepared transaction belongs to no
-- session. The query of a session is left out, since it may hold values that nobody else is to see.
SELECT DISTINCT CASE
  WHEN a.pid IS NOT NULL THEN format('session %s (role %s, application "%s", %s, its transaction began %s ago)',
    a.pid, a.usename, a.application_name, coalesce(a.state, 'busy'),
    coalesce(date_trunc('second', clock_timestamp() - a.xact_start)::text, 'some time'))
  WHEN x.gid IS NOT NULL THEN format('the prepared transaction "%s" of %s', x.gid, date_trunc('second', x.prepared))
  ELSE format('session %s', l.pid) END AS locker
FROM pg_catalog.pg_locks AS l
LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
LEFT JOIN pg_catalog.pg_prepared_xacts AS x ON l.virtualtransaction = '-1/' || x.transaction
WHERE l.granted AND l.locktype = 'relation' AND l.pid IS DISTINCT FROM pg_backend_pid()
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
  AND l.relation IN (
    SELECT * FROM webhooks.with_partitions(to_regclass(format('%I.%I', CAST(:?schema AS text), CAST(:?table AS text)))))
  AND (l.mode NOT IN ('AccessShareLock', 'RowShareLock') OR CAST(:?readersToo AS boolean))
ORDER BY locker
