//! Values of the domain for tests, distinct by number.

use std::time::Duration;

use billing_domain::{
    App, AppDetails, AppId, BillingInterval, CallOutcome, CallPurpose, CheckoutIntent, CheckoutIntentId,
    CheckoutIntentState, CheckoutSale, Currency, DisplayName, Environment, EnvironmentId, EnvironmentKind,
    EventObject, Feature, FeatureDetails, FeatureId, FeatureKey, FrozenRequest, GatewayAccountId,
    GatewayCall, GatewayCallId, GatewayEvent, GatewayLink, IdempotencyKey, Invoice, InvoiceDetails,
    InvoiceId, InvoiceLine, InvoiceStatus, LinkSubject, Money, OrganizationId, Payer, PayerKind, Plan,
    PlanDetails, PlanId, PlanKey, Price, PriceId, PriceTerms, RequestMethod, StripeId, StripeSubscriptionId,
    Subscription, SubscriptionId, SubscriptionState, SubscriptionStatus, SubscriptionTimes, SyncTarget,
    Timestamp, UserId, Version, WorkspaceId, WorkspaceSubscription,
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

/// A moment with the resolution of Stripe's times.
pub fn moment_at_stripe() -> Timestamp {
    "2026-11-22T12:34:56Z".parse().unwrap()
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

/// The default gateway account.
pub fn account() -> GatewayAccountId {
    GatewayAccountId::parse("acct_test").unwrap()
}

/// An end user.
pub fn user(number: u32) -> Payer {
    Payer::User(UserId::parse(format!("user_{number}")).unwrap())
}

/// An organization.
pub fn organization(number: u32) -> Payer {
    Payer::Organization(OrganizationId::parse(format!("org_{number}")).unwrap())
}

/// A Stripe id.
pub fn stripe_id(text: &str) -> StripeId {
    StripeId::parse(text).unwrap()
}

/// An intent of a user of its own in this state, whose session is not known.
pub fn checkout_intent(number: u32, state: CheckoutIntentState) -> CheckoutIntent {
    CheckoutIntent {
        id: CheckoutIntentId::from_uuid(number.into()),
        workspace_id: workspace_id(),
        app_id: app_id(),
        environment_id: environment_id(),
        payer: user(number),
        account: account(),
        sale: CheckoutSale {
            plan_id: PlanId::from_uuid(1),
            price_id: PriceId::from_uuid(1),
            quantity: 3,
            trial_days: 14,
        },
        call_id: GatewayCallId::from_uuid(number.into()),
        session: None,
        state,
        expires_at: moment() + CheckoutIntent::LIFETIME,
        created_at: moment(),
    }
}

/// The unresolved call that makes the session of an intent.
pub fn gateway_call(number: u32) -> GatewayCall {
    GatewayCall {
        id: GatewayCallId::from_uuid(number.into()),
        workspace_id: workspace_id(),
        account: account(),
        key: IdempotencyKey::from_uuid(number.into()),
        purpose: CallPurpose::CreateCheckoutSession { intent_id: CheckoutIntentId::from_uuid(number.into()) },
        request: FrozenRequest {
            method: RequestMethod::Post,
            path: "/v1/checkout/sessions".to_owned(),
            body: format!("mode=subscription&metadata[number]={number}"),
        },
        outcome: CallOutcome::Unresolved,
        prepared_at: moment(),
    }
}

/// The customer of an end user at Stripe.
pub fn customer_link(number: u32) -> GatewayLink {
    GatewayLink {
        workspace_id: workspace_id(),
        account: account(),
        subject: LinkSubject::Customer { environment_id: environment_id(), payer: user(number) },
        stripe_id: stripe_id(&format!("cus_{number}")),
    }
}

/// A subscription of an organization of its own in this status.
pub fn subscription(number: u32, status: SubscriptionStatus) -> Subscription {
    Subscription {
        id: SubscriptionId::from_uuid(number.into()),
        workspace_id: workspace_id(),
        app_id: app_id(),
        environment_id: environment_id(),
        payer: organization(number),
        gateway_account_id: account(),
        stripe_id: StripeSubscriptionId::parse(format!("sub_stripe_{number}")).unwrap(),
        customer: stripe_id(&format!("cus_{number}")),
        intent_id: None,
        state: SubscriptionState {
            status,
            plan_id: Some(PlanId::from_uuid(1)),
            price_id: Some(PriceId::from_uuid(1)),
            quantity: 3,
            recurring: None,
            times: SubscriptionTimes { started_at: Some(moment_at_stripe()), ..SubscriptionTimes::default() },
        },
        synced_at: moment(),
    }
}

/// An invoice of USD 10 to an organization of its own, in this status.
pub fn invoice(number: u32, status: InvoiceStatus) -> Invoice {
    let usd = |minor_units| Money::new(minor_units, Currency::parse("USD").unwrap());
    Invoice {
        id: InvoiceId::from_uuid(number.into()),
        workspace_id: workspace_id(),
        app_id: app_id(),
        environment_id: environment_id(),
        payer: organization(number),
        gateway_account_id: account(),
        stripe_id: stripe_id(&format!("in_{number}")),
        subscription_id: Some(SubscriptionId::from_uuid(number.into())),
        details: InvoiceDetails {
            status,
            number: Some(format!("KL-{number:04}")),
            total: usd(1_000),
            amount_paid: usd(0),
            amount_due: usd(1_000),
            created_at: moment_at_stripe(),
            paid_at: None,
            due_at: None,
            hosted_url: Some("https://invoice.stripe.com/i/1".to_owned()),
            pdf_url: None,
            lines: vec![InvoiceLine {
                description: "1 × Pro".to_owned(),
                quantity: Some(1),
                amount: usd(1_000),
                period_start: moment_at_stripe(),
                period_end: moment_at_stripe() + Duration::from_hours(24),
            }],
            has_more_lines: false,
            next_attempt_at: None,
            payments: Some(Vec::new()),
            is_charged_automatically: None,
            sums: None,
        },
        synced_at: moment(),
    }
}

/// An event about an invoice of the default account, without customer and hint.
pub fn gateway_event(number: u32) -> GatewayEvent {
    GatewayEvent {
        id: stripe_id(&format!("evt_{number:04}")),
        account: account(),
        kind: "invoice.paid".to_owned(),
        object: Some(EventObject {
            target: SyncTarget::Invoice(stripe_id(&format!("in_{number}"))),
            customer: None,
            workspace_hint: None,
            paying_workspace: None,
        }),
        created_at: moment_at_stripe(),
        body: format!("{{\"id\":\"evt_{number:04}\"}}"),
    }
}

/// The workspace's own subscription in this status.
pub fn workspace_subscription(status: SubscriptionStatus) -> WorkspaceSubscription {
    WorkspaceSubscription {
        workspace_id: workspace_id(),
        gateway_account_id: account(),
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
