-- Shows the PostgreSQL session of a connection, to find a pooler that lends one to many clients.
SELECT pg_backend_pid() AS pid
