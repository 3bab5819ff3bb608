-- The oldest open task is done.
UPDATE task SET status = 'DONE', "updatedAt" = now()
FROM jsonb_to_recordset(CAST(? AS jsonb)) AS made(draw text)
WHERE id = (SELECT id FROM task WHERE status <> 'DONE' ORDER BY "createdAt", md5(id::text || made.draw) LIMIT 1)
