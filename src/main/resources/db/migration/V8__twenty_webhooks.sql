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

-- The webhooks of Twenty stand in core."webhook". Each is mirrored as a webhook of ours with the same id, in the transaction
-- that changes it there. A follower finds every 10 s what the triggers missed. All of Twenty's values are read by their
-- output functions (see V2).

-- The condition of a row there, to be compared: a difference between this and source_hash is not mirrored yet.
CREATE FUNCTION webhooks.twenty_hash(
  target_url text, operations text[], description text, secret text, deleted_at timestamptz)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT encode(sha256(convert_to(
    json_build_array(target_url, operations, description, secret, deleted_at IS NOT NULL)::text, 'UTF8')), 'hex')
$$;

-- Mirrors one row. Returns what was done in words; null: nothing was to do. An id of a webhook that did not come from this
-- workspace of Twenty is never taken over. One that the pipeline disabled by itself is served again when its target changes,
-- since Twenty has no switch for that.
CREATE FUNCTION webhooks.twenty_mirror(
  id uuid, workspace text, target_url text, operations text[], description text, secret text, deleted_at timestamptz)
RETURNS text LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  row_id CONSTANT uuid := id;
  home webhooks.twenty_workspace;
  known webhooks.subscription;
  hash CONSTANT text := webhooks.twenty_hash(target_url, operations, description, secret, deleted_at);
BEGIN
  SELECT * INTO home FROM webhooks.twenty_workspace AS w WHERE w.workspace = twenty_mirror.workspace;
  SELECT * INTO known FROM webhooks.subscription AS s WHERE s.id = row_id;
  IF home.workspace IS NULL OR known.id IS NULL AND twenty_mirror.deleted_at IS NOT NULL THEN
    RETURN NULL;
  ELSIF known.source <> 'twenty' OR known.workspace <> home.workspace THEN
    RETURN 'not served: its id is that of another webhook';
  ELSIF known.source_hash = hash THEN
    RETURN NULL;
  END IF;
  INSERT INTO webhooks.subscription AS s (
    id, workspace, target_url, operations, description, secret, deleted_at, source, source_hash, format, shadow, live_from)
  VALUES (row_id, home.workspace,
    CASE WHEN twenty_mirror.target_url ~* '^https?://' THEN '' ELSE 'https://' END || twenty_mirror.target_url,
    ARRAY(SELECT o FROM unnest(twenty_mirror.operations) AS o WHERE o IS NOT NULL), twenty_mirror.description,
    coalesce(twenty_mirror.secret, ''), twenty_mirror.deleted_at, 'twenty', hash, 'native', home.shadow, home.live_from)
  ON CONFLICT (id) DO UPDATE
  SET target_url = excluded.target_url, operations = excluded.operations, description = excluded.description,
    secret = excluded.secret, previous_secret = '', previous_secret_until = NULL, public_key = NULL,
    deleted_at = excluded.deleted_at, source_hash = excluded.source_hash, shadow = excluded.shadow, live_from = excluded.live_from,
    enabled = s.enabled
      OR s.disabled_cause IS NOT NULL AND (s.target_url <> excluded.target_url OR s.deleted_at IS NOT NULL),
    updated_at = greatest(now(), least(s.updated_at, now() + interval '1 day') + interval '1 microsecond')
  WHERE s.source = 'twenty' AND s.workspace = excluded.workspace;
  RETURN CASE
    WHEN twenty_mirror.deleted_at IS NOT NULL THEN 'deleted'
    WHEN known.id IS NULL OR known.deleted_at IS NOT NULL THEN 'made'
    ELSE 'changed' END;
END $$;

-- Ends the mirror of a row that is gone; null: nothing was to do.
CREATE FUNCTION webhooks.twenty_end_mirror(id uuid, workspace text) RETURNS text LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  row_id CONSTANT uuid := id;
BEGIN
  IF NOT EXISTS (
      SELECT FROM webhooks.subscription AS s
      WHERE s.id = row_id AND s.source = 'twenty' AND s.workspace = twenty_end_mirror.workspace AND s.deleted_at IS NULL) THEN
    RETURN NULL;
  END IF;
  UPDATE webhooks.subscription AS s SET deleted_at = now(), source_hash = NULL WHERE s.id = row_id AND s.source = 'twenty';
  RETURN 'deleted';
