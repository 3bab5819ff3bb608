-- New contacts, one or a whole imported list of them, each with some company that exists.
INSERT INTO crm.person ("nameFirstName", "nameLastName", "emailsPrimaryEmail", "emailsAdditionalEmails", "jobTitle", city,
    "companyId", "createdByName")
SELECT "firstName", "lastName", lower("firstName" || '.' || "lastName") || '@mail.example', '[]', "jobTitle", city,
  (SELECT id FROM crm.company WHERE "deletedAt" IS NULL ORDER BY md5(id::text || made.draw) LIMIT 1), "userName"
FROM jsonb_to_recordset(CAST(? AS jsonb))
  AS made("firstName" text, "lastName" text, "jobTitle" text, city text, draw text, "userName" text)
