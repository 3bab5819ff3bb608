-- A database as it looks after a busy week, for the scenario "pages": :size changes over seven days, the last twentieth of
-- them within the last hour, each owed to one of 20 webhooks: half of them to one, 30 % to a second, the rest to 18 small
-- ones. Of 1000 deliveries 30 are dead after all ten attempts, 20 pending, 20 cancelled and 930 delivered, 50 of them with
-- the second attempt. The webhooks call :url, except for the last small one, whose endpoint does not answer.
-- Everything follows from the number of the change, so that each run meets the same rows.

ALTER TABLE webhooks.change DISABLE TRIGGER enqueue_changes;

INSERT INTO webhooks.subscription (id, target_url, operations, secret, description, created_at)
SELECT lpad(n::text, 32, '0')::uuid, :'url' || '/pages/' || n,
  CASE n WHEN 1 THEN '{person.*}'::text[] WHEN 2 THEN '{company.*}' ELSE ARRAY['object' || n || '.*'] END,
  :'secret', 'number ' || n, now() - interval '8 days'
FROM generate_series(1, 20) n;

UPDATE webhooks.subscription SET target_url = :'dead' WHERE description = 'number 20';

UPDATE webhooks.subscription_period SET since = now() - interval '8 days';

INSERT INTO webhooks.change (event, record_id, record, updated_fields, occurred_at)
SELECT CASE WHEN n % 10 < 5 THEN 'person' WHEN n % 10 < 8 THEN 'company' ELSE 'object' || 3 + n / 10 % 18 END
    || CASE WHEN n = 1 THEN '.restored' WHEN n % 1000 = 7 THEN '.deleted' WHEN n % 3 = 0 THEN '.created' ELSE '.updated' END,
  md5((n % 200003)::text)::uuid::text, CAST(format(:'record', n) AS json),
  CASE WHEN n % 1000 <> 7 AND n % 3 > 0 THEN '{jobTitle,city}'::text[] END,
  now() - CASE WHEN n <= :size * 0.95
    THEN interval '1 hour' + interval '167 hours' * (1 - n / (:size * 0.95))
    ELSE interval '1 hour' * (1 - (n - :size * 0.95) / (:size * 0.05)) END
FROM generate_series(1, :size) n;

INSERT INTO webhooks.delivery (change_id, subscription_id, state, attempts, due_at, attempted_at, duration_ms, status, error, created_at)
SELECT c.id, s.id, state,
  CASE WHEN state = 'dead' THEN 10 WHEN state = 'pending' THEN 3 WHEN fate < 120 THEN 2 ELSE 1 END,
  CASE WHEN state = 'pending' THEN now() + interval '1 minute' + fate % 20 * interval '30 minutes' END,
  c.occurred_at + interval '1 second', 5 + c.id % 60,
  CASE WHEN state = 'delivered' THEN 200 ELSE 503 END,
  CASE WHEN state = 'cancelled' THEN 'cancelled by a replay' WHEN state <> 'delivered' THEN 'the receiver answered 503' END,
  c.occurred_at + interval '1 second'
FROM webhooks.change c
JOIN webhooks.subscription s ON s.operations[1] = c.object || '.*'
CROSS JOIN LATERAL (SELECT (c.id * 7919) % 1000 AS fate) f
CROSS JOIN LATERAL (SELECT CASE WHEN fate < 30 THEN 'dead' WHEN fate < 50 THEN 'pending' WHEN fate < 70 THEN 'cancelled'
  ELSE 'delivered' END AS state) made
ORDER BY c.id;

-- A replay of the small endpoints' week, and one of all that the greatest has got.
INSERT INTO webhooks.replay (subscription_id, mode, since, until, state, first_id, last_id, position, owed, due_at, ended_at)
SELECT id, 'missing', now() - interval '7 days', now(), 'done', 0, :size, :size, :size / 2, NULL, now()
FROM webhooks.subscription ORDER BY description = 'number 1' LIMIT 20;
UPDATE webhooks.delivery d SET replayed_by = r.id
FROM webhooks.replay r
WHERE r.subscription_id = d.subscription_id AND r.subscription_id = '00000000-0000-0000-0000-000000000001'
  AND d.change_id % 5 < 2;

INSERT INTO webhooks.attempt (delivery_id, number, attempted_at, duration_ms, status, error, response)
SELECT d.id, a, d.created_at + a * interval '1 minute', 5 + a, 503, 'the receiver answered 503',
  repeat('{"error":"temporarily unavailable","request":"' || a || '"}', 8)
FROM webhooks.delivery d, generate_series(1, CASE d.state WHEN 'delivered' THEN d.attempts - 1 ELSE d.attempts END) a
WHERE d.state <> 'delivered' OR d.attempts > 1;

-- A day of statistics, with as many kinds of durations as a real endpoint has.
INSERT INTO webhooks.attempt_minute (minute, subscription_id, delivered, failed, dead, durations)
SELECT minute, s.id, 50, 2, 1, ARRAY(SELECT CASE WHEN b BETWEEN 4 AND 20 THEN 3 WHEN b = 40 THEN 1 ELSE 0 END FROM generate_series(1, 40) b)
FROM generate_series(date_trunc('minute', now()) - interval '24 hours', now() - interval '1 minute', interval '1 minute') minute,
  webhooks.subscription s;

ALTER TABLE webhooks.change ENABLE TRIGGER enqueue_changes;