END $$;

-- Follows a row of core."webhook" in the transaction that writes it. An error, or a lock that is held for longer, never
-- reaches Twenty, except a full disk; the follower does it then.
CREATE FUNCTION webhooks.twenty_webhook_written() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '300ms' AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM webhooks.twenty_end_mirror(concat(OLD."id")::uuid, concat(OLD."workspaceId"));
    RETURN NULL;
  ELSIF TG_OP = 'UPDATE' THEN
    IF concat(OLD."id", OLD."workspaceId") <> concat(NEW."id", NEW."workspaceId") THEN
      PERFORM webhooks.twenty_end_mirror(concat(OLD."id")::uuid, concat(OLD."workspaceId"));
    END IF;
  END IF;
  PERFORM webhooks.twenty_mirror(concat(NEW."id")::uuid, concat(NEW."workspaceId"), concat(NEW."targetUrl"),
    concat(NEW."operations")::text[], nullif(concat(NEW."description"), ''), concat(NEW."secret"),
    nullif(concat(NEW."deletedAt"), '')::timestamptz);
  RETURN NULL;
EXCEPTION
  WHEN disk_full THEN
    RAISE;
  WHEN OTHERS THEN
    BEGIN
      RAISE WARNING 'webhooks: a webhook of Twenty is followed within seconds, not at once: %', SQLERRM;
    EXCEPTION
      WHEN OTHERS THEN
        NULL;
    END;
    RETURN NULL;
END $$;

