-- Each row names a contradiction between the tables; without a row they agree with each other. All of it comes from one
-- snapshot, so it may run beside the pipeline. A live process that was taken for dead causes some of these for a while,
-- so they are named only after they have lasted. The fate of each change is the business of reconcile. Claims of node 0 are
-- changes that were handed to Kafka: each ends only when all of its changes are recorded, however long that takes. Deliveries
-- that arrived are not in the tables then, so nothing is said of them.
WITH claimed AS MATERIALIZED (
  SELECT c.id AS claim_id, c.node, u.change_id FROM webhooks.claim c, unnest(c.changes) AS u(change_id)
), waiting AS MATERIALIZED (
  SELECT change_id, 'queued' AS how FROM (SELECT id AS change_id FROM webhooks.change_queue) q
  UNION ALL SELECT change_id, CASE node WHEN 0 THEN 'handed to Kafka' ELSE format('claimed by node %s', node) END FROM claimed
), tried AS (
  SELECT delivery_id, max(number) AS last FROM webhooks.attempt GROUP BY delivery_id
), found AS (
  SELECT format('change %s waits more than once: it is %s', change_id, string_agg(how, ' and ' ORDER BY how DESC)) AS problem
  FROM waiting GROUP BY change_id HAVING count(*) > 1

  UNION ALL
  SELECT format('change %s is %s and not in the change table', w.change_id, w.how)
  FROM waiting w WHERE NOT EXISTS (SELECT FROM webhooks.change c WHERE c.id = w.change_id)

  UNION ALL
  SELECT format('change %s is %s although what came of it was recorded %s ago', w.change_id, w.how,
    date_trunc('second', webhooks.age_of(recorded.at)))
  FROM waiting w
  CROSS JOIN LATERAL (
    SELECT min(d.created_at) AS at FROM webhooks.delivery d
    WHERE d.id >= 'msg_' || lpad(to_hex(w.change_id), 16, '0') COLLATE "C"
      AND d.id < 'msg_' || lpad(to_hex(w.change_id + 1), 16, '0') COLLATE "C" AND d.replay_id = 0 AND d.replayed_by IS NULL
  ) recorded
  WHERE recorded.at < now() - interval '10 minutes' AND w.how <> 'handed to Kafka'

  UNION ALL
  SELECT format('change %s is %s although it was parked %s ago', w.change_id, w.how, date_trunc('second', webhooks.age_of(p.parked_at)))
  FROM waiting w JOIN webhooks.parked_change p USING (change_id)
  WHERE p.parked_at < now() - interval '10 minutes' AND w.how <> 'handed to Kafka'

  UNION ALL
  SELECT format('change %s is parked although it was delivered', p.change_id)
  FROM webhooks.parked_change p
  WHERE EXISTS (SELECT FROM webhooks.delivery d
    WHERE d.id >= 'msg_' || lpad(to_hex(p.change_id), 16, '0') COLLATE "C"
      AND d.id < 'msg_' || lpad(to_hex(p.change_id + 1), 16, '0') COLLATE "C" AND d.state = 'delivered')

  UNION ALL
  SELECT format('change %s is parked and not in the change table', p.change_id)
  FROM webhooks.parked_change p WHERE NOT EXISTS (SELECT FROM webhooks.change c WHERE c.id = p.change_id)

  UNION ALL
  SELECT format('claim %s holds %s changes for node %s, which does not exist', c.id, cardinality(c.changes), c.node)
  FROM webhooks.claim c
  WHERE c.node <> 0 AND NOT EXISTS (SELECT FROM webhooks.node n WHERE n.id = c.node)

  UNION ALL
  SELECT format('claim %s holds %s changes although its lease ended %s ago and processes run', c.id, cardinality(c.changes),
    date_trunc('second', webhooks.age_of(c.lease_until)))
  FROM webhooks.claim c
  WHERE c.lease_until < now() - interval '1 minute'
    AND EXISTS (SELECT FROM webhooks.node n WHERE n.seen_at >= now() - interval '1 minute')

  UNION ALL
  SELECT format('change %s is queued in partition %s instead of its own', q.id, q.partition)
  FROM webhooks.change_queue q JOIN webhooks.change c ON c.id = q.id
  WHERE q.partition <> webhooks.partition_of(c.id, c.workspace, c.object, c.record_id)

  UNION ALL
  SELECT format('partition %s is held by claim %s, which does not exist', p.id, p.claim)
  FROM webhooks.partition p
  WHERE p.held AND NOT EXISTS (SELECT FROM webhooks.claim c WHERE c.id = p.claim)

  UNION ALL
  SELECT format('delivery %s is %s', d.id, flaw)
  FROM webhooks.delivery d
  LEFT JOIN webhooks.subscription s ON s.id = d.subscription_id
  CROSS JOIN LATERAL (VALUES
    (CASE WHEN d.state = 'pending' AND d.due_at IS NULL THEN 'pending and never due' END),
    (CASE WHEN d.state <> 'pending' AND d.due_at IS NOT NULL THEN d.state || ' and due at ' || d.due_at END),
    (CASE WHEN d.state = 'pending' AND s.id IS NULL THEN 'pending for a webhook that does not exist' END),
    (CASE WHEN d.state = 'pending' AND s.deleted_at < now() - interval '10 minutes'
      THEN 'pending for a webhook that was deleted' END),
    (CASE WHEN d.state = 'delivered' AND d.error IS NOT NULL THEN 'delivered and has an error: ' || d.error END),
    (CASE WHEN d.state = 'delivered' AND d.attempts = 0 THEN 'delivered without an attempt' END),
    (CASE WHEN d.state IN ('dead', 'cancelled') AND d.error IS NULL THEN d.state || ' without a reason' END)
  ) AS flaws(flaw)
  WHERE flaw IS NOT NULL

  UNION ALL
  SELECT format('delivery %s waits for an earlier one of its record, of which there is none', d.id)
  FROM webhooks.delivery d
  WHERE d.state = 'pending' AND d.due_at = 'infinity' AND d.post_id IS NULL AND d.created_at < now() - interval '10 minutes' AND NOT EXISTS (
    SELECT FROM webhooks.delivery p
    WHERE p.record_key = d.record_key AND p.state IN ('pending', 'dead') AND p.change_id < d.change_id)

  UNION ALL
  SELECT format('POST %s waits for one of its deliveries to fall due, and none does', d.post_id)
  FROM webhooks.delivery d
  WHERE d.state = 'pending' AND d.post_id IS NOT NULL
  GROUP BY d.post_id
  HAVING min(d.due_at) = 'infinity' AND max(greatest(d.created_at, d.attempted_at)) < now() - interval '10 minutes'

  UNION ALL
  SELECT format('delivery %s is of change %s, which is not in the change table', d.id, d.change_id)
  FROM webhooks.delivery d
  WHERE NOT EXISTS (SELECT FROM webhooks.change c WHERE c.id = d.change_id AND c.epoch = coalesce(d.epoch, c.epoch))

  UNION ALL
  SELECT CASE WHEN d.id IS NULL THEN format('attempt %s is of delivery %s, which does not exist', t.last, t.delivery_id)
    ELSE format('delivery %s counts %s attempts and has had attempt %s', d.id, d.attempts, t.last) END
  FROM tried t LEFT JOIN webhooks.delivery d ON d.id = t.delivery_id
  WHERE d.id IS NULL OR d.attempts < t.last

  UNION ALL
  SELECT format('webhook %s is %sserved, but not by its periods, which reconcile goes by', s.id,
    CASE WHEN served THEN '' ELSE 'not ' END)
  FROM webhooks.subscription s
  CROSS JOIN LATERAL (SELECT s.enabled AND s.deleted_at IS NULL AS served) AS this
  WHERE served <> EXISTS (SELECT FROM webhooks.subscription_period p WHERE p.subscription_id = s.id AND p.until IS NULL)

  UNION ALL
  SELECT problem FROM webhooks.capture_trouble

  UNION ALL
  SELECT format('workspace %s of Twenty: %s', workspace, problem) FROM webhooks.twenty_workspace WHERE problem IS NOT NULL

  UNION ALL
  SELECT format('%s changes of %s were lost, last at %s: %s', sum(changes), relation, date_trunc('second', max(lost_at)), reason)
  FROM webhooks.lost_change GROUP BY relation, reason

  UNION ALL
  SELECT format('PUBLIC has rights on %s, which the next start of a server revokes', name)
  FROM (
    SELECT oid::regprocedure::text AS name, coalesce(proacl, acldefault('f', proowner)) AS acl
    FROM pg_proc WHERE pronamespace = 'webhooks'::regnamespace
    UNION ALL SELECT oid::regclass::text, relacl FROM pg_class WHERE relnamespace = 'webhooks'::regnamespace
    UNION ALL SELECT nspname, nspacl FROM pg_namespace WHERE nspname = 'webhooks'
  ) AS object
  WHERE EXISTS (SELECT FROM aclexplode(acl) WHERE grantee = 0)

  UNION ALL
  SELECT format('%s has %s rows instead of %s', name, rows, expected)
  FROM (SELECT 'doorbell' AS name, count(*) AS rows, 1 AS expected FROM webhooks.doorbell
    UNION ALL SELECT 'subscription_revision', count(*), 1 FROM webhooks.subscription_revision
    UNION ALL SELECT 'partition', count(*), 64 FROM webhooks.partition) AS fixed
  WHERE rows <> expected

  UNION ALL
  SELECT 'order is not kept as the webhooks ask for it: subscription_revision says otherwise'
  FROM webhooks.subscription_revision r
  WHERE r.in_order <> EXISTS (SELECT FROM webhooks.subscription s WHERE s.ordering = 'record' AND s.enabled AND s.deleted_at IS NULL)
)
SELECT problem FROM found LIMIT CAST(:?most AS integer)
