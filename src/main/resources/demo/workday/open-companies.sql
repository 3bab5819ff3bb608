-- The companies that everybody works with; made once.
INSERT INTO company (name, "domainNamePrimaryLinkUrl", "addressAddressCity", employees,
    "annualRecurringRevenueAmountMicros", "annualRecurringRevenueCurrencyCode", "createdByName", "updatedByName")
SELECT known.name, 'https://' || lower(replace(known.name, ' ', '-')) || '.example', city, 12 + 17 * row, 0, 'EUR', made."userName",
  made."userName"
FROM jsonb_to_recordset(CAST(? AS jsonb)) AS made(city text, "userName" text),
  unnest(ARRAY['Northwind Pottery', 'Blue Heron Press', 'Cedar Bicycles', 'Lumen Optics', 'Harbour Bakery', 'Atlas Maps'])
    WITH ORDINALITY AS known(name, row)
WHERE NOT EXISTS (SELECT FROM company)
