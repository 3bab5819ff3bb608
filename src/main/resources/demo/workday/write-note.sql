-- Somebody writes a note about a call.
INSERT INTO crm.note (title, "bodyV2Markdown", "createdByName")
SELECT 'Call about ' || product, 'They ask for **' || product || '** by the end of the month.', "userName"
FROM jsonb_to_recordset(CAST(? AS jsonb)) AS made(product text, "userName" text)
