-- Which delivery it was whose attempt failed last, so that whoever sees a pause can look at that attempt.
ALTER TABLE webhooks.endpoint ADD COLUMN failed_delivery text;

CREATE OR REPLACE FUNCTION webhooks.forget_failures() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE webhooks.endpoint
  SET failing_since = NULL, paused_until = NULL, pauses = 0, reason = NULL, failed_delivery = NULL
  WHERE subscription_id = NEW.id AND failing_since IS NOT NULL;
  RETURN NULL;
END $$;
