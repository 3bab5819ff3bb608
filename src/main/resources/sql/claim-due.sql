-- Claims pending deliveries that are due, for each webhook as many as it has attempts free. It moves due_at to the end
-- of a lease, so a process that dies with them only delays them. A webhook waits until half of its attempts are free, so
-- that a claim brings more than the one that has just become free. Webhooks with the fewest attempts in flight come
-- first, so that a slow one cannot take all places. No more is taken than fits into memory, for one webhook and in all,
-- but at least one. A delivery dies here when its change was removed, emptied, replaced by another with its id, or
-- cannot be read: it can never be sent. (Rows by their place, and each change by itself: see take-batch.sql.)
-- Afterwards keep-order.sql judges those that must keep an order.
--
-- A paused webhook gives nothing until its pause is over, and then one delivery, as a probe. The process that takes it
-- holds the endpoint's row and moves the end of the pause to that of the lease. So there is one probe over all
-- processes. Rows are held only where something is due, since holding one is a write.
--
-- A delivery that a route has sent to another endpoint is not held back by the pause, and is no probe. (With a rate limit it
-- is: it goes out where a probe would.)
--
-- A webhook that wants several in one POST gives as many for each attempt that it has free (docs/posts.md). Those that wait
-- for more are taken before their time when enough of them wait, or another one is due. A POST that was sent before is
-- claimed by the one of it that has a time, brings the others as they are, and is one attempt. Of a webhook that also keeps
-- an order one POST at a time is made. The process puts them together.
--
-- A webhook with a rate limit gives as many as are within it. free_at is the time of the next one. Each that is taken
-- moves free_at by the time that one may take. Unused time is lost, except for the last two polls: nobody gets a burst,
-- and nothing is lost to the pause between polls.
WITH busy AS (
  SELECT * FROM jsonb_to_recordset(CAST(:?busy AS jsonb)) AS b(
    subscription_id uuid, in_flight integer, bytes bigint, most integer)
), open AS MATERIALIZED (
  SELECT e.subscription_id, e.paused_until IS NOT NULL AS probe, s.rate_limit, s.batch_size,
    greatest(e.free_at, now() - 2 * CAST(:?pollDelay AS interval)) AS free_from
  FROM webhooks.endpoint e
  CROSS JOIN LATERAL ( -- not so low that the time of the next is beyond PostgreSQL's range, which would fail all claims
    SELECT CASE WHEN rate_limit < 0.00001 THEN 0.00001 ELSE rate_limit END AS rate_limit, batch_size
    FROM webhooks.subscription WHERE id = e.subscription_id LIMIT 1
  ) s
  CROSS JOIN LATERAL (
    SELECT FROM webhooks.delivery
    WHERE subscription_id = e.subscription_id AND state = 'pending' AND due_at <= now()
    ORDER BY due_at
    LIMIT 1
  ) waiting
  WHERE CASE WHEN e.paused_until IS NULL THEN s.rate_limit IS NOT NULL ELSE e.paused_until <= now() END
    AND (s.rate_limit IS NULL OR e.free_at <= now())
  FOR UPDATE OF e SKIP LOCKED
), quota AS MATERIALIZED (
  SELECT s.id AS subscription_id, coalesce(b.bytes, 0) AS bytes, s.batch_size, s.ordering = 'record' AS in_order,
    CASE
      WHEN attempts.taken * 2 > attempts.most THEN 0
      WHEN e.subscription_id IS NULL THEN attempts.most - attempts.taken
      WHEN o.subscription_id IS NULL THEN 0
      WHEN o.probe THEN 1
      ELSE least(attempts.most - attempts.taken,
        1 + CAST(floor(extract(epoch FROM now() - o.free_from) * o.rate_limit) AS integer))
    END AS deliveries,
    s.rate_limit IS NULL AND o.probe IS TRUE AS own_only,
    CASE WHEN s.rate_limit IS NULL AND e.paused_until IS NOT NULL
      THEN greatest(0, least(coalesce(s.concurrency, CAST(:?concurrency AS integer)), CAST(:?most AS integer)) - attempts.taken)
      ELSE 0 END AS elsewhere
  FROM webhooks.subscription s
  LEFT JOIN busy b ON b.subscription_id = s.id
  LEFT JOIN webhooks.endpoint e ON e.subscription_id = s.id AND (e.paused_until IS NOT NULL OR s.rate_limit IS NOT NULL)
  LEFT JOIN open o ON o.subscription_id = s.id
  CROSS JOIN LATERAL (
    SELECT coalesce(b.in_flight, 0) AS taken,
      least(coalesce(s.concurrency, CAST(:?concurrency AS integer)), b.most, CAST(:?most AS integer)) AS most
  ) attempts
  WHERE s.enabled AND NOT s.shadow AND s.deleted_at IS NULL
  ORDER BY attempts.taken, random()
), due AS MATERIALIZED (
  SELECT d.id, d.place, d.due_at, d.change_id, d.epoch, quota.subscription_id, quota.bytes AS bytes_in_flight,
    d.is_post, false AS one_post
  FROM quota
  CROSS JOIN LATERAL (
    SELECT id, ctid AS place, due_at, change_id, epoch, post_id IS NOT NULL AS is_post
    FROM webhooks.delivery
    WHERE subscription_id = quota.subscription_id AND state = 'pending' AND due_at <= now()
      AND (NOT quota.own_only OR request ->> 'endpoint' IS NULL)
    ORDER BY due_at
    LIMIT quota.deliveries
    FOR UPDATE SKIP LOCKED
  ) d
  WHERE quota.batch_size = 1
  LIMIT CAST(:?room AS integer)
), due_together AS MATERIALIZED (
  SELECT d.*, quota.subscription_id, quota.bytes, quota.deliveries, quota.batch_size, quota.in_order
  FROM quota
  CROSS JOIN LATERAL (
    SELECT id, ctid AS place, due_at, change_id, epoch, post_id IS NOT NULL AS is_post,
      post_id IS NOT NULL OR request IS NOT NULL AS is_alone
    FROM webhooks.delivery
    WHERE subscription_id = quota.subscription_id AND state = 'pending' AND due_at <= now()
      AND (NOT quota.own_only OR request ->> 'endpoint' IS NULL)
    ORDER BY due_at
    LIMIT CASE WHEN quota.in_order THEN least(quota.deliveries, 1) * quota.batch_size
      ELSE least(quota.deliveries * quota.batch_size, 4000) END
    FOR UPDATE SKIP LOCKED
  ) d
  WHERE quota.batch_size > 1
  LIMIT CASE WHEN CAST(:?room AS integer) > 0 THEN 8000 ELSE 0 END
), early AS MATERIALIZED (
  SELECT d.*, quota.subscription_id, quota.bytes, quota.deliveries, quota.batch_size, quota.in_order
  FROM quota
  CROSS JOIN LATERAL (
    SELECT id, ctid AS place, due_at, change_id, epoch, false AS is_post, request IS NOT NULL AS is_alone
    FROM webhooks.delivery
    WHERE subscription_id = quota.subscription_id AND state = 'pending' AND waits AND due_at > now()
    ORDER BY due_at
    LIMIT quota.batch_size
    FOR UPDATE SKIP LOCKED
  ) d
  WHERE quota.batch_size > 1 AND quota.deliveries > 0 AND CAST(:?room AS integer) > 0 AND (
    quota.subscription_id IN (SELECT subscription_id FROM due_together WHERE NOT is_alone)
    OR (SELECT true FROM webhooks.delivery
      WHERE subscription_id = quota.subscription_id AND state = 'pending' AND waits
      ORDER BY due_at OFFSET quota.batch_size - 1 LIMIT 1))
), together AS (
  SELECT *, count(*) FILTER (WHERE is_alone) OVER sofar AS alone, count(*) FILTER (WHERE NOT is_alone) OVER sofar AS others
  FROM (SELECT * FROM due_together UNION ALL SELECT * FROM early) t
  WINDOW sofar AS (PARTITION BY subscription_id ORDER BY due_at, id)
), due_elsewhere AS MATERIALIZED (
  SELECT d.id, d.place, d.due_at, d.change_id, d.epoch, quota.subscription_id, quota.bytes AS bytes_in_flight,
    d.is_post, false AS one_post
  FROM quota
  CROSS JOIN LATERAL (
    SELECT id, ctid AS place, due_at, change_id, epoch, post_id IS NOT NULL AS is_post
    FROM webhooks.delivery
    WHERE subscription_id = quota.subscription_id AND state = 'pending' AND due_at <= now()
      AND request ->> 'endpoint' IS NOT NULL
    ORDER BY due_at
    LIMIT quota.elsewhere
    FOR UPDATE SKIP LOCKED
  ) d
  WHERE quota.elsewhere > 0
  LIMIT greatest(0, CAST(:?room AS integer) - (SELECT count(*) FROM due))
), sized AS MATERIALIZED (
  SELECT due.id, due.place, due.due_at, c.bytes, c.flaw,
    due.bytes_in_flight + sum(c.bytes) OVER webhook - c.bytes AS bytes_before,
    CASE WHEN due.one_post THEN 1000000 + due.bytes_in_flight END AS most
  FROM (
    SELECT * FROM due UNION ALL SELECT * FROM due_elsewhere
    UNION ALL SELECT id, place, due_at, change_id, epoch, subscription_id, bytes, is_post, in_order AND NOT is_alone
    FROM together
    WHERE alone + (others + batch_size - 1) / batch_size <= deliveries AND (is_alone OR NOT in_order OR others <= batch_size)
  ) due
  LEFT JOIN LATERAL ( -- a POST counts as much as it may have
    SELECT CASE WHEN due.is_post THEN greatest(bytes, 1000000) ELSE bytes END AS bytes, webhooks.flaw(workspace, event, record_id, updated_fields, record) AS flaw
    FROM webhooks.change
    WHERE id = due.change_id AND epoch = coalesce(due.epoch, epoch) AND record IS NOT NULL
    LIMIT 1
  ) c ON true
  WINDOW webhook AS (PARTITION BY due.subscription_id ORDER BY due.due_at, due.id)
), fitting AS MATERIALIZED (
  SELECT place, sum(bytes) OVER (ORDER BY bytes_before, due_at, id) - bytes AS bytes_before
  FROM sized
  WHERE bytes_before < least(CAST(:?webhookBytes AS bigint), most) AND flaw IS NULL
), died AS (
  UPDATE webhooks.delivery d
  SET state = 'dead', due_at = NULL, error = coalesce('its change cannot be read: ' || s.flaw, 'its record is no longer in the change table')
  FROM sized s
  WHERE d.ctid = s.place AND (s.bytes IS NULL OR s.flaw IS NOT NULL)
), claimed AS (
  UPDATE webhooks.delivery
  SET due_at = now() + CAST(:?lease AS interval), waits = NULL
  WHERE ctid = ANY (ARRAY(SELECT place FROM fitting WHERE bytes_before < CAST(:?batchBytes AS bigint)))
  RETURNING id, change_id, subscription_id, attempts, schedule_from, replayed_by, body, request, post_id, state
), members AS (
  SELECT m.* FROM claimed
  CROSS JOIN LATERAL (
    SELECT id, change_id, subscription_id, attempts, schedule_from, replayed_by, body, request, post_id, state
    FROM webhooks.delivery
    WHERE post_id = claimed.post_id AND state = claimed.state AND id <> claimed.id
  ) m
  WHERE claimed.post_id IS NOT NULL
), taken AS (
  UPDATE webhooks.endpoint e
  SET paused_until = CASE WHEN o.probe THEN now() + CAST(:?lease AS interval) END,
    free_at = coalesce(o.free_from + (c.alone + (c.others + o.batch_size - 1) / o.batch_size) / o.rate_limit * interval '1 s', e.free_at)
  FROM open o JOIN (SELECT subscription_id,
      count(*) FILTER (WHERE post_id IS NOT NULL OR request IS NOT NULL) AS alone,
      count(*) FILTER (WHERE post_id IS NULL AND request IS NULL) AS others
    FROM claimed
    WHERE request ->> 'endpoint' IS NULL OR subscription_id IN (SELECT subscription_id FROM open WHERE rate_limit IS NOT NULL)
    GROUP BY subscription_id) c USING (subscription_id)
  WHERE e.subscription_id = o.subscription_id
)
SELECT d.id, d.change_id, d.subscription_id, d.attempts, coalesce(d.schedule_from, 0) AS schedule_from,
  d.replayed_by IS NOT NULL AS replayed, d.subscription_id IN (SELECT subscription_id FROM open WHERE open.probe) AND d.request ->> 'endpoint' IS NULL AS probe,
  d.body, d.request::text AS request, d.post_id, c.workspace, c.event, c.record_id, CASE WHEN d.body IS NULL THEN c.record::text END AS record,
  to_json(c.updated_fields)::text AS updated_fields, c.occurred_at::text AS occurred_at,
  CASE WHEN d.body IS NULL THEN webhooks.readable_origin(c.origin) END AS origin,
  (SELECT revision FROM webhooks.subscription_revision) AS revision
FROM (SELECT * FROM claimed UNION ALL SELECT * FROM members) d
LEFT JOIN LATERAL (SELECT * FROM webhooks.change WHERE id = d.change_id LIMIT 1) c ON true
ORDER BY d.id
