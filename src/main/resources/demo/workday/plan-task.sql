-- Somebody plans the next task.
INSERT INTO crm.task (title, "dueAt", "createdByName")
SELECT 'Send the offer for ' || product, now() + interval '3 days', "userName"
FROM jsonb_to_recordset(CAST(? AS jsonb)) AS made(product text, "userName" text)
