-- The connection goes back to the pool, where nobody would read what it hears.
UNLISTEN *
