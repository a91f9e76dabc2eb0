ALTER TABLE account_directory DROP COLUMN is_live;