-- Mirrors all rows of a workspace that are not mirrored as they are. A row is read again once its mirror is locked, or a
-- version that was changed meanwhile would be written over the newer one. The mirrors are read before the rows, or
-- one that was made meanwhile would be taken for one without a row.
CREATE FUNCTION webhooks.twenty_follow_webhooks(workspace text)
RETURNS TABLE (webhook uuid, target_url text, what text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET row_security = off SET lock_timeout = '500ms' AS $$
#variable_conflict use_column
DECLARE
  columns CONSTANT text := 'concat(w."id")::uuid AS id, concat(w."targetUrl") AS target_url, '
    'concat(w."operations")::text[] AS operations, nullif(concat(w."description"), '''') AS description, '
    'concat(w."secret") AS secret, nullif(concat(w."deletedAt"), '''')::timestamptz AS deleted_at '
    'FROM ' || webhooks.twenty_table('webhook', 'id', 'workspaceId', 'targetUrl', 'operations', 'description', 'secret', 'deletedAt')
    || ' AS w WHERE w."workspaceId" = $1::uuid';
  mirrored CONSTANT uuid[] := ARRAY(
    SELECT s.id FROM webhooks.subscription AS s
    WHERE s.source = 'twenty' AND s.workspace = twenty_follow_webhooks.workspace AND s.deleted_at IS NULL);
  there uuid[];
  different uuid[];
  of record;
BEGIN
  EXECUTE 'SELECT coalesce(array_agg(r.id), ''{}''), array_agg(r.id) FILTER (WHERE s.id IS NULL AND r.deleted_at IS NULL '
    'OR s.workspace <> $1 OR s.source <> ''twenty'' OR s.source_hash IS DISTINCT FROM '
    'webhooks.twenty_hash(r.target_url, r.operations, r.description, r.secret, r.deleted_at)) '
    'FROM (SELECT ' || columns || ') AS r LEFT JOIN webhooks.subscription AS s ON s.id = r.id'
  INTO there, different USING workspace;
  FOREACH webhook IN ARRAY coalesce(different, '{}') LOOP
    PERFORM FROM webhooks.subscription AS s WHERE s.id = webhook FOR UPDATE;
    EXECUTE 'SELECT ' || columns || ' AND w."id" = $2' INTO of USING workspace, webhook;
    CONTINUE WHEN of.id IS NULL;
    target_url := of.target_url;
    what := webhooks.twenty_mirror(of.id, workspace, of.target_url, of.operations, of.description, of.secret, of.deleted_at);
    IF what IS NOT NULL THEN
      RETURN NEXT;
    END IF;
  END LOOP;
  FOREACH webhook IN ARRAY mirrored LOOP
    CONTINUE WHEN webhook = ANY (there);
    what := webhooks.twenty_end_mirror(webhook, workspace);
    IF what IS NOT NULL THEN
      SELECT s.target_url INTO target_url FROM webhooks.subscription AS s WHERE s.id = webhook;
      RETURN NEXT;
    END IF;
  END LOOP;
END $$;

-- The shadow of a workspace. In it what would be sent is recorded and nothing is sent.

-- The time at which a change was committed, as well as it can be known. seen is when it was surely committed. Without
-- commit timestamps a change that was seen within 2 s after a moment counts as committed before it. When a workspace has
-- gone live at once, all changes that waited then are known by name, and all others came later.
CREATE FUNCTION webhooks.committed_at(change_id bigint, workspace text, epoch bigint, writer xid, seen timestamptz)
RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF EXISTS (SELECT FROM webhooks.early_change AS e WHERE e.change_id = committed_at.change_id) THEN
    RETURN to_timestamp(epoch / 1000000.0);
  END IF;
  RETURN coalesce(
    CASE WHEN current_setting('track_commit_timestamp') = 'on' THEN pg_xact_commit_timestamp(writer) END,
    CASE WHEN EXISTS (
        SELECT FROM webhooks.twenty_workspace AS w
        WHERE w.workspace = committed_at.workspace AND w.live_at_once AND w.live_from <= seen)
      THEN seen ELSE seen - interval '2 s' END);
END $$;

-- Puts the webhooks of a workspace in shadow, without the pending deliveries.
CREATE FUNCTION webhooks.twenty_darken(workspace text) RETURNS integer LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  switched integer := 0;
BEGIN
  UPDATE webhooks.twenty_workspace AS w SET shadow = true, live_from = NULL, live_at_once = false, settled_to = 0
  WHERE w.workspace = twenty_darken.workspace AND NOT w.shadow;
  IF EXISTS (
      SELECT FROM webhooks.subscription AS s
      WHERE s.source = 'twenty' AND s.workspace = twenty_darken.workspace AND NOT s.shadow) THEN
    UPDATE webhooks.subscription AS s SET shadow = true, live_from = NULL
    WHERE s.source = 'twenty' AND s.workspace = twenty_darken.workspace AND NOT s.shadow;
    GET DIAGNOSTICS switched = ROW_COUNT;
  END IF;
  RETURN switched;
END $$;

-- Cancels pending deliveries for webhooks in shadow: those that waited when it began, and those that were recorded at that
-- moment. At most so many at a time; nothing sends them meanwhile.
CREATE FUNCTION webhooks.twenty_cancel_shadowed(most integer DEFAULT 20000) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  cancelled bigint;
BEGIN
  UPDATE webhooks.delivery AS d SET state = 'cancelled', due_at = NULL, error = 'shadow'
  WHERE d.ctid = ANY (ARRAY(
    SELECT p.place
    FROM webhooks.subscription AS s
    CROSS JOIN LATERAL (
      SELECT d.ctid AS place FROM webhooks.delivery AS d
      WHERE d.subscription_id = s.id AND d.state = 'pending'
      LIMIT most FOR UPDATE SKIP LOCKED) AS p
    WHERE s.shadow
    LIMIT most));
  GET DIAGNOSTICS cancelled = ROW_COUNT;
  RETURN cancelled;
END $$;

-- Puts the webhooks of a workspace in shadow: from the next claim on nothing is sent to them.
CREATE FUNCTION webhooks.twenty_shadow(workspace text, OUT switched integer, OUT cancelled bigint)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM webhooks.twenty_workspace AS w WHERE w.workspace = twenty_shadow.workspace) THEN
    RAISE EXCEPTION 'workspace % is not installed', workspace USING ERRCODE = 'no_data_found';
  END IF;
  switched := webhooks.twenty_darken(workspace);
  cancelled := webhooks.twenty_cancel_shadowed();
END $$;

-- Makes pending again what the shadow recorded of changes that were committed since their workspace is live, at most so
-- many; returns how many. Deliveries up to settled_to have been judged for good: all changes up to there were committed and
-- recorded when they were.
CREATE FUNCTION webhooks.twenty_release_shadows(most integer DEFAULT 20000) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  home webhooks.twenty_workspace;
  settled bigint;
  here bigint;
  reached bigint;
  released bigint := 0;
