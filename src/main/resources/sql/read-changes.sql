-- Reads some changes, or the newest ones, as a claim would read them, and writes nothing. No more is read than fits into
-- memory, but at least one change. Those of some operations are looked for among the newest ten thousand.
WITH chosen AS MATERIALIZED (
  SELECT id, coalesce(bytes, 0) AS bytes FROM webhooks.change
  WHERE (CAST(:?ids AS bigint[]) IS NULL OR id = ANY (CAST(:?ids AS bigint[])))
    AND (CAST(:?operations AS text[]) IS NULL
      OR id > (SELECT max(id) - 10000 FROM webhooks.change)
        AND workspace = CAST(:?workspace AS text)
        AND webhooks.matching_operations(event) && CAST(:?operations AS text[])
        AND webhooks.matching_operations(event) && coalesce(CAST(:?events AS text[]), '{*.*}'))
  ORDER BY id DESC
  LIMIT CAST(:?last AS integer)
), sized AS (
  SELECT id, sum(bytes) OVER (ORDER BY id DESC) - bytes AS bytes_before FROM chosen
)
SELECT c.id AS change_id, c.epoch, c.epoch AS committed, CASE WHEN f.flaw IS NULL THEN webhooks.readable_origin(c.origin) END AS origin, f.flaw,
  CASE WHEN f.flaw IS NULL THEN c.workspace END AS workspace,
  CASE WHEN f.flaw IS NULL THEN c.event END AS event, CASE WHEN f.flaw IS NULL THEN c.record_id END AS record_id,
  CASE WHEN f.flaw IS NULL AND c.bytes <= CAST(:?recordBytes AS bigint) THEN c.record::text END AS record, c.bytes,
  CASE WHEN f.flaw IS NULL THEN to_json(c.updated_fields)::text END AS updated_fields, c.occurred_at::text AS occurred_at
FROM sized s
JOIN webhooks.change c ON c.id = s.id
CROSS JOIN LATERAL (
  SELECT webhooks.flaw(c.workspace, c.event, c.record_id, c.updated_fields,
    CASE WHEN c.bytes <= CAST(:?recordBytes AS bigint) THEN c.record END) AS flaw
  OFFSET 0
) f
WHERE s.bytes_before < CAST(:?batchBytes AS bigint)
ORDER BY c.id
