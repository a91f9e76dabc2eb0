//! The audited states: an object with what a sentence about its change needs, at the time of the change.

use serde::Serialize;

use crate::{
    App, AppId, CheckoutIntent, DisplayName, Feature, FeatureKey, GatewayCallId, Invoice, InvoiceId, Money,
    Plan, PlanId, PlanKey, Price, PriceId, PriceTerms, StripeId, Subscription, SubscriptionId,
    SubscriptionState, Timestamp, WorkSetAside, WorkspaceSubscription, wire_time,
};

/// A kind of object whose changes are audited.
pub trait Audited: Serialize {
    /// The word for the kind. Never renamed: it is stored.
    const SUBJECT: &'static str;
    /// The word for the object's creation.
    const CREATED: &'static str = "created";
    /// The word for the object's deletion.
    const DELETED: &'static str = "deleted";

    /// The app the object belongs to; an app's own id. `None` for an object of the workspace.
    fn app_id(&self) -> Option<&AppId>;

    /// The subscription the object is, or belongs to.
    fn subscription_id(&self) -> Option<SubscriptionId> {
        None
    }

    /// Whether the object is archived, if it can be.
    fn is_archived(&self) -> bool {
        false
    }
}

impl Audited for App {
    const SUBJECT: &'static str = "app";

    fn app_id(&self) -> Option<&AppId> {
        Some(&self.id)
    }
}

impl Audited for Plan {
    const SUBJECT: &'static str = "plan";

    fn app_id(&self) -> Option<&AppId> {
        Some(&self.app_id)
    }

    fn is_archived(&self) -> bool {
        Self::is_archived(self)
    }
}

impl Audited for Feature {
    const SUBJECT: &'static str = "feature";

    fn app_id(&self) -> Option<&AppId> {
        Some(&self.app_id)
    }
}

impl Audited for CheckoutIntent {
    const SUBJECT: &'static str = "checkout";

    fn app_id(&self) -> Option<&AppId> {
        Some(&self.app_id)
    }
}

impl Audited for Subscription {
    const SUBJECT: &'static str = "subscription";

    fn app_id(&self) -> Option<&AppId> {
        Some(&self.app_id)
    }

    fn subscription_id(&self) -> Option<SubscriptionId> {
        Some(self.id)
    }
}

impl Audited for Invoice {
    const SUBJECT: &'static str = "invoice";

    fn app_id(&self) -> Option<&AppId> {
        Some(&self.app_id)
    }

    fn subscription_id(&self) -> Option<SubscriptionId> {
        self.subscription_id
    }
}

impl Audited for WorkspaceSubscription {
    const SUBJECT: &'static str = "workspace_subscription";

    fn app_id(&self) -> Option<&AppId> {
        None
    }
}

impl Audited for WorkSetAside {
    const SUBJECT: &'static str = "work";
    const DELETED: &'static str = "tried_again";

    fn app_id(&self) -> Option<&AppId> {
        None
    }
}

/// A price and its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanPrice<'a> {
    #[serde(flatten)]
    price: &'a Price,
    app_id: &'a AppId,
    plan_key: &'a PlanKey,
    plan_name: &'a DisplayName,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced_price: Option<ReplacedPrice>,
}

/// The end of the price in whose place another one was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ReplacedPrice {
    id: PriceId,
    #[serde(with = "wire_time::option")]
    archived_at: Option<Timestamp>,
}

impl<'a> PlanPrice<'a> {
    /// A price of this plan.
    #[must_use]
    pub fn new(plan: &'a Plan, price: &'a Price) -> Self {
        let plan_name = &plan.details.name;
        Self { price, app_id: &plan.app_id, plan_key: &plan.key, plan_name, replaced_price: None }
    }

    /// A price of this plan in place of another one, which is archived.
    #[must_use]
    pub fn in_place_of(replaced: &Price, plan: &'a Plan, price: &'a Price) -> Self {
        let replaced = ReplacedPrice { id: replaced.id, archived_at: replaced.archived_at };
        Self { replaced_price: Some(replaced), ..Self::new(plan, price) }
    }
}

impl Audited for PlanPrice<'_> {
    const SUBJECT: &'static str = "price";

    fn app_id(&self) -> Option<&AppId> {
        Some(self.app_id)
    }

    fn is_archived(&self) -> bool {
        !self.price.is_offered()
    }
}