BEGIN
  FOR home IN SELECT * FROM webhooks.twenty_workspace AS w WHERE NOT w.shadow ORDER BY w.workspace FOR UPDATE SKIP LOCKED LOOP
    settled := (SELECT least(l.settled_id, (SELECT min(u.change_id) - 1 FROM webhooks.undispatched AS u)) FROM webhooks.settled_log AS l);
    WITH chosen AS MATERIALIZED (
      SELECT p.place, p.change_id
      FROM webhooks.subscription AS s
      CROSS JOIN LATERAL (
        SELECT d.ctid AS place, d.change_id FROM webhooks.delivery AS d
        WHERE d.subscription_id = s.id AND d.state = 'cancelled' AND d.change_id > home.settled_to AND d.error = 'shadow'
          AND (d.epoch >= extract(epoch FROM home.live_from) * 1000000 OR d.created_at >= home.live_from AND (
            SELECT webhooks.committed_at(c.id, c.workspace, c.epoch, c.xmin, d.created_at) >= home.live_from
            FROM webhooks.change AS c WHERE c.id = d.change_id))
        ORDER BY d.change_id
        LIMIT most - released FOR UPDATE SKIP LOCKED) AS p
      WHERE s.source = 'twenty' AND s.workspace = home.workspace AND s.deleted_at IS NULL AND NOT s.shadow
      ORDER BY p.change_id
      LIMIT most - released
    ), sent AS (
      UPDATE webhooks.delivery AS d SET state = 'pending', due_at = now(), schedule_from = nullif(d.attempts, 0)
      WHERE d.ctid = ANY (ARRAY(SELECT place FROM chosen))
    )
    SELECT count(*), max(change_id) INTO here, reached FROM chosen;
    released := released + here;
    UPDATE webhooks.twenty_workspace AS w
    SET settled_to = greatest(w.settled_to, least(settled, CASE WHEN released >= most THEN reached - 1 END))
    WHERE w.workspace = home.workspace AND home.settled_to < least(settled, CASE WHEN released >= most THEN reached - 1 END)
    RETURNING w.settled_to INTO reached;
    IF FOUND THEN
      DELETE FROM webhooks.early_change AS e USING webhooks.change AS c
      WHERE e.change_id = c.id AND c.workspace = home.workspace AND c.id <= reached;
    END IF;
    EXIT WHEN released >= most;
  END LOOP;
  RETURN released;
END $$;

-- Lets the webhooks of a workspace send what is committed since a time, null: from now on, and what the shadow has recorded
-- of it.
CREATE FUNCTION webhooks.twenty_live(workspace text, since timestamptz DEFAULT NULL, OUT switched integer, OUT released bigint)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  home webhooks.twenty_workspace;
  moment timestamptz := since;
BEGIN
  SELECT * INTO home FROM webhooks.twenty_workspace AS w WHERE w.workspace = twenty_live.workspace FOR UPDATE;
  IF home.workspace IS NULL THEN
    RAISE EXCEPTION 'workspace % is not installed', workspace USING ERRCODE = 'no_data_found';
  ELSIF NOT isfinite(since) THEN
    RAISE EXCEPTION 'since % is no time to go live at', since USING ERRCODE = 'invalid_parameter_value';
  ELSIF NOT home.share_restricted AND EXISTS (
      SELECT FROM webhooks.twenty_workspaces() AS w WHERE w.workspace = home.workspace AND w.record_sharing) THEN
    RAISE EXCEPTION 'record sharing is on in workspace %, so webhooks would send what Twenty holds back', workspace
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'webhooks.twenty.share-restricted=true allows it';
  ELSIF NOT home.shadow AND home.live_from < since THEN
    RAISE EXCEPTION 'workspace % is live since %, which is earlier', workspace, home.live_from
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  switched := 0;
  IF home.shadow OR since < home.live_from THEN
    IF since IS NULL THEN
      INSERT INTO webhooks.early_change
      SELECT u.change_id FROM webhooks.undispatched AS u JOIN webhooks.change AS c ON c.id = u.change_id
      WHERE c.workspace = home.workspace
      ON CONFLICT DO NOTHING;
      moment := clock_timestamp();
    END IF;
    UPDATE webhooks.twenty_workspace AS w
    SET shadow = false, live_from = moment, live_at_once = since IS NULL, settled_to = 0 WHERE w.workspace = home.workspace;
    UPDATE webhooks.subscription AS s SET shadow = false, live_from = moment
    WHERE s.source = 'twenty' AND s.workspace = home.workspace;
    GET DIAGNOSTICS switched = ROW_COUNT;
  END IF;
  released := webhooks.twenty_release_shadows();
