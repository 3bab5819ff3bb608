-- The webhooks that were made in Twenty, with the state of each one's copy here; null: there is none.
SELECT w.id, webhooks.shown(CAST(w."targetUrl" AS text), 2000) AS "targetUrl", w.operations,
  CASE
    WHEN s.source <> 'twenty' OR s.workspace <> CAST(w."workspaceId" AS text) THEN 'taken'
    WHEN s.id IS NULL OR s.deleted_at IS NOT NULL THEN NULL
    WHEN NOT s.enabled THEN 'disabled'
    WHEN s.shadow THEN 'shadow'
    ELSE 'live'
  END AS state
FROM core.webhook AS w LEFT JOIN webhooks.subscription AS s ON s.id = w.id
WHERE w."workspaceId" = CAST(:?workspace AS uuid) AND w."deletedAt" IS NULL
ORDER BY w."createdAt", w.id
LIMIT 1000
