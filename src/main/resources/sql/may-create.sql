-- Says whether this role may make the schema, or the schema is there. Flyway would find out too, but only after ten
-- tries.
SELECT
  to_regnamespace('webhooks') IS NOT NULL
    OR has_database_privilege(current_database(), 'CREATE') AS allowed,
  current_user AS role
