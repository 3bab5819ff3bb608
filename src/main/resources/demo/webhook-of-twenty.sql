-- A webhook of the demo that is made in Twenty's own settings. Its id is fixed: a second start changes its row.
WITH made (id, url, operations, description, secret) AS (
  VALUES (CAST(? AS uuid), ?, CAST(? AS text[]), ?, ?)
), changed AS (
  UPDATE core.webhook AS w
  SET "targetUrl" = made.url, operations = made.operations, description = made.description, secret = made.secret,
    "updatedAt" = now(), "deletedAt" = NULL
  FROM made WHERE w.id = made.id
  RETURNING w.id
)
SELECT sample_twenty.add_webhook('20c1a0de-5a17-4000-8000-000000000001', url, operations, secret, description, id)
FROM made WHERE NOT EXISTS (SELECT FROM changed)
