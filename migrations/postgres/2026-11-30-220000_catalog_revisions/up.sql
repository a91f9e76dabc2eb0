-- Grows with each change of the app's plans, prices and features. A replica of the version before does not count them.
DO $$
BEGIN
    ALTER TABLE apps ADD COLUMN catalog_revision BIGINT NOT NULL DEFAULT 0;
END
$$;
