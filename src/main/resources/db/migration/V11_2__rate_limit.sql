-- How many deliveries a second a webhook gets at most, from all processes together; null: as many as it takes.
ALTER TABLE webhooks.subscription
  ADD COLUMN rate_limit double precision CHECK (rate_limit > 0 AND rate_limit <= 10000);

-- When its next delivery is within the limit. What has not been used for a while is lost, see claim-due.sql.
ALTER TABLE webhooks.endpoint
  ADD COLUMN free_at timestamptz;

-- A limit counts from when it is set, so that a slow one of before delays nothing.
CREATE FUNCTION webhooks.begin_rate_limit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO webhooks.endpoint (subscription_id, free_at) VALUES (NEW.id, now())
  ON CONFLICT (subscription_id) DO UPDATE SET free_at = excluded.free_at;
  RETURN NULL;
END $$;

CREATE TRIGGER begin_rate_limit AFTER INSERT OR UPDATE OF rate_limit ON webhooks.subscription
  FOR EACH ROW WHEN (NEW.rate_limit IS NOT NULL) EXECUTE FUNCTION webhooks.begin_rate_limit();
