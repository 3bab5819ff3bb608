-- The rights on Twenty's tables that this role lacks: those of core that are read or watched, and all tables of these
-- schemas. A right is named once for a schema, with the tables that lack it.
WITH schema AS (
  SELECT oid, nspname FROM pg_catalog.pg_namespace WHERE nspname = 'core' OR nspname = ANY (CAST(:?schemas AS text[]))
), needed AS (
  SELECT 'USAGE' AS privilege, s.nspname, NULL AS name, has_schema_privilege(s.oid, 'USAGE') AS granted FROM schema AS s
  UNION ALL
  SELECT p.privilege, s.nspname, c.relname, has_table_privilege(c.oid, p.privilege)
  FROM schema AS s
  JOIN pg_catalog.pg_class AS c ON c.relnamespace = s.oid AND c.relkind IN ('r', 'p')
  CROSS JOIN (VALUES ('SELECT'), ('TRIGGER')) AS p (privilege)
  WHERE s.nspname <> 'core' OR c.relname IN ('objectMetadata', 'fieldMetadata', 'webhook', 'featureFlag')
    OR c.relname IN ('workspace', 'dataSource', 'application') AND p.privilege = 'SELECT'
)
SELECT privilege, nspname AS schema, coalesce(array_agg(CAST(name AS text) ORDER BY name) FILTER (WHERE name IS NOT NULL), '{}') AS tables
FROM needed WHERE NOT granted
GROUP BY privilege, nspname
ORDER BY nspname, privilege
