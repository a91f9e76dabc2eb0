//! Values of the domain that tests need, distinct by number.

use billing_domain::{
    AppId, CheckoutIntent, CheckoutIntentId, CheckoutIntentState, EnvironmentId, GatewayAccountId,
    IdempotencyKey, OrganizationId, Payer, PaymentGateway, StripeSubscriptionId, Subscription,
    SubscriptionId, SubscriptionStatus, Timestamp, UserId, WorkspaceId, WorkspaceSubscription,
};

/// The workspace most tests are about.
pub fn workspace_id() -> WorkspaceId {
    WorkspaceId::parse("ws_test").unwrap()
}

/// Its app.
pub fn app_id() -> AppId {
    AppId::parse("app_test").unwrap()
}

/// The app's environment.
pub fn environment_id() -> EnvironmentId {
    EnvironmentId::parse("env_test").unwrap()
}

/// A moment with as many digits as a database must keep.
pub fn moment() -> Timestamp {
    "2026-11-22T12:34:56.789012Z".parse().unwrap()
}

/// An intent in this state.
pub fn checkout_intent(number: u32, state: CheckoutIntentState) -> CheckoutIntent {
    CheckoutIntent {
        id: CheckoutIntentId::from_uuid(number.into()),
        workspace_id: workspace_id(),
        app_id: app_id(),
        environment_id: environment_id(),
        payer: Payer::User(UserId::parse(format!("user_{number}")).unwrap()),
        gateway: PaymentGateway::Managed,
        idempotency_key: IdempotencyKey::from_uuid(number.into()),
        state,
        expires_at: moment() + CheckoutIntent::LIFETIME,
        created_at: moment(),
    }
}

/// A subscription of an organization in this status.
pub fn subscription(number: u32, status: SubscriptionStatus) -> Subscription {
    Subscription {
        id: SubscriptionId::from_uuid(number.into()),
        workspace_id: workspace_id(),
        app_id: app_id(),
        environment_id: environment_id(),
        payer: Payer::Organization(OrganizationId::parse(format!("org_{number}")).unwrap()),
        gateway_account_id: GatewayAccountId::parse("acct_test").unwrap(),
        stripe_id: StripeSubscriptionId::parse(format!("sub_stripe_{number}")).unwrap(),
        status,
    }
}

/// The workspace's own subscription in this status.
pub fn workspace_subscription(status: SubscriptionStatus) -> WorkspaceSubscription {
    WorkspaceSubscription {
        workspace_id: workspace_id(),
        stripe_id: StripeSubscriptionId::parse("sub_platform").unwrap(),
        status,
    }
}

/// Every status of Stripe's reference and one it may add, with whether it counts as live.
pub fn stripe_statuses() -> Vec<(SubscriptionStatus, bool)> {
    [
        ("incomplete", true),
        ("incomplete_expired", false),
        ("trialing", true),
        ("active", true),
        ("past_due", true),
        ("canceled", false),
        ("unpaid", true),
        ("paused", true),
        ("a_status_of_tomorrow", true),
    ]
    .map(|(word, live)| (SubscriptionStatus::from_stripe(word), live))
    .to_vec()
}