END $$;

-- Puts a workspace in shadow in the transaction that turns record sharing on in it: from then on its webhooks would send
-- what Twenty holds back. An error never reaches Twenty, except a full disk; the follower does it then.
CREATE FUNCTION webhooks.twenty_flag_written() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '300ms' AS $$
BEGIN
  IF concat(NEW."key") = 'IS_RECORD_SHARING_ENABLED' AND concat(NEW."value") = 't' AND EXISTS (
      SELECT FROM webhooks.twenty_workspace AS w WHERE w.workspace = concat(NEW."workspaceId") AND NOT w.share_restricted) THEN
    PERFORM webhooks.twenty_darken(concat(NEW."workspaceId"));
  END IF;
  RETURN NULL;
EXCEPTION
  WHEN disk_full THEN
    RAISE;
  WHEN OTHERS THEN
    BEGIN
      RAISE WARNING 'webhooks: record sharing is noticed within seconds, not at once: %', SQLERRM;
    EXCEPTION
      WHEN OTHERS THEN
        NULL;
    END;
    RETURN NULL;
END $$;

-- Puts the triggers on core."webhook" and core."featureFlag", or takes them off. While it waits for the lock of such a table,
-- its writers wait behind it, so it gives up soon.
CREATE FUNCTION webhooks.twenty_watch_webhooks(wanted boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
  watched record;
BEGIN
  FOR watched IN
    SELECT v.name, v.function, to_regclass(v.name) AS relation
    FROM (VALUES ('core.webhook', 'webhooks.twenty_webhook_written'), ('core."featureFlag"', 'webhooks.twenty_flag_written')) AS v (name, function)
    WHERE to_regclass(v.name) IS NOT NULL AND wanted <> EXISTS (
      SELECT FROM pg_trigger AS t
      WHERE t.tgrelid = to_regclass(v.name) AND t.tgname = 'webhooks_follow'
        AND (NOT wanted OR t.tgfoid = v.function::regproc AND t.tgenabled IN ('O', 'A')))
  LOOP
    IF wanted THEN
      EXECUTE format('CREATE OR REPLACE TRIGGER webhooks_follow AFTER INSERT OR UPDATE OR DELETE ON %s '
        'FOR EACH ROW EXECUTE FUNCTION %s()', watched.relation, watched.function);
    ELSE
      EXECUTE format('DROP TRIGGER webhooks_follow ON %s', watched.relation);
    END IF;
  END LOOP;
END $$;

-- Takes workspaces over, null: all active ones, but for their tables; says what it did, or why it refused one. The webhooks
-- of one that is new are in shadow. A repeated call does what is missing. The caller then captures the tables by
-- twenty_capture, each in a transaction of its own: one holds the lock of its table until it ends.
CREATE FUNCTION webhooks.twenty_install(
  workspaces text[], cascades boolean DEFAULT true, search_vector boolean DEFAULT false, share_restricted boolean DEFAULT false)
RETURNS TABLE (workspace text, object text, relation regclass, what text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  unknown text;
  home record;
BEGIN
  IF webhooks.twenty_generation() NOT IN ('1.x', '2.x') THEN
    RAISE EXCEPTION 'no Twenty that can be served is in this database: %', CASE webhooks.twenty_generation()
        WHEN '0.x' THEN 'it is older than 1.0, whose webhooks and metadata stand in other tables' ELSE 'there is no schema core of it' END
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  SELECT w INTO unknown FROM unnest(workspaces) AS w WHERE w NOT IN (SELECT t.workspace FROM webhooks.twenty_workspaces() AS t) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'Twenty has no workspace %', unknown USING ERRCODE = 'no_data_found';
  END IF;
  FOR home IN
    SELECT * FROM webhooks.twenty_workspaces() AS t WHERE t.workspace = ANY (workspaces) OR workspaces IS NULL AND t.active
  LOOP
    workspace := home.workspace;
    what := CASE
      WHEN home.record_sharing AND NOT twenty_install.share_restricted
        THEN 'refused: record sharing is on, so webhooks would send what Twenty holds back; webhooks.twenty.share-restricted=true allows it'
      WHEN NOT home.active THEN 'refused: the workspace is not active'
      WHEN home.schema IS NULL THEN 'refused: the workspace has no schema'
    END;
    IF what IS NOT NULL THEN
      RETURN NEXT;
      CONTINUE;
    END IF;
    INSERT INTO webhooks.twenty_workspace AS w (workspace, schema, cascades, search_vector, share_restricted)
    VALUES (home.workspace, home.schema, twenty_install.cascades, twenty_install.search_vector, twenty_install.share_restricted)
    ON CONFLICT (workspace) DO UPDATE
    SET schema = excluded.schema, cascades = excluded.cascades, search_vector = excluded.search_vector,
      share_restricted = excluded.share_restricted;
    PERFORM webhooks.twenty_watch(), webhooks.twenty_watch_webhooks(true);
    what := 'installed';
    RETURN NEXT;
    RETURN QUERY SELECT home.workspace, NULL::text, NULL::regclass, format('webhook %s (%s): %s', f.webhook, f.target_url, f.what)
      FROM webhooks.twenty_follow_webhooks(home.workspace) AS f;
  END LOOP;
END $$;

-- Gives workspaces back, null: all: takes capture off their tables and serves their webhooks no longer.
CREATE FUNCTION webhooks.twenty_remove(workspaces text[])
RETURNS TABLE (workspace text, object text, relation regclass, what text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  unknown text;
  home text;
  webhook record;
BEGIN
  SELECT w INTO unknown FROM unnest(workspaces) AS w WHERE w NOT IN (SELECT t.workspace FROM webhooks.twenty_workspace AS t) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'workspace % is not installed', unknown USING ERRCODE = 'no_data_found';
  END IF;
  FOR home IN SELECT t.workspace FROM webhooks.twenty_workspace AS t WHERE workspaces IS NULL OR t.workspace = ANY (workspaces) LOOP
    RETURN QUERY SELECT home, r.object, r.relation, r.what FROM webhooks.twenty_release(home) AS r;
    FOR webhook IN
      SELECT s.id, s.target_url, webhooks.twenty_end_mirror(s.id, home) AS ended
      FROM webhooks.subscription AS s WHERE s.source = 'twenty' AND s.workspace = home AND s.deleted_at IS NULL
    LOOP
      workspace := home;
      object := NULL;
      relation := NULL;
      what := format('webhook %s (%s): %s', webhook.id, webhook.target_url, webhook.ended);
      RETURN NEXT;
    END LOOP;
    DELETE FROM webhooks.twenty_workspace AS t WHERE t.workspace = home;
  END LOOP;
  IF NOT EXISTS (SELECT FROM webhooks.twenty_workspace) THEN
    BEGIN
      PERFORM webhooks.twenty_unwatch(), webhooks.twenty_watch_webhooks(false);
    EXCEPTION
      WHEN insufficient_privilege OR lock_not_available THEN
        workspace := NULL;
        object := NULL;
        relation := NULL;
        what := 'our triggers on tables of schema core stay and do nothing: ' || SQLERRM;
        RETURN NEXT;
    END;
  END IF;
END $$;

-- A running process calls this now and then: it follows what the triggers missed, of one workspace after the other. It says what
-- it did. An error with one workspace is noted with it and keeps no other from its turn. One process at a time does it. It
-- captures one table at most, and last, because its writers wait until it ends.
CREATE FUNCTION webhooks.twenty_follow(cascades boolean, search_vector boolean, share_restricted boolean)
RETURNS TABLE (workspace text, what text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  home webhooks.twenty_workspace;
  now_there record;
  alive text[];
  common text[];
  trouble text[];
  step record;
BEGIN
  DELETE FROM webhooks.muted AS m WHERE m.until < clock_timestamp();
  IF NOT EXISTS (SELECT FROM webhooks.twenty_workspace)
    OR NOT pg_try_advisory_xact_lock('webhooks.twenty_workspace'::regclass::oid::integer, 0) THEN
    RETURN;
  END IF;
  UPDATE webhooks.twenty_workspace AS w
  SET cascades = twenty_follow.cascades, search_vector = twenty_follow.search_vector, share_restricted = twenty_follow.share_restricted
  WHERE (w.cascades, w.search_vector, w.share_restricted)
    <> (twenty_follow.cascades, twenty_follow.search_vector, twenty_follow.share_restricted);
  IF webhooks.twenty_generation() NOT IN ('1.x', '2.x') THEN
    UPDATE webhooks.twenty_workspace AS w SET problem = 'the tables of Twenty in schema core are gone'
    WHERE w.problem IS DISTINCT FROM 'the tables of Twenty in schema core are gone';
    RETURN;
  END IF;
  BEGIN
    PERFORM webhooks.twenty_watch(), webhooks.twenty_watch_webhooks(true), webhooks.twenty_merge_versions();
  EXCEPTION
    WHEN OTHERS THEN
      common := ARRAY['tables of schema core are not watched: ' || SQLERRM];
  END;
  EXECUTE format('SELECT array_agg(w."id"::text) FROM %s AS w WHERE w."deletedAt" IS NULL',
    webhooks.twenty_table('workspace', 'id', 'deletedAt')) INTO alive;

  FOR home IN SELECT * FROM webhooks.twenty_workspace AS w ORDER BY w.workspace LOOP
    workspace := home.workspace;
    trouble := common;
    BEGIN
      IF home.workspace = ANY (alive) IS NOT TRUE THEN
        PERFORM webhooks.twenty_remove(ARRAY[home.workspace]);
        what := 'removed: Twenty has deleted the workspace';
        RETURN NEXT;
        CONTINUE;
      END IF;
      SELECT * INTO now_there FROM webhooks.twenty_workspaces() AS t WHERE t.workspace = home.workspace;
      IF now_there.record_sharing AND NOT twenty_follow.share_restricted THEN
        trouble := trouble || 'record sharing is on, so its webhooks are in shadow: they would send what Twenty holds back'::text;
        IF NOT home.shadow THEN
          PERFORM webhooks.twenty_darken(home.workspace);
          what := 'in shadow: record sharing is on';
          RETURN NEXT;
        END IF;
      END IF;
      UPDATE webhooks.twenty_workspace AS w SET schema = now_there.schema
      WHERE w.workspace = home.workspace AND w.schema <> now_there.schema;
      trouble := trouble || (
        SELECT format('not captured: %s', string_agg(t.object, ', ' ORDER BY t.object))
        FROM webhooks.twenty_objects(home.workspace) AS t
        WHERE t.problem IS NULL AND NOT t.captured AND t.created_at < now() - interval '1 minute' HAVING count(*) > 0);
      FOR step IN SELECT * FROM webhooks.twenty_follow_webhooks(home.workspace) LOOP
        what := format('webhook %s (%s): %s', step.webhook, step.target_url, step.what);
        RETURN NEXT;
        IF step.what LIKE 'not served%' THEN
          trouble := trouble || format('webhook %s is %s', step.webhook, step.what);
        END IF;
      END LOOP;
    EXCEPTION
      WHEN OTHERS THEN
        trouble := trouble || SQLERRM;
    END;
    UPDATE webhooks.twenty_workspace AS w
    SET problem = nullif(left(array_to_string(trouble, '; '), 2000), '')
    WHERE w.workspace = home.workspace
      AND w.problem IS DISTINCT FROM nullif(left(array_to_string(trouble, '; '), 2000), '');
  END LOOP;
  PERFORM webhooks.twenty_cancel_shadowed(), webhooks.twenty_release_shadows();

  SELECT w.workspace, o.object_id INTO step
  FROM webhooks.twenty_workspace AS w CROSS JOIN LATERAL webhooks.twenty_objects(w.workspace) AS o
  WHERE o.problem IS NULL AND NOT o.captured ORDER BY random() LIMIT 1;
  IF FOUND THEN
    RETURN QUERY SELECT step.workspace, format('%s: %s', c.object, c.what)
      FROM webhooks.twenty_capture(step.workspace, true, step.object_id) AS c;
  ELSE
    RETURN QUERY SELECT w.workspace, format('%s: %s', r.object, r.what)
      FROM webhooks.twenty_workspace AS w
      CROSS JOIN LATERAL webhooks.twenty_release(
        w.workspace, ARRAY(SELECT o.object_id FROM webhooks.twenty_objects(w.workspace) AS o)) AS r;
  END IF;
END $$;
