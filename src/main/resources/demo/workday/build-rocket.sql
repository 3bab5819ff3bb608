-- A record of the custom object, which has a field of each type.
INSERT INTO _rocket (name, crew, price, "isLive", "launchDay", status, tags, aliases, "pilotFirstName", "pilotLastName",
    "budgetAmountMicros", "budgetCurrencyCode", "baseAddressCity", "createdByWorkspaceMemberId", "createdByName", "updatedByWorkspaceMemberId", "updatedByName")
SELECT 'Rocket of ' || made.city, 3, made.amount + 0.50, false, current_date + 90, 'PLANNED', '{RED,BLUE}', ARRAY['the ' || made.product],
  made."firstName", made."lastName", made.amount * 1000000, 'EUR', made.city, member.id, made."userName", member.id, made."userName"
FROM jsonb_to_recordset(CAST(? AS jsonb))
  AS made("firstName" text, "lastName" text, city text, product text, amount numeric, "userName" text)
LEFT JOIN "workspaceMember" AS member ON concat_ws(' ', member."nameFirstName", member."nameLastName") = made."userName"
