use serde::{Deserialize, Serialize};

use crate::{
    CheckoutIntentId, EnvironmentId, GatewayAccountId, GatewayCallId, IdempotencyKey, Payer, PlanId, PriceId,
    StripeId, SubscriptionId, Timestamp, WorkspaceId, stored::stored,
};

/// The durable record of one call that changes something at Stripe, written before the call is sent (architecture,
/// "Changes that reach out": prepare, call, record).
///
/// The request is frozen: whoever sends the call, and however often, sends the same bytes under the same key, so that
/// Stripe makes at most one object of it (invariant I6). Only a call that makes none gets [other keys](Self::sent_at).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayCall {
    /// Our id. Everything the call creates carries it as metadata `kl_call_id`.
    pub id: GatewayCallId,
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The Stripe account the call goes to.
    pub account: GatewayAccountId,
    /// The idempotency key of every attempt.
    pub key: IdempotencyKey,
    /// The reason for the call, and what follows from its answer.
    pub purpose: CallPurpose,
    /// The frozen request.
    pub request: FrozenRequest,
    /// The known outcome.
    pub outcome: CallOutcome,
    /// The moment of preparation. After [`RESENT_FOR`](Self::RESENT_FOR) the call is not sent again.
    pub prepared_at: Timestamp,
}

/// A request as it goes over the wire, less its credentials and its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenRequest {
    /// The method.
    pub method: RequestMethod,
    /// The path below the API's base, such as `/v1/customers`.
    pub path: String,
    /// The form-encoded body.
    pub body: String,
}

/// The method of a request that changes something at Stripe.
///
/// Stripe keeps idempotency keys of `POST` only. A repeated `DELETE` is refused once its object has ended, so the
/// gateway then looks at the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestMethod {
    /// `POST`.
    Post,
    /// `DELETE`.
    Delete,
}

words!(RequestMethod { Post => "post", Delete => "delete" }, stored);

/// The known outcome of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallOutcome {
    /// Not known: not sent yet, or the answer was lost. It may have been carried out.
    Unresolved,
    /// Carried out, with the id of the object that was made or changed.
    Done(StripeId),
    /// Refused by Stripe for this reason: nothing was made or changed. Final.
    Refused(String),
}

impl GatewayCall {
    /// The time for which an unresolved call is sent again under its key. Stripe forgets a key after 24 hours; an
    /// older call is settled by listing (contract, section 5, I6).
    pub const RESENT_FOR: chrono::TimeDelta = chrono::TimeDelta::hours(23);
    /// The same for a call that makes a Checkout Session: after the session's absolute expiry Stripe refuses to make it.
    pub const SESSION_RESENT_FOR: chrono::TimeDelta = chrono::TimeDelta::minutes(90);
    /// The same for a call that makes a customer, product or price. Stripe repeats a stored failure under the key for a
    /// day; a second object charges nobody, and is better than no sale for as long.
    pub const UNCHARGED_RESENT_FOR: chrono::TimeDelta = chrono::TimeDelta::minutes(10);
    /// The time for which a change of an object is sent under one key. It may be made twice, and under another key Stripe
    /// does not repeat a stored failure.
    const CHANGE_KEPT_FOR: chrono::TimeDelta = chrono::TimeDelta::minutes(10);

    /// The time within which an attempt reaches Stripe, if it ever does.
    const ON_ITS_WAY_FOR: chrono::TimeDelta = chrono::TimeDelta::minutes(35);

    /// Whether the call may be sent at `now` under its key.
    #[must_use]
    pub fn may_be_sent(&self, now: Timestamp) -> bool {
        now < self.sent_until()
    }

    /// Whether no attempt can be on its way any more at `now`: what Stripe does not have then, it will not have.
    #[must_use]
    pub fn has_arrived(&self, now: Timestamp) -> bool {
        match self.purpose {
            // Its absolute expiry has passed: whatever arrives is refused.
            CallPurpose::CreateCheckoutSession { .. } => self.sent_until() <= now,
            _ => self.sent_until() + Self::ON_ITS_WAY_FOR <= now,
        }
    }

    fn sent_until(&self) -> Timestamp {
        let resent_for = match self.purpose {
            CallPurpose::CreateCheckoutSession { .. } => Self::SESSION_RESENT_FOR,
            CallPurpose::CreateCustomer { .. }
            | CallPurpose::CreateProduct { .. }
            | CallPurpose::CreatePrice { .. } => Self::UNCHARGED_RESENT_FOR,
            CallPurpose::UpdateProduct { .. }
            | CallPurpose::ArchivePrice { .. }
            | CallPurpose::ExpireCheckoutSession { .. }
            | CallPurpose::CancelSubscription { .. }
            | CallPurpose::ResumeSubscription { .. }
            | CallPurpose::CancelDuplicate { .. }
            | CallPurpose::RefundDuplicate { .. } => Self::RESENT_FOR,
        };
        self.prepared_at + resent_for
    }

