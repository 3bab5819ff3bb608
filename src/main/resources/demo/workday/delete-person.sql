-- A contact goes to the trash.
UPDATE person SET "deletedAt" = now(), "updatedAt" = now()
FROM jsonb_to_recordset(CAST(? AS jsonb)) AS made(draw text)
WHERE id = (SELECT id FROM person WHERE "deletedAt" IS NULL ORDER BY md5(id::text || made.draw) LIMIT 1)
