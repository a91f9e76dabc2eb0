use billing_application::{PayerAccess, PayerFacts};
use billing_domain::wire_time;
use serde::Serialize;
use utoipa::ToSchema;

use super::{FeatureBody, InvoiceAmountBody, InvoiceBody, PayerBody, SubscriptionBody};

/// What a payer has, had and paid in an app.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PayerFactsBody {
    payer: PayerBody,
    /// The live ones, newest first.
    live_subscriptions: Vec<SubscriptionBody>,
    /// The ended ones of the newest 100 subscriptions, newest first.
    ended_subscriptions: Vec<SubscriptionBody>,
    /// The newest 10, without their lines.
    invoices: Vec<InvoiceBody>,
    /// What was paid of all invoices less what was refunded, a sum for each currency in which something was paid.
    paid: Vec<InvoiceAmountBody>,
    /// Whether `paid` is the sum of the newest 1,000 invoices only.
    #[schema(example = false)]
    paid_is_cut: bool,
    /// When the one trial of the app was used, in any environment; null if it was not.
    #[schema(required = true, format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    trial_used_at: Option<String>,
    access: PayerAccessBody,
}

/// The access that the payer has now in one environment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PayerAccessBody {
    /// That of the request. Without one it is production if the payer has something there, or else where it has something.
    #[schema(example = "env_01kapzv5e8f6ws8j4kq1bdx0mf")]
    environment_id: String,
    /// Why: `subscription`, `trial`, `grace` (past due, for the days of grace), `default_plan` or `no_plan`.
    #[schema(example = "subscription")]
    reason: String,
    /// The subscription that gives it; null for the default plan.
    #[schema(required = true, example = "sub_01kapzv5e8f6ws8j4kq1bdx0mk")]
    subscription_id: Option<String>,
    /// The plan whose features the payer has; null if there is none, or for a price that was made at Stripe.
    #[schema(required = true, example = "plan_01kapzv5e8f6ws8j4kq1bdx0mh")]
    plan_id: Option<String>,
    features: Vec<FeatureBody>,
    /// When it ends, if that is set.
    #[schema(required = true, format = DateTime)]
    valid_until: Option<String>,
    /// The moment at which this is so.
    #[schema(format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    as_of: String,
}

impl From<PayerFacts> for PayerFactsBody {
    fn from(facts: PayerFacts) -> Self {
        Self {
            payer: (&facts.payer).into(),
            live_subscriptions: facts.live.into_iter().map(Into::into).collect(),
            ended_subscriptions: facts.ended.into_iter().map(Into::into).collect(),
            invoices: facts.invoices.into_iter().map(Into::into).collect(),
            paid: facts.paid.into_iter().map(Into::into).collect(),
            paid_is_cut: facts.is_paid_cut,
            trial_used_at: facts.trial_at.map(wire_time),
            access: facts.access.into(),
        }
    }
}

impl From<PayerAccess> for PayerAccessBody {
    fn from(access: PayerAccess) -> Self {
        Self {
            environment_id: access.environment_id.into(),
            reason: access.reason.as_str().to_owned(),
            subscription_id: access.subscription_id.map(String::from),
            plan_id: access.offer.as_ref().map(|offer| offer.plan.id.to_string()),
            features: access.offer.into_iter().flat_map(|offer| offer.features).map(Into::into).collect(),
            valid_until: access.until.map(wire_time),
            as_of: wire_time(access.as_of),
        }
    }
}
