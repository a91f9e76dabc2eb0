//! The parameters of a schedule and its phases.

use serde::Deserialize;

use super::{EndBehavior, PhaseAnchor, Terms};
use crate::{
    clock::Timestamp,
    resources::{
        customers::Customer,
        discounts::AskedDiscount,
        invoices::{CollectionMethod, checked_days_of},
        payment_methods::PaymentMethod,
        prices::Interval,
        subscriptions::{AskedBillingMode, AskedItem, Proration},
    },
    store::Tx,
    wire::{ApiError, Metadata, Moment, Patch},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateSchedule {
    pub billing_mode: Option<AskedBillingMode>,
    pub customer: Option<String>,
    pub default_settings: Option<AskedTerms>,
    pub end_behavior: Option<EndBehavior>,
    pub from_subscription: Option<String>,
    pub metadata: Option<Metadata>,
    pub phases: Option<Vec<AskedPhase>>,
    pub start_date: Option<Moment>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateSchedule {
    pub default_settings: Option<AskedTerms>,
    pub end_behavior: Option<EndBehavior>,
    #[serde(default)]
    pub metadata: Patch<Metadata>,
    pub phases: Option<Vec<AskedPhase>>,
    #[serde(default)]
    pub proration_behavior: Proration,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duration {
    pub interval: Interval,
    pub interval_count: Option<u32>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvoiceSettings {
    days_until_due: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedTerms {
    billing_cycle_anchor: Option<PhaseAnchor>,
    collection_method: Option<CollectionMethod>,
    default_payment_method: Option<String>,
    description: Option<String>,
    invoice_settings: Option<InvoiceSettings>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedPhase {
    pub items: Vec<AskedItem>,
    /// Said of the first phase of an update; the others start where those before them end.
    pub start_date: Option<Moment>,
    pub end_date: Option<Moment>,
    pub duration: Option<Duration>,
    /// So many billing periods. Stripe's command line still says it so.
    pub iterations: Option<u32>,
    pub currency: Option<String>,
    pub discounts: Option<Vec<AskedDiscount>>,
    pub metadata: Option<Metadata>,
    #[serde(default)]
    pub proration_behavior: Proration,
    pub trial: Option<bool>,
    pub trial_end: Option<Moment>,
    pub billing_cycle_anchor: Option<PhaseAnchor>,
    pub collection_method: Option<CollectionMethod>,
    pub default_payment_method: Option<String>,
    pub description: Option<String>,
    pub invoice_settings: Option<InvoiceSettings>,
}

impl AskedPhase {
    pub fn starts_at(&self, time: Timestamp) -> bool {
        self.start_date == Some(Moment::At(time))
    }

    pub fn take_terms(&mut self) -> AskedTerms {
        AskedTerms {
            billing_cycle_anchor: self.billing_cycle_anchor,
            collection_method: self.collection_method,
            default_payment_method: self.default_payment_method.take(),
            description: self.description.take(),
            invoice_settings: self.invoice_settings,
        }
    }
}

impl AskedTerms {
    /// # Errors
    ///
    /// A payment method that is not the customer's, or invoices that are sent and never due.
    pub fn checked(
        self,
        tx: &mut Tx<'_>,
        customer: &Customer,
        defaults: &Terms,
        param: &str,
    ) -> Result<Terms, ApiError> {
        let under = |name: &str| format!("{param}[{name}]");
        let days = self.invoice_settings.and_then(|settings| settings.days_until_due);
        let method = self.default_payment_method.map(|id| {
            PaymentMethod::of_customer(tx, customer, &under("default_payment_method"), &id)
                .map(|method| method.id)
        });
        let terms = Terms {
            billing_cycle_anchor: self.billing_cycle_anchor,
            collection_method: self.collection_method,
            days_until_due: days,
            default_payment_method: method.transpose()?,
            description: self.description,
        };
        let whole = terms.clone().or(defaults);
        let method = whole.collection_method.unwrap_or(CollectionMethod::ChargeAutomatically);
        checked_days_of(method, whole.days_until_due, &under("invoice_settings][days_until_due"))?;
        Ok(terms)
    }
}
