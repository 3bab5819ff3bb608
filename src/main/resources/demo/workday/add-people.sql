-- New contacts, one or a whole imported list of them, each with some company that exists.
INSERT INTO person ("nameFirstName", "nameLastName", "emailsPrimaryEmail", "emailsAdditionalEmails", "jobTitle", city,
    "phonesPrimaryPhoneNumber", "phonesPrimaryPhoneCallingCode", "phonesPrimaryPhoneCountryCode", "companyId",
    "createdBySource", "createdByWorkspaceMemberId", "createdByName", "updatedByWorkspaceMemberId", "updatedByName")
SELECT "firstName", "lastName", lower("firstName" || '.' || "lastName") || '@mail.example', '[]', "jobTitle", made.city,
  '5550' || (100 + row), '+351', 'PT',
  (SELECT id FROM company WHERE "deletedAt" IS NULL ORDER BY md5(id::text || made.draw) LIMIT 1),
  (CASE count(*) OVER () WHEN 1 THEN 'MANUAL' ELSE 'IMPORT' END)::"person_createdBySource_enum", member.id, "userName", member.id, "userName"
FROM ROWS FROM (jsonb_to_recordset(CAST(? AS jsonb))
  AS ("firstName" text, "lastName" text, "jobTitle" text, city text, draw text, "userName" text))
  WITH ORDINALITY AS made("firstName", "lastName", "jobTitle", city, draw, "userName", row)
LEFT JOIN "workspaceMember" AS member ON concat_ws(' ', member."nameFirstName", member."nameLastName") = "userName"
