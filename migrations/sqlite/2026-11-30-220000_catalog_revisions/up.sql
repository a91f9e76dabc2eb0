-- Grows with each change of the app's plans, prices and features. A process of the version before does not count them.
ALTER TABLE apps ADD COLUMN catalog_revision INTEGER NOT NULL DEFAULT 0;
