//! What a customer pays for again and again.

mod change;
mod create;
mod end_at;
mod ending;
mod endpoints;
mod items;
mod rebilling;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use self::{
    change::{AnchorChange, Change, Proration, change},
    create::{
        AskedBillingMode, CreateSubscription, PaymentBehavior, Start, TrialSettings, begin, draft,
        no_payment_method, refusal, start, start_as, trial,
    },
    end_at::EndAt,
    ending::end,
    endpoints::routes,
    items::{AskedItem, Item, MOST as MOST_ITEMS, wanted},
};
use super::{
    customers::Customer,
    invoices::{CollectionMethod, Period},
    prices::{Price, Recurring},
};
use crate::{
    clock::{HOUR, Timestamp},
    lifecycle::{periods::around, subscribing::TRIAL_NOTICE, upcoming},
    store::{Resource, Tx, stored_as},
    wire::{ApiError, Metadata, page::list as rendered_list},
};

/// How long the first invoice may stay unpaid.
pub const INCOMPLETE_FOR: Timestamp = 23 * HOUR;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Active,
    Canceled,
    Incomplete,
    IncompleteExpired,
    PastDue,
    Paused,
    Trialing,
    Unpaid,
}

impl Status {
    pub fn is_live(self) -> bool {
        !matches!(self, Self::Canceled | Self::IncompleteExpired)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    pub start: Timestamp,
    pub end: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillingMode {
    Classic,
    #[default]
    Flexible,
}

/// What becomes of a trial that ends without a payment method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingMethod {
    Cancel,
    #[default]
    CreateInvoice,
    Pause,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Cancellation {
    pub comment: Option<String>,
    pub feedback: Option<String>,
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseCollection {
    pub behavior: PauseBehavior,
    pub resumes_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseBehavior {
    KeepAsDraft,
    MarkUncollectible,
    Void,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Subscription {
    pub id: String,
    pub created: Timestamp,
    pub customer: String,
    pub status: Status,
    pub items: Vec<Item>,
    pub currency: String,
    /// Of all items.
    pub period: Period,
    pub start_date: Timestamp,
    pub billing_cycle_anchor: Timestamp,
    pub cancel_at: Option<Timestamp>,
    pub cancel_at_period_end: bool,
    pub canceled_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub cancellation: Cancellation,
    pub collection_method: CollectionMethod,
    pub days_until_due: Option<u32>,
    pub default_payment_method: Option<String>,
    pub saves_payment_method: bool,
    pub description: Option<String>,
    pub discounts: Vec<String>,
    pub latest_invoice: Option<String>,
    pub metadata: Metadata,
    pub trial: Option<Trial>,
    pub missing_method: MissingMethod,
    pub is_trial_notice_sent: bool,
    /// When the renewal comes that was told of last.
    #[serde(default)]
    pub renewal_told: Option<Timestamp>,
    pub pause_collection: Option<PauseCollection>,
    /// The invoice whose payment ends a pause.
    pub resumes_with: Option<String>,
    pub resumes_until: Option<Timestamp>,
    /// Whether the time up to an anchor that was asked for is charged.
    pub stub_proration: Proration,
    /// Whether an end within a period credits what is left of it.
    pub end_proration: Proration,
    pub schedule: Option<String>,
    pub pending_setup_intent: Option<String>,
    /// The sandbox computes both alike.
    pub billing_mode: BillingMode,
    pub test_clock: Option<String>,
}

impl Subscription {
    /// One of this customer's, for an id that came as `subscription`.
    ///
    /// # Errors
    ///
    /// There is none, or it is another customer's.
    pub fn of_customer(tx: &Tx<'_>, customer: &Customer, id: &str) -> Result<Self, ApiError> {
        let subscription = tx.named::<Self>("subscription", id)?;
        if subscription.customer == customer.id {
            return Ok(subscription);
        }
        let message = format!("The subscription {id} does not belong to the customer {}.", customer.id);
        Err(ApiError::invalid(message).about("subscription"))
    }

    pub fn recurring(&self, tx: &Tx<'_>) -> Option<Recurring> {
        tx.find::<Price>(&self.items.first()?.price)?.recurring
    }

    /// The period that begins now: a whole one, or what there is of it up to the anchor or the end.
    pub fn period_from(&self, start: Timestamp, recurring: Recurring) -> Period {
        let end = around(self.billing_cycle_anchor, recurring, start).end;
        let cut = self.cancel_at.filter(|at| !self.cancel_at_period_end && (start + 1..end).contains(at));
        Period { start, end: cut.unwrap_or(end) }
    }

    /// When a pause of its collection ends by itself.
    pub fn collects_again_at(&self) -> Option<Timestamp> {
        self.pause_collection.as_ref()?.resumes_at
    }

    /// When it will end by itself.
    pub fn cancels_at(&self) -> Option<Timestamp> {
        if self.cancel_at_period_end { Some(self.period.end) } else { self.cancel_at }
    }
}

impl Resource for Subscription {
    stored_as!(Subscription);

    fn render(&self, tx: &Tx<'_>) -> Value {
        let items = self.items.iter().map(|item| item.render(tx, self)).collect();
        let trial = |pick: fn(&Trial) -> Timestamp| self.trial.as_ref().map(pick);
        json!({
            "id": self.id,
            "object": "subscription",
            "application": null,
            "application_fee_percent": null,
            "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
            "billing_cycle_anchor": self.billing_cycle_anchor,
            "billing_cycle_anchor_config": null,
            "billing_mode": {
                "flexible": (self.billing_mode == BillingMode::Flexible).then(|| json!({})),
                "type": self.billing_mode,
            },
            "billing_schedules": [],
            "billing_thresholds": null,
            "cancel_at": self.cancels_at(),
            "cancel_at_period_end": self.cancel_at_period_end,
            "canceled_at": self.canceled_at,
            "cancellation_details": {
                "comment": self.cancellation.comment,
                "feedback": self.cancellation.feedback,
                "feedback_option": null,
                "reason": self.cancellation.reason,
            },
            "collection_method": self.collection_method,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": null,
            "days_until_due": self.days_until_due,
            "default_payment_method": self.default_payment_method,
            "default_source": null,
            "default_tax_rates": [],
            "description": self.description,
            "discounts": self.discounts,
            "ended_at": self.ended_at,
            "invoice_settings": {
                "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null,
                "issuer": { "type": "self" },
            },
            "items": rendered_list(&format!("/v1/subscription_items?subscription={}", self.id), items, false),
            "latest_invoice": self.latest_invoice,
            "livemode": false,
            "managed_payments": null,
            "metadata": self.metadata,
            "next_pending_invoice_item_invoice": null,
            "on_behalf_of": null,
            "pause_collection": self.pause_collection,
            "payment_settings": {
                "payment_method_options": null,
                "payment_method_types": null,
                "save_default_payment_method": if self.saves_payment_method { "on_subscription" } else { "off" },
            },
            "pending_invoice_item_interval": null,
            "pending_setup_intent": self.pending_setup_intent,
            "pending_update": null,
            "schedule": self.schedule,
            "start_date": self.start_date,
            "status": self.status,
            "test_clock": self.test_clock,
            "transfer_data": null,
            "trial_end": trial(|trial| trial.end),
            "trial_settings": { "end_behavior": { "billing_cycle_anchor": null, "missing_payment_method": self.missing_method } },
            "trial_start": trial(|trial| trial.start),
        })
    }

    fn test_clock(&self) -> Option<&str> {
        self.test_clock.as_deref()
    }

    fn due(&self) -> Option<Timestamp> {
        let next = match (self.status, self.trial) {
            (Status::Canceled | Status::IncompleteExpired, _) => return None,
            (Status::Incomplete, _) => return Some(self.created + INCOMPLETE_FOR),
            (Status::Paused, _) => self.resumes_until,
            (Status::Trialing, Some(trial)) if self.is_trial_notice_sent => Some(trial.end),
            (Status::Trialing, Some(trial)) => Some((trial.end - TRIAL_NOTICE).max(trial.start)),
            _ => Some(self.period.end),
        };
        let told = upcoming::due(self);
        self.cancels_at().into_iter().chain(self.collects_again_at()).chain(told).chain(next).min()
    }

    fn owner(&self) -> Option<&str> {
        Some(&self.customer)
    }
}
