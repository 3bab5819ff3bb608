-- Somebody has a new job in a new place.
UPDATE crm.person SET "jobTitle" = made."jobTitle", city = made.city, "updatedAt" = now()
FROM jsonb_to_recordset(CAST(? AS jsonb)) AS made("jobTitle" text, city text, draw text)
WHERE id = (SELECT id FROM crm.person WHERE "deletedAt" IS NULL ORDER BY md5(id::text || made.draw) LIMIT 1)
