-- The schedule that Stripe has for a subscription, as JSON: a change of its plan that is to come. NULL without one, and in
-- rows of a version before until they are next fetched.
DO $$
BEGIN
    ALTER TABLE subscriptions ADD COLUMN schedule TEXT;
END
$$;
