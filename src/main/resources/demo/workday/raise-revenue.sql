-- A company pays more a year than before.
UPDATE company SET "updatedAt" = now(),
  "annualRecurringRevenueAmountMicros" = coalesce("annualRecurringRevenueAmountMicros", 0) + made.amount * 1000000
FROM jsonb_to_recordset(CAST(? AS jsonb)) AS made(amount numeric, draw text)
WHERE id = (SELECT id FROM company WHERE "deletedAt" IS NULL ORDER BY md5(id::text || made.draw) LIMIT 1)
