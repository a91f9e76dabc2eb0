use billing_application::CancelSubscription;
use billing_domain::{AppId, Subscription, SubscriptionId, wire_time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::PayerBody;

/// A subscription of an end user or organization, as Stripe has it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubscriptionBody {
    #[schema(example = "sub_01kapzv5e8f6ws8j4kq1bdx0mk")]
    id: String,
    #[schema(example = "app_01kapzv5e8f6ws8j4kq1bdx0me")]
    app_id: String,
    #[schema(example = "env_01kapzv5e8f6ws8j4kq1bdx0mf")]
    environment_id: String,
    payer: PayerBody,
    /// Stripe's word for it: `incomplete`, `trialing`, `active`, `past_due`, `unpaid` or `paused`; `canceled` or
    /// `incomplete_expired` when it has ended.
    #[schema(example = "active")]
    status: String,
    /// Null if its price was made at Stripe.
    #[schema(required = true, example = "plan_01kapzv5e8f6ws8j4kq1bdx0mh")]
    plan_id: Option<String>,
    /// Null if it was made at Stripe.
    #[schema(required = true, example = "price_01kapzv5e8f6ws8j4kq1bdx0mg")]
    price_id: Option<String>,
    /// The number of seats.
    #[schema(example = 1)]
    quantity: u32,
    #[schema(required = true, format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    started_at: Option<String>,
    #[schema(required = true, format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    current_period_start: Option<String>,
    #[schema(required = true, format = DateTime, example = "2026-12-22T12:34:56.789Z")]
    current_period_end: Option<String>,
    /// The end of the trial, past or to come; null without one.
    #[schema(required = true, format = DateTime)]
    trial_end: Option<String>,
    /// When it will end; null while it renews itself.
    #[schema(required = true, format = DateTime)]
    cancel_at: Option<String>,
    /// When it was canceled, even if it ends later.
    #[schema(required = true, format = DateTime)]
    canceled_at: Option<String>,
    #[schema(required = true, format = DateTime)]
    ended_at: Option<String>,
    /// The checkout link it was sold by; null if it was made at Stripe.
    #[schema(required = true, example = "intent_01kapzv5e8f6ws8j4kq1bdx0mn")]
    checkout_link_id: Option<String>,
    /// The Stripe account that charges.
    #[schema(example = "acct_1PgafTB1WZUa6l2w")]
    gateway_account_id: String,
    /// Its id at Stripe.
    #[schema(example = "sub_1MowQVLkdIwHu7ixeRlqHVzs")]
    stripe_id: String,
    /// When it was last fetched from Stripe.
    #[schema(format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    synced_at: String,
}

impl From<Subscription> for SubscriptionBody {
    fn from(subscription: Subscription) -> Self {
        let state = subscription.state;
        let times = state.times;
        Self {
            id: subscription.id.to_string(),
            app_id: subscription.app_id.to_string(),
            environment_id: subscription.environment_id.to_string(),
            payer: (&subscription.payer).into(),
            status: state.status.to_string(),
            plan_id: state.plan_id.map(String::from),
            price_id: state.price_id.map(String::from),
            quantity: state.quantity,
            started_at: times.started_at.map(wire_time),
            current_period_start: times.period_start.map(wire_time),
            current_period_end: times.period_end.map(wire_time),
            trial_end: times.trial_end.map(wire_time),
            cancel_at: times.cancel_at.map(wire_time),
            canceled_at: times.canceled_at.map(wire_time),
            ended_at: times.ended_at.map(wire_time),
            checkout_link_id: subscription.intent_id.map(String::from),
            gateway_account_id: subscription.gateway_account_id.to_string(),
            stripe_id: subscription.stripe_id.to_string(),
            synced_at: wire_time(subscription.synced_at),
        }
    }
}

/// A link at which a payer enters another payment method.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PaymentMethodLinkBody {
    /// A page of Stripe's.
    #[schema(example = "https://billing.stripe.com/p/session/test_1")]
    pub(crate) url: String,
}

/// The end of a subscription.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CancelSubscriptionBody {
    /// Whether it runs to the end of its period. Otherwise it ends now.
    #[schema(example = true)]
    at_period_end: bool,
}

impl CancelSubscriptionBody {
    pub(crate) fn request(self, (app_id, subscription_id): (AppId, SubscriptionId)) -> CancelSubscription {
        CancelSubscription { app_id, subscription_id, at_period_end: self.at_period_end }
    }
}
