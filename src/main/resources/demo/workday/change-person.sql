-- Somebody has a new job in a new place.
UPDATE person SET "jobTitle" = made."jobTitle", city = made.city, "updatedAt" = now(),
  "updatedBySource" = 'MANUAL', "updatedByName" = made."userName", "updatedByWorkspaceMemberId" =
    (SELECT id FROM "workspaceMember" WHERE concat_ws(' ', "nameFirstName", "nameLastName") = made."userName")
FROM jsonb_to_recordset(CAST(? AS jsonb)) AS made("jobTitle" text, city text, draw text, "userName" text)
WHERE id = (SELECT id FROM person WHERE "deletedAt" IS NULL ORDER BY md5(id::text || made.draw) LIMIT 1)