/// A subscription with the plan it has, or that it is to have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionPlan<'a> {
    #[serde(flatten)]
    subscription: Subscription,
    plan_name: &'a DisplayName,
    #[serde(flatten)]
    terms: PriceTerms,
    #[serde(flatten)]
    cost: Option<CostOfChange>,
}

/// The cost of a change of plan, as the person saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CostOfChange {
    /// The sum of the invoice; negative for a credit.
    pub total: Money,
    /// The part that is charged.
    pub charged: Money,
}

impl<'a> SubscriptionPlan<'a> {
    /// The subscription at its present price.
    #[must_use]
    pub fn present(subscription: &Subscription, plan: &'a Plan, price: &Price) -> Self {
        Self {
            subscription: subscription.clone(),
            plan_name: &plan.details.name,
            terms: price.terms,
            cost: None,
        }
    }

    /// The subscription at another price or with other seats, at this cost.
    #[must_use]
    pub fn changed(
        subscription: &Subscription,
        plan: &'a Plan,
        price: &Price,
        quantity: u32,
        cost: CostOfChange,
    ) -> Self {
        let (plan_id, price_id) = (Some(plan.id), Some(price.id));
        let state = SubscriptionState { plan_id, price_id, quantity, ..subscription.state.clone() };
        let subscription = Subscription { state, ..subscription.clone() };
        Self { cost: Some(cost), ..Self::present(&subscription, plan, price) }
    }
}

impl Audited for SubscriptionPlan<'_> {
    const SUBJECT: &'static str = Subscription::SUBJECT;

    fn app_id(&self) -> Option<&AppId> {
        Some(&self.subscription.app_id)
    }

    fn subscription_id(&self) -> Option<SubscriptionId> {
        Some(self.subscription.id)
    }
}

/// A subscription, and the reason why a change of it was refused.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct SettledSubscription<'a> {
    #[serde(flatten)]
    pub(crate) subscription: &'a Subscription,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'a str>,
}

impl Audited for SettledSubscription<'_> {
    const SUBJECT: &'static str = Subscription::SUBJECT;

    fn app_id(&self) -> Option<&AppId> {
        Some(&self.subscription.app_id)
    }

    fn subscription_id(&self) -> Option<SubscriptionId> {
        Some(self.subscription.id)
    }
}

/// A refund that a person asked for.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefundRequest<'a> {
    /// The id of the call that makes it.
    id: GatewayCallId,
    #[serde(skip)]
    app_id: &'a AppId,
    invoice_id: InvoiceId,
    subscription_id: Option<SubscriptionId>,
    /// The number of the invoice.
    number: Option<&'a str>,
    /// Stripe's id of the invoice.
    stripe_id: &'a StripeId,
    amount: Money,
}

impl<'a> RefundRequest<'a> {
    pub(crate) fn new(invoice: &'a Invoice, call: GatewayCallId, amount: Money) -> Self {
        Self {
            id: call,
            app_id: &invoice.app_id,
            invoice_id: invoice.id,
            subscription_id: invoice.subscription_id,
            number: invoice.details.number.as_deref(),
            stripe_id: &invoice.stripe_id,
            amount,
        }
    }
}

impl Audited for RefundRequest<'_> {
    const SUBJECT: &'static str = "refund";

    fn app_id(&self) -> Option<&AppId> {
        Some(self.app_id)
    }

    fn subscription_id(&self) -> Option<SubscriptionId> {
        self.subscription_id
    }
}

/// The attachment of a feature to a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanFeature<'a> {
    plan_id: PlanId,
    plan_key: &'a PlanKey,
    feature_key: &'a FeatureKey,
    app_id: &'a AppId,
    plan_name: &'a DisplayName,
    feature_name: &'a DisplayName,
}

impl<'a> PlanFeature<'a> {
    /// The attachment of this feature to this plan.
    #[must_use]
    pub fn new(plan: &'a Plan, feature: &'a Feature) -> Self {
        Self {
            plan_id: plan.id,
            plan_key: &plan.key,
            feature_key: &feature.key,
            app_id: &plan.app_id,
            plan_name: &plan.details.name,
            feature_name: &feature.details.name,
        }
    }
}

impl Audited for PlanFeature<'_> {
    const SUBJECT: &'static str = "plan_feature";
    const CREATED: &'static str = "attached";
    const DELETED: &'static str = "detached";

    fn app_id(&self) -> Option<&AppId> {
        Some(self.app_id)
    }
}
