-- A new opportunity with some company.
INSERT INTO crm.opportunity (name, "amountAmountMicros", "amountCurrencyCode", "closeDate", "companyId", "createdByName")
SELECT company.name || ', ' || made.product, made.amount * 1000000, 'EUR', now() + interval '30 days', company.id, "userName"
FROM jsonb_to_recordset(CAST(? AS jsonb)) AS made(product text, amount numeric, draw text, "userName" text),
  LATERAL (SELECT id, name FROM crm.company WHERE "deletedAt" IS NULL ORDER BY md5(id::text || made.draw) LIMIT 1) company
