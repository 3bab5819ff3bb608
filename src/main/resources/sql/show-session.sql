-- The session of PostgreSQL that a connection has, to find a pooler that lends one to many.
SELECT pg_backend_pid() AS pid
