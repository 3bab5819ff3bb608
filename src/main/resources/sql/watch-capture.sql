-- Tells news about capture, each once, by whichever process comes first: troubles that are new, and changes that were
-- lost.
WITH present AS MATERIALIZED (
  SELECT left(problem, 2000) AS problem FROM webhooks.capture_trouble
  UNION
  SELECT format('workspace %s of Twenty: %s', workspace, problem) FROM webhooks.twenty_workspace WHERE problem IS NOT NULL
), over AS (
  DELETE FROM webhooks.told_trouble t WHERE NOT EXISTS (SELECT FROM present p WHERE p.problem = t.problem)
), fresh AS (
  INSERT INTO webhooks.told_trouble (problem) SELECT problem FROM present
  ON CONFLICT (problem) DO NOTHING
  RETURNING problem
), lost AS (
  UPDATE webhooks.lost_change l SET told = true
  WHERE l.id = ANY (ARRAY(
    SELECT u.id FROM webhooks.lost_change u WHERE NOT u.told ORDER BY u.id LIMIT 10000 FOR UPDATE SKIP LOCKED))
  RETURNING l.relation, l.changes, l.reason
)
SELECT 'capture.off' AS event, problem AS reason FROM fresh
UNION ALL
SELECT 'capture.lost', format('%s changes of %s could not be captured: %s', sum(changes), relation, min(reason))
FROM lost GROUP BY relation
