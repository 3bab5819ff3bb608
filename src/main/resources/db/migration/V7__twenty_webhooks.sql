-- The webhooks of Twenty, served as ours; how a workspace is taken over and given back; and the silence of a muted one.
-- docs/twenty.md has the steps.

-- From now on, changes of a workspace are recorded and owed to nobody; null: of all workspaces. In a transaction of its own
-- writer it holds for that transaction at once, and for others from its commit on. A second call replaces the first.
CREATE FUNCTION webhooks.mute(why text, workspace text DEFAULT NULL, until timestamptz DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF coalesce(trim(why), '') = '' THEN
    RAISE EXCEPTION 'why must say why changes are muted' USING ERRCODE = 'invalid_parameter_value';
  ELSIF until <= clock_timestamp() THEN
    RAISE EXCEPTION 'until % is not in the future', until USING ERRCODE = 'invalid_parameter_value';
  END IF;
  INSERT INTO webhooks.muted AS m (workspace, why, until) VALUES (mute.workspace, left(mute.why, 1000), mute.until)
  ON CONFLICT ON CONSTRAINT muted_workspace_key DO UPDATE SET why = excluded.why, until = excluded.until;
END $$;

-- Ends what mute began for the same workspace; false: it was not muted.
CREATE FUNCTION webhooks.unmute(workspace text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM webhooks.muted AS m WHERE m.workspace IS NOT DISTINCT FROM unmute.workspace;
  RETURN FOUND;
END $$;
