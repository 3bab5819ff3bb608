-- Somebody writes a note about a call.
INSERT INTO note (title, "bodyV2Markdown", "createdByWorkspaceMemberId", "createdByName", "updatedByWorkspaceMemberId", "updatedByName")
SELECT 'Call about ' || product, 'They ask for **' || product || '** by the end of the month.', member.id, made."userName", member.id, made."userName"
FROM jsonb_to_recordset(CAST(? AS jsonb)) AS made(product text, "userName" text)
LEFT JOIN "workspaceMember" AS member ON concat_ws(' ', member."nameFirstName", member."nameLastName") = made."userName"
