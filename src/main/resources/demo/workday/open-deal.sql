-- A new opportunity with some company.
INSERT INTO opportunity (name, "amountAmountMicros", "amountCurrencyCode", "closeDate", "companyId",
    "createdByWorkspaceMemberId", "createdByName", "updatedByWorkspaceMemberId", "updatedByName")
SELECT firm.name || ', ' || made.product, made.amount * 1000000, 'EUR', now() + interval '30 days', firm.id,
  member.id, made."userName", member.id, made."userName"
FROM jsonb_to_recordset(CAST(? AS jsonb)) AS made(product text, amount numeric, draw text, "userName" text)
CROSS JOIN LATERAL (
  SELECT id, name FROM company WHERE "deletedAt" IS NULL ORDER BY md5(id::text || made.draw) LIMIT 1) AS firm
LEFT JOIN "workspaceMember" AS member ON concat_ws(' ', member."nameFirstName", member."nameLastName") = made."userName"
