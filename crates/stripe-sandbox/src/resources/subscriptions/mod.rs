//! What a customer pays for again and again.

mod billing_mode;
mod change;
mod create;
mod end_at;
mod ending;
mod endpoints;
mod items;
mod rebilling;
mod render;
mod start;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::{
    billing_mode::{AskedBillingMode, billing_mode},
    change::{AnchorChange, CancellationDetails, Change, Proration, anchor_change, change},
    create::{CreateSubscription, PaymentBehavior, TrialSettings, begin, draft, trial},
    end_at::EndAt,
    ending::end,
    endpoints::routes,
    items::{AskedItem, Item, MOST as MOST_ITEMS, wanted},
    start::{Agreed, Start, no_payment_method, refusal, start, start_as},
};
use super::{
    customers::Customer,
    discounts::Discount,
    invoices::{CollectionMethod, Period},
    prices::{Price, Recurring},
};
use crate::{
    clock::{HOUR, Timestamp},
    lifecycle::{
        periods::around,
        subscribing::{TRIAL_NOTICE, Terms},
        upcoming,
    },
    store::{Resource, Tx, stored_as},
    wire::{ApiError, Metadata},
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
    /// Whether the next part of a period that leads up to a whole one is charged.
    pub stub_proration: Proration,
    /// Whether an end within a period makes it cost its part only, and credits what is left of it.
    pub end_proration: Proration,
    pub schedule: Option<String>,
    pub pending_setup_intent: Option<String>,
    pub test_clock: Option<String>,
}

impl Subscription {
    pub fn terms(&self, tx: &Tx<'_>) -> Option<Terms> {
        Some(Terms {
            anchor: self.billing_cycle_anchor,
            recurring: self.recurring(tx)?,
            late_start: self.stub_proration,
            early_end: self.end_proration,
        })
    }

    /// It is in time that is paid for, or should be.
    pub fn is_billed(&self) -> bool {
        matches!(self.status, Status::Active | Status::PastDue | Status::Unpaid)
    }

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

    /// Its discounts that take something off still. One that is used up or has ended is kept, so that the schedule that
    /// gave it does not give it again, and is not shown.
    pub fn current_discounts(&self, tx: &Tx<'_>) -> Vec<String> {
        let now = tx.now(self.test_clock.as_deref());
        self.discounts.iter().filter(|id| Discount::is_current(tx, id, now)).cloned().collect()
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
        render::subscription(self, tx)
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
