//! Values of the domain for tests, distinct by number.

use std::time::Duration;

use billing_domain::{
    App, AppDetails, AppId, BillingInterval, CheckoutIntent, CheckoutIntentId, CheckoutIntentState, Currency,
    DisplayName, Environment, EnvironmentId, EnvironmentKind, Feature, FeatureDetails, FeatureId, FeatureKey,
    Gateway, GatewayAccountId, IdempotencyKey, Money, OrganizationId, Payer, PayerKind, Plan, PlanDetails,
    PlanId, PlanKey, Price, PriceId, PriceTerms, StripeSubscriptionId, Subscription, SubscriptionId,
    SubscriptionStatus, Timestamp, UserId, Version, WorkspaceId, WorkspaceSubscription,
};

/// The default workspace.
pub fn workspace_id() -> WorkspaceId {
    WorkspaceId::parse("ws_test").unwrap()
}

/// The default app.
pub fn app_id() -> AppId {
    AppId::parse("app_test").unwrap()
}

/// The default environment.
pub fn environment_id() -> EnvironmentId {
    EnvironmentId::parse("env_test").unwrap()
}

/// A moment with the finest stored resolution.
pub fn moment() -> Timestamp {
    "2026-11-22T12:34:56.789012Z".parse().unwrap()
}

fn later_moment(number: u32) -> Timestamp {
    moment() + Duration::from_micros(number.into())
}

/// An app with an environment of each kind.
pub fn app(number: u32) -> App {
    let environment = |kind: EnvironmentKind| Environment {
        id: EnvironmentId::parse(format!("env_{number}_{}", kind.as_str())).unwrap(),
        kind,
    };
    App {
        id: AppId::parse(format!("app_{number}")).unwrap(),
        workspace_id: workspace_id(),
        details: AppDetails {
            name: DisplayName::parse(&format!("App {number}")).unwrap(),
            allowed_redirect_origins: Vec::new(),
        },
        environments: EnvironmentKind::ALL.map(environment).to_vec(),
        version: Version::NEW,
        created_at: later_moment(number),
    }
}

/// The default app with its one environment.
pub fn test_app() -> App {
    let environment = Environment { id: environment_id(), kind: EnvironmentKind::Development };
    App { id: app_id(), environments: vec![environment], ..app(0) }
}

/// A plan of the default app for end users, without a trial.
pub fn plan(number: u32) -> Plan {
    Plan {
        id: PlanId::from_uuid(number.into()),
        workspace_id: workspace_id(),
        app_id: app_id(),
        key: PlanKey::parse(&format!("plan_{number}")).unwrap(),
        payer_kind: PayerKind::User,
        details: PlanDetails::named(DisplayName::parse(&format!("Plan {number}")).unwrap()),
        archived_at: None,
        version: Version::NEW,
        created_at: later_moment(number),
    }
}

/// A price of a plan, in USD by the month.
pub fn price(number: u32, plan: &Plan) -> Price {
    Price {
        id: PriceId::from_uuid(number.into()),
        plan_id: plan.id,
        terms: price_terms(1_000 + i64::from(number), "USD", BillingInterval::Month),
        archived_at: None,
        created_at: later_moment(number),
    }
}

/// Terms of a price.
pub fn price_terms(minor_units: i64, currency: &str, interval: BillingInterval) -> PriceTerms {
    let amount = Money::new(minor_units, Currency::parse(currency).unwrap());
    PriceTerms::new(amount, interval).unwrap()
}

/// A feature of the default app.
pub fn feature(number: u32) -> Feature {
    Feature {
        id: FeatureId::from_uuid(number.into()),
        workspace_id: workspace_id(),
        app_id: app_id(),
        key: FeatureKey::parse(&format!("feature_{number}")).unwrap(),
        details: FeatureDetails {
            name: DisplayName::parse(&format!("Feature {number}")).unwrap(),
            description: None,
        },
        version: Version::NEW,
        created_at: later_moment(number),
    }
}

/// An intent in this state.
pub fn checkout_intent(number: u32, state: CheckoutIntentState) -> CheckoutIntent {
    CheckoutIntent {
        id: CheckoutIntentId::from_uuid(number.into()),
        workspace_id: workspace_id(),
        app_id: app_id(),
        environment_id: environment_id(),
        payer: Payer::User(UserId::parse(format!("user_{number}")).unwrap()),
        gateway: Gateway::Managed,
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

/// Every status of Stripe's reference and an unknown one, with whether it is live.
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
