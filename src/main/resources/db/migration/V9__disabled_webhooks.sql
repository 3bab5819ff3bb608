-- A webhook that the pipeline has disabled by itself, and why. Whoever enables it again starts afresh.
ALTER TABLE webhooks.subscription
  ADD COLUMN disabled_at timestamptz,
  ADD COLUMN disabled_cause text CHECK (disabled_cause IN ('gone', 'failing')), -- null: disabled by hand, or not at all
  ADD COLUMN disabled_reason text; -- the same in words

CREATE FUNCTION webhooks.forget_why_disabled() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.disabled_at := NULL;
  NEW.disabled_cause := NULL;
  NEW.disabled_reason := NULL;
  RETURN NEW;
END $$;

CREATE TRIGGER forget_why_disabled BEFORE UPDATE ON webhooks.subscription
  FOR EACH ROW WHEN (NEW.enabled AND NOT OLD.enabled) EXECUTE FUNCTION webhooks.forget_why_disabled();
