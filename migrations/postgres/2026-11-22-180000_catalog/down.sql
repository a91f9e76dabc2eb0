DROP TABLE answered_requests;
DROP TABLE plan_features;
DROP TABLE features;
DROP TABLE prices;
DROP TABLE plans;
DROP TABLE environments;
DROP INDEX apps_by_age;
ALTER TABLE apps DROP COLUMN version;
ALTER TABLE apps DROP COLUMN allowed_redirect_origins;
