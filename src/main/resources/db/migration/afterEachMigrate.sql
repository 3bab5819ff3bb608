-- Only this schema's owner has rights on anything in it, besides rights that were granted to a role by name. PostgreSQL lets
-- PUBLIC execute each new function, and a trigger function that runs with the owner's rights may then be put on any table.
-- Runs within each migration, and at each start of a server: a restore without privileges (pg_restore --no-acl) gives the
-- revoked rights back to PUBLIC. (Default privileges will not do: those of one schema cannot revoke the grants of all
-- schemas, and those of all schemas would hold for the CRM's functions, too.) An object that somebody holds is left to the
-- next start; "check" names it.
--
-- It also notes the triggers of our tables, so that a later loss of one is noticed.
DO $$
DECLARE
  object record;
BEGIN
  SET LOCAL lock_timeout = '2s';
  FOR object IN
    SELECT 'SCHEMA' AS kind, 'webhooks' AS name, nspacl AS acl FROM pg_catalog.pg_namespace WHERE nspname = 'webhooks'
    UNION ALL
    SELECT 'ROUTINE', oid::regprocedure::text, coalesce(proacl, acldefault('f', proowner))
    FROM pg_catalog.pg_proc WHERE pronamespace = 'webhooks'::regnamespace
    UNION ALL
    SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, oid::regclass::text, relacl
    FROM pg_catalog.pg_class WHERE relnamespace = 'webhooks'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  LOOP
    CONTINUE WHEN NOT EXISTS (SELECT FROM aclexplode(object.acl) WHERE grantee = 0);
    BEGIN
      EXECUTE format('REVOKE ALL ON %s %s FROM PUBLIC', object.kind, object.name);
    EXCEPTION
      WHEN OTHERS THEN
        RAISE WARNING 'webhooks: PUBLIC keeps its rights on %: %', object.name, SQLERRM;
    END;
  END LOOP;
  IF to_regclass('webhooks.own_trigger') IS NOT NULL THEN
    INSERT INTO webhooks.own_trigger (relation, name)
    SELECT relname, tgname FROM pg_catalog.pg_trigger JOIN pg_catalog.pg_class AS c ON c.oid = tgrelid
    WHERE relnamespace = 'webhooks'::regnamespace AND NOT tgisinternal
    ON CONFLICT DO NOTHING;
  END IF;
END $$;