    /// The call as it is sent at `now`: one that makes nothing gets another key after a while.
    #[must_use]
    pub fn sent_at(&self, now: Timestamp) -> Self {
        let age = (now - self.prepared_at).num_minutes() / Self::CHANGE_KEPT_FOR.num_minutes();
        match u64::try_from(age) {
            Ok(age @ 1..) if !self.purpose.makes_an_object() => {
                Self { key: self.key.numbered(age), ..self.clone() }
            }
            _ => self.clone(),
        }
    }

    /// Whether the outcome is unknown.
    #[must_use]
    pub fn is_unresolved(&self) -> bool {
        self.outcome == CallOutcome::Unresolved
    }
}

/// The reason for a call. A workspace has at most one unresolved call of the same purpose on an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum CallPurpose {
    /// Makes the customer of a payer.
    CreateCustomer {
        /// The payer's environment.
        #[serde(deserialize_with = "stored")]
        environment_id: EnvironmentId,
        /// The payer.
        payer: Payer,
    },
    /// Makes the product of a plan.
    CreateProduct {
        /// The plan.
        plan_id: PlanId,
    },
    /// Gives the product of a plan the plan's present name, and ends its sale with the plan's.
    UpdateProduct {
        /// The plan.
        plan_id: PlanId,
    },
    /// Makes the price of a price.
    CreatePrice {
        /// The price.
        price_id: PriceId,
    },
    /// Ends the sale of a price with ours.
    ArchivePrice {
        /// The price.
        price_id: PriceId,
    },
    /// Makes the Checkout Session of an intent.
    CreateCheckoutSession {
        /// The intent.
        intent_id: CheckoutIntentId,
    },
    /// Ends the Checkout Session of an intent.
    ExpireCheckoutSession {
        /// The intent.
        intent_id: CheckoutIntentId,
    },
    /// Ends a subscription, now or with its period.
    CancelSubscription {
        /// The subscription.
        subscription_id: SubscriptionId,
        /// Whether it runs to the end of its period.
        at_period_end: bool,
    },
    /// Lets a subscription that is to end go on.
    ResumeSubscription {
        /// The subscription.
        subscription_id: SubscriptionId,
    },
    /// Ends a second live subscription of a payer, which must not be (invariant I2).
    CancelDuplicate {
        /// The subscription.
        subscription_id: SubscriptionId,
    },
    /// Gives back what was paid for a second live subscription of a payer.
    RefundDuplicate {
        /// The subscription.
        subscription_id: SubscriptionId,
        /// The charge's payment intent.
        #[serde(deserialize_with = "stored")]
        payment_intent: StripeId,
    },
}

const CANCEL_DUPLICATE: &str = "cancel_duplicate";
const REFUND_DUPLICATE: &str = "refund_duplicate";

impl CallPurpose {
    /// The [kind](Self::kind) of the creation of a customer.
    pub const CREATE_CUSTOMER: &str = "create_customer";

