-- A contact comes back from the trash.
UPDATE person SET "deletedAt" = NULL, "updatedAt" = now()
FROM jsonb_to_recordset(CAST(? AS jsonb)) AS made(draw text)
WHERE id = (SELECT id FROM person WHERE "deletedAt" IS NOT NULL ORDER BY md5(id::text || made.draw) LIMIT 1)
