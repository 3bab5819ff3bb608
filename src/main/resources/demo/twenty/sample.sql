-- The sample CRM: one workspace, and the members who work in it.
SELECT sample_twenty.add_workspace('20c1a0de-5a17-4000-8000-000000000001', 'Acme');
SELECT sample_twenty.add_objects('20c1a0de-5a17-4000-8000-000000000001');
DO $$
BEGIN
  EXECUTE format('INSERT INTO %I."workspaceMember" (id, "nameFirstName", "nameLastName", "userEmail", locale, '
      '"colorScheme", "timeZone", "userId") SELECT sample_twenty.id(''member'', first), first, last, '
      'lower(first) || ''@acme.example'', ''en'', ''System'', ''UTC'', sample_twenty.id(''user'', first) '
      'FROM (VALUES (''Tim'', ''A.''), (''Phil'', ''S.''), (''Jony'', ''I.'')) AS made(first, last)',
    sample_twenty.schema_of('20c1a0de-5a17-4000-8000-000000000001'));
END $$;
