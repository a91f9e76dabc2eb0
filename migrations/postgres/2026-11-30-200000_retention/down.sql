DROP INDEX gateway_calls_by_age;
DROP INDEX stripe_events_by_age;
