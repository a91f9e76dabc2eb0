//! What a subscription becomes, phase after phase.

mod asked;
mod at_period_end;
mod create;
mod endpoints;
mod phases;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use self::endpoints::routes;
use super::{
    discounts::AskedDiscount,
    invoices::CollectionMethod,
    subscriptions::{Proration, billing_mode},
};
use crate::{
    clock::{DAY, Timestamp},
    store::{Resource, Tx, stored_as},
    wire::Metadata,
};

/// How long before its end a schedule is told to be expiring.
const EXPIRY_NOTICE: Timestamp = 7 * DAY;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Active,
    Canceled,
    Completed,
    NotStarted,
    Released,
}

impl Status {
    pub fn is_live(self) -> bool {
        matches!(self, Self::Active | Self::NotStarted)
    }
}

/// What becomes of the subscription after the last phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndBehavior {
    Cancel,
    #[default]
    Release,
}

/// Whether a phase starts the billing cycle anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseAnchor {
    Automatic,
    PhaseStart,
}

/// How the subscription is billed. What a phase leaves open is as the schedule has it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Terms {
    pub billing_cycle_anchor: Option<PhaseAnchor>,
    pub collection_method: Option<CollectionMethod>,
    pub days_until_due: Option<u32>,
    pub default_payment_method: Option<String>,
    pub description: Option<String>,
}

impl Terms {
    #[must_use]
    pub fn or(self, defaults: &Self) -> Self {
        Self {
            billing_cycle_anchor: self.billing_cycle_anchor.or(defaults.billing_cycle_anchor),
            collection_method: self.collection_method.or(defaults.collection_method),
            days_until_due: self.days_until_due.or(defaults.days_until_due),
            default_payment_method: self
                .default_payment_method
                .or_else(|| defaults.default_payment_method.clone()),
            description: self.description.or_else(|| defaults.description.clone()),
        }
    }

    fn render_invoice_settings(&self, issuer: &Value) -> Value {
        json!({
            "account_tax_ids": null,
            "custom_fields": null,
            "days_until_due": self.days_until_due,
            "description": null,
            "footer": null,
            "issuer": issuer,
        })
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PhaseItem {
    pub price: String,
    pub quantity: u64,
    pub metadata: Metadata,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Phase {
    pub start: Timestamp,
    pub end: Timestamp,
    pub items: Vec<PhaseItem>,
    pub currency: String,
    pub discounts: Vec<AskedDiscount>,
    pub metadata: Metadata,
    /// Of what the phase changes when it begins.
    pub proration: Proration,
    pub trial_end: Option<Timestamp>,
    pub terms: Terms,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Schedule {
    pub id: String,
    pub created: Timestamp,
    pub customer: String,
    pub status: Status,
    pub phases: Vec<Phase>,
    /// The place of the phase that it is in.
    pub current: Option<usize>,
    pub end_behavior: EndBehavior,
    pub defaults: Terms,
    pub metadata: Metadata,
    pub subscription: Option<String>,
    pub released_subscription: Option<String>,
    pub canceled_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    pub released_at: Option<Timestamp>,
    pub is_expiry_told: bool,
    /// A customer has made it in the portal, and may undo it there.
    #[serde(default)]
    pub is_of_portal: bool,
    pub test_clock: Option<String>,
}

impl Schedule {
    pub fn now(&self, tx: &Tx<'_>) -> Timestamp {
        tx.now(self.test_clock.as_deref())
    }

    pub fn current_phase(&self) -> Option<&Phase> {
        self.phases.get(self.current?)
    }

    pub fn is_in_last_phase(&self) -> bool {
        self.current.is_some_and(|current| current + 1 == self.phases.len())
    }
}

impl Resource for Schedule {
    stored_as!(Schedule);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        let phases: Vec<_> = self.phases.iter().map(Phase::render).collect();
        json!({
            "id": self.id,
            "object": "subscription_schedule",
            "application": null,
            "billing_mode": billing_mode(),
            "canceled_at": self.canceled_at,
            "completed_at": self.completed_at,
            "created": self.created,
            "current_phase": self
                .current_phase()
                .map(|phase| json!({ "end_date": phase.end, "start_date": phase.start })),
            "customer": self.customer,
            "customer_account": null,
            "default_settings": self.render_defaults(),
            "end_behavior": self.end_behavior,
            "livemode": false,
            "metadata": self.metadata,
            "pause_schedules": [],
            "phases": phases,
            "released_at": self.released_at,
            "released_subscription": self.released_subscription,
            "status": self.status,
            "subscription": self.subscription,
            "test_clock": self.test_clock,
        })
    }

    fn test_clock(&self) -> Option<&str> {
        self.test_clock.as_deref()
    }

    /// It starts, is about to end, or goes on to its next phase.
    fn due(&self) -> Option<Timestamp> {
        match self.status {
            Status::NotStarted => self.phases.first().map(|phase| phase.start),
            Status::Active => {
                let (first, last) = (self.phases.first()?, self.phases.last()?);
                let notice = (last.end - EXPIRY_NOTICE).max(first.start);
                let next = self.current_phase()?.end;
                Some(if self.is_expiry_told { next } else { next.min(notice) })
            }
            Status::Canceled | Status::Completed | Status::Released => None,
        }
    }

    fn owner(&self) -> Option<&str> {
        Some(&self.customer)
    }
}

impl Schedule {
    fn render_defaults(&self) -> Value {
        let Terms { billing_cycle_anchor, collection_method, default_payment_method, description, .. } =
            &self.defaults;
        json!({
            "application_fee_percent": null,
            "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
            "billing_cycle_anchor": billing_cycle_anchor.unwrap_or(PhaseAnchor::Automatic),
            "billing_thresholds": null,
            "collection_method": collection_method.unwrap_or(CollectionMethod::ChargeAutomatically),
            "default_payment_method": default_payment_method,
            "description": description,
            "invoice_settings": self.defaults.render_invoice_settings(&json!({ "type": "self" })),
            "on_behalf_of": null,
            "transfer_data": null,
        })
    }
}

impl Phase {
    fn render(&self) -> Value {
        let discount = |asked: &AskedDiscount| {
            json!({
                "coupon": asked.coupon, "discount": asked.discount, "promotion_code": asked.promotion_code,
            })
        };
        let item = |item: &PhaseItem| {
            json!({
                "billing_thresholds": null,
                "discounts": [],
                "metadata": item.metadata,
                "plan": item.price,
                "price": item.price,
                "quantity": item.quantity,
                "tax_rates": [],
            })
        };
        let terms = &self.terms;
        json!({
            "add_invoice_items": [],
            "application_fee_percent": null,
            "billing_cycle_anchor": terms.billing_cycle_anchor,
            "billing_thresholds": null,
            "collection_method": terms.collection_method,
            "currency": self.currency,
            "default_payment_method": terms.default_payment_method,
            "default_tax_rates": [],
            "description": terms.description,
            "discounts": self.discounts.iter().map(discount).collect::<Vec<_>>(),
            "end_date": self.end,
            "invoice_settings": terms.days_until_due.map(|_| terms.render_invoice_settings(&Value::Null)),
            "items": self.items.iter().map(item).collect::<Vec<_>>(),
            "metadata": self.metadata,
            "on_behalf_of": null,
            "proration_behavior": self.proration,
            "start_date": self.start,
            "transfer_data": null,
            "trial_end": self.trial_end,
        })
    }
}