    /// The kinds of the calls that end a payer's second subscription and pay it back. They are kept for good, so that a
    /// later payment is given back once (invariant I2).
    pub const KINDS_OF_DUPLICATES: [&'static str; 2] = [CANCEL_DUPLICATE, REFUND_DUPLICATE];

    /// The word for the kind, in the log and the metrics.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::CreateCustomer { .. } => Self::CREATE_CUSTOMER,
            Self::CreateProduct { .. } => "create_product",
            Self::UpdateProduct { .. } => "update_product",
            Self::CreatePrice { .. } => "create_price",
            Self::ArchivePrice { .. } => "archive_price",
            Self::CreateCheckoutSession { .. } => "create_checkout_session",
            Self::ExpireCheckoutSession { .. } => "expire_checkout_session",
            Self::CancelSubscription { .. } => "cancel_subscription",
            Self::ResumeSubscription { .. } => "resume_subscription",
            Self::CancelDuplicate { .. } => CANCEL_DUPLICATE,
            Self::RefundDuplicate { .. } => REFUND_DUPLICATE,
        }
    }

    /// The other changes of the same subscription that a person may ask for. A call of one whose outcome is unknown may
    /// still be carried out after a call of this purpose, and would undo it.
    #[must_use]
    pub fn rivals(&self) -> Vec<Self> {
        let (Self::CancelSubscription { subscription_id, .. } | Self::ResumeSubscription { subscription_id }) =
            *self
        else {
            return Vec::new();
        };
        let cancel = |at_period_end| Self::CancelSubscription { subscription_id, at_period_end };
        let changes = [cancel(true), cancel(false), Self::ResumeSubscription { subscription_id }];
        changes.into_iter().filter(|change| change != self).collect()
    }

    /// Whether the call makes an object. Otherwise it changes one, and does the same when it is carried out again.
    #[must_use]
    pub fn makes_an_object(&self) -> bool {
        match self {
            Self::CreateCustomer { .. }
            | Self::CreateProduct { .. }
            | Self::CreatePrice { .. }
            | Self::CreateCheckoutSession { .. }
            | Self::RefundDuplicate { .. } => true,
            Self::UpdateProduct { .. }
            | Self::ArchivePrice { .. }
            | Self::ExpireCheckoutSession { .. }
            | Self::CancelSubscription { .. }
            | Self::ResumeSubscription { .. }
            | Self::CancelDuplicate { .. } => false,
        }
    }

    /// Whether the call ends a Checkout Session.
    #[must_use]
    pub fn ends_a_session(&self) -> bool {
        matches!(self, Self::ExpireCheckoutSession { .. })
    }

    /// The identity of the purpose on an account: unresolved calls of equal subjects are one call.
    #[must_use]
    pub fn subject(&self) -> String {
        let kind = self.kind();
        match self {
            Self::CreateCustomer { environment_id, payer } => {
                format!("{kind}/{environment_id}/{}/{}", payer.kind(), payer.id())
            }
            Self::CreateProduct { plan_id } | Self::UpdateProduct { plan_id } => format!("{kind}/{plan_id}"),
            Self::CreatePrice { price_id } | Self::ArchivePrice { price_id } => format!("{kind}/{price_id}"),
            Self::CreateCheckoutSession { intent_id } | Self::ExpireCheckoutSession { intent_id } => {
                format!("{kind}/{intent_id}")
            }
            Self::CancelSubscription { subscription_id, at_period_end } => {
                format!("{kind}/{subscription_id}/{at_period_end}")
            }
            Self::ResumeSubscription { subscription_id } | Self::CancelDuplicate { subscription_id } => {
                format!("{kind}/{subscription_id}")
            }
            Self::RefundDuplicate { subscription_id, payment_intent } => {
                format!("{kind}/{subscription_id}/{payment_intent}")
            }
        }
    }
}

/// A change at Stripe before it is frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayCommand {
    /// Makes a customer.
    CreateCustomer {
        /// The payer's environment.
        environment_id: EnvironmentId,
        /// The payer.
        payer: Payer,
    },
    /// Makes a product.
    CreateProduct {
        /// The plan it stands for.
        plan_id: PlanId,
        /// The name on Stripe's pages and invoices.
        name: String,
    },
    /// Renames a product and begins or ends its sale.
    UpdateProduct {
        /// The product.
        product: StripeId,
        /// The name on Stripe's pages and invoices.
        name: String,
        /// Whether it is sold.
        active: bool,
    },
    /// Makes a price.
    CreatePrice {
        /// The price it stands for.
        price_id: PriceId,
        /// The product it is a price of.
        product: StripeId,
        /// Amount and interval.
        terms: crate::PriceTerms,
    },
    /// Ends the sale of a price; subscriptions keep it.
    ArchivePrice {
        /// The price.
        price: StripeId,
    },
    /// Makes a Checkout Session of mode `subscription`.
    CreateCheckoutSession(Box<NewCheckoutSession>),
    /// Ends an open Checkout Session.
    ExpireCheckoutSession {
        /// The session.
        session: StripeId,
    },
    /// Ends a subscription now, without proration.
    CancelSubscription {
        /// The subscription.
        subscription: StripeId,
    },
    /// Lets a subscription run to the end of its period.
    CancelAtPeriodEnd {
        /// The subscription.
        subscription: StripeId,
    },
    /// Lets a subscription that is to end go on.
    ResumeSubscription {
        /// The subscription.
        subscription: StripeId,
        /// Whether it is to end with its period, and not at another moment.
        ends_with_period: bool,
    },
    /// Gives back all of a payment.
    Refund {
        /// The payment.
        payment_intent: StripeId,
    },
}

/// The parameters of a new Checkout Session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCheckoutSession {
    /// The intent it belongs to, in the metadata of session and subscription.
    pub intent_id: CheckoutIntentId,
    /// The app, in the metadata.
    pub app_id: crate::AppId,
    /// The environment, in the metadata.
    pub environment_id: EnvironmentId,
    /// The customer of the payer.
    pub customer: StripeId,
    /// The price.
    pub price: StripeId,
    /// The number of seats.
    pub quantity: u32,
    /// The days of trial; 0 for none.
    pub trial_days: u32,
    /// The absolute expiry: a create request that is delivered late fails instead of opening a session.
    pub expires_at: Timestamp,
    /// The page after payment.
    pub success_url: String,
    /// The page after giving up.
    pub cancel_url: String,
}
