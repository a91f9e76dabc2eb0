-- The mode in which the account is used: it has one id in test mode and in live mode. NULL in rows of a version before,
-- until the account is next used.
ALTER TABLE account_directory ADD COLUMN is_live INTEGER;
