-- Somebody plans the next task.
INSERT INTO task (title, "dueAt", "assigneeId", "createdByWorkspaceMemberId", "createdByName", "updatedByWorkspaceMemberId", "updatedByName")
SELECT 'Send the offer for ' || product, now() + interval '3 days', member.id, member.id, made."userName", member.id, made."userName"
FROM jsonb_to_recordset(CAST(? AS jsonb)) AS made(product text, "userName" text)
LEFT JOIN "workspaceMember" AS member ON concat_ws(' ', member."nameFirstName", member."nameLastName") = made."userName"
