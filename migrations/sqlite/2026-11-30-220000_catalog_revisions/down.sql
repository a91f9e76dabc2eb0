ALTER TABLE apps DROP COLUMN catalog_revision;
