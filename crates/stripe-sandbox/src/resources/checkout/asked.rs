//! The parameters of a session, and what can be said of each of them by itself.

use serde::{Deserialize, Serialize};

use super::{
    line_items::AskedLine,
    session::{CustomerCreation, MethodCollection, Mode},
    settings::{self, Settings},
};
use crate::{
    clock::{HOUR, Timestamp},
    resources::{
        customers::check_email,
        discounts::AskedDiscount,
        payment_intents::{CaptureMethod, FutureUsage, Shipping},
        subscriptions::{AskedBillingMode, Proration, TrialSettings, trial},
    },
    wire::{
        ApiError, Metadata, Moment,
        checks::{check_absent, checked_url},
        values::new_metadata,
    },
};

/// A trial must outlive the checkout that begins it.
const SOONEST_TRIAL_END: Timestamp = 48 * HOUR;
const LONGEST_REFERENCE: usize = 200;
const METHOD_TYPES: [&str; 3] = ["card", "link", "sepa_debit"];

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionData {
    pub billing_cycle_anchor: Option<Timestamp>,
    #[serde(rename = "billing_mode", skip_serializing)]
    _billing_mode: Option<AskedBillingMode>,
    pub description: Option<String>,
    pub metadata: Option<Metadata>,
    pub proration_behavior: Option<Proration>,
    pub trial_end: Option<Timestamp>,
    pub trial_period_days: Option<u32>,
    pub trial_settings: Option<TrialSettings>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentData {
    pub capture_method: Option<CaptureMethod>,
    pub description: Option<String>,
    pub metadata: Option<Metadata>,
    pub receipt_email: Option<String>,
    pub setup_future_usage: Option<FutureUsage>,
    pub shipping: Option<Shipping>,
    pub statement_descriptor: Option<String>,
    /// What banks would be told; the sandbox has none.
    pub statement_descriptor_suffix: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetupData {
    pub description: Option<String>,
    pub metadata: Option<Metadata>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keeping {
    Auto,
    Never,
}

/// Whether the customer takes over what is typed on the page.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerUpdate {
    pub address: Option<Keeping>,
    pub name: Option<Keeping>,
    /// The page asks for no address to send to.
    pub shipping: Option<Keeping>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum UiMode {
    #[serde(alias = "hosted")]
    HostedPage,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateSession {
    pub mode: Mode,
    pub line_items: Option<Vec<AskedLine>>,
    pub success_url: String,
    pub cancel_url: Option<String>,
    pub customer: Option<String>,
    pub customer_email: Option<String>,
    pub customer_creation: Option<CustomerCreation>,
    pub customer_update: Option<CustomerUpdate>,
    pub client_reference_id: Option<String>,
    pub metadata: Option<Metadata>,
    pub allow_promotion_codes: Option<bool>,
    pub discounts: Option<Vec<AskedDiscount>>,
    pub currency: Option<String>,
    pub expires_at: Option<Timestamp>,
    pub payment_method_types: Option<Vec<String>>,
    pub payment_method_collection: Option<MethodCollection>,
    pub subscription_data: Option<SubscriptionData>,
    pub payment_intent_data: Option<PaymentData>,
    pub setup_intent_data: Option<SetupData>,
    #[serde(rename = "ui_mode")]
    _ui_mode: Option<UiMode>,
    pub adaptive_pricing: Option<settings::Enabled>,
    pub automatic_tax: Option<settings::Enabled>,
    pub billing_address_collection: Option<settings::AddressCollection>,
    pub integration_identifier: Option<String>,
    pub locale: Option<String>,
    pub origin_context: Option<settings::OriginContext>,
    pub payment_method_options: Option<settings::MethodOptions>,
    pub phone_number_collection: Option<settings::Enabled>,
    pub submit_type: Option<settings::SubmitType>,
    pub tax_id_collection: Option<settings::TaxIdCollection>,
}

impl SubscriptionData {
    pub fn has_trial(&self) -> bool {
        self.trial_end.is_some() || self.trial_period_days.is_some()
    }

    pub fn check(&self, now: Timestamp) -> Result<(), ApiError> {
        let refuse = |name: &str, message: &str| {
            Err(ApiError::invalid(message).about(&format!("subscription_data[{name}]")))
        };
        if self.trial_end.is_some() && self.trial_period_days.is_some() {
            return refuse("trial_end", "Give `trial_end` or `trial_period_days`, not both.");
        }
        if self.trial_period_days == Some(0) {
            return refuse(
                "trial_period_days",
                "The minimum number of trial period days is 1. To create a subscription without a trial period, \
                 leave it out.",
            );
        }
        if self.trial_end.is_some_and(|end| end < now + SOONEST_TRIAL_END) {
            return refuse("trial_end", "The `trial_end` date has to be at least 2 days in the future.");
        }
        if self.has_trial() && self.billing_cycle_anchor.is_some() {
            return refuse("billing_cycle_anchor", "A trial sets the anchor by its end.");
        }
        if self.billing_cycle_anchor.is_some_and(|anchor| anchor <= now) {
            return refuse("billing_cycle_anchor", "The anchor must be ahead.");
        }
        let param = if self.trial_end.is_some() { "trial_end" } else { "trial_period_days" };
        trial(now, self.trial_end.map(Moment::At), self.trial_period_days)
            .map_err(|error| error.about(&format!("subscription_data[{param}]")))?;
        new_metadata(self.metadata.clone()).map(drop)
    }
}

impl PaymentData {
    /// Banks are told nothing.
    pub fn check(&self) -> Result<(), ApiError> {
        let is_asked = self.statement_descriptor_suffix.is_some();
        check_absent(is_asked, "payment_intent_data[statement_descriptor_suffix]")
    }
}

impl CreateSession {
    pub fn check_urls(&self) -> Result<(), ApiError> {
        checked_url(self.success_url.clone(), "success_url")?;
        self.cancel_url.clone().map_or(Ok(()), |url| checked_url(url, "cancel_url").map(drop))
    }

    pub fn check_customer(&self) -> Result<(), ApiError> {
        let refuse = |param: &str, message: &str| Err(ApiError::invalid(message).about(param));
        if self.customer.is_some() && self.customer_email.is_some() {
            return refuse(
                "customer_email",
                "You may only specify one of these parameters: customer, customer_email.",
            );
        }
        let updates_shipping =
            self.customer_update.is_some_and(|update| update.shipping == Some(Keeping::Auto));
        check_absent(updates_shipping, "customer_update[shipping]")?;
        if self.customer.is_none() && self.customer_update.is_some() {
            return refuse("customer_update", "`customer_update` can only be used with `customer`.");
        }
        if self.client_reference_id.as_ref().is_some_and(|id| id.chars().count() > LONGEST_REFERENCE) {
            let message = format!("A reference may have at most {LONGEST_REFERENCE} characters.");
            return refuse("client_reference_id", &message);
        }
        self.customer_email.as_ref().map_or(Ok(()), |email| check_email(email, "customer_email"))
    }

    pub fn customer_creation(&self) -> Result<Option<CustomerCreation>, ApiError> {
        let refuse = |message: &str| Err(ApiError::invalid(message).about("customer_creation"));
        match (self.mode, self.customer_creation) {
            (_, Some(_)) if self.customer.is_some() => {
                refuse("`customer_creation` may not be used with `customer`.")
            }
            (Mode::Subscription, Some(_)) => {
                refuse("`customer_creation` can only be used in `payment` and `setup` mode.")
            }
            _ if self.customer.is_some() => Ok(None),
            (Mode::Subscription, None) => Ok(Some(CustomerCreation::Always)),
            (_, asked) => Ok(Some(asked.unwrap_or(CustomerCreation::IfRequired))),
        }
    }

    pub fn method_collection(&self) -> Result<MethodCollection, ApiError> {
        match self.payment_method_collection {
            Some(_) if self.mode != Mode::Subscription => {
                let message = "You can only set `payment_method_collection` in `subscription` mode.";
                Err(ApiError::invalid(message).about("payment_method_collection"))
            }
            collection => Ok(collection.unwrap_or_default()),
        }
    }

    pub fn discount(&self) -> Result<Option<&AskedDiscount>, ApiError> {
        let asked = self.discounts.as_deref().unwrap_or_default();
        let refuse = |message: &str| Err(ApiError::invalid(message).about("discounts"));
        match asked {
            [] => Ok(None),
            _ if self.mode == Mode::Setup => refuse("You can not pass `discounts` in `setup` mode."),
            _ if self.allow_promotion_codes.is_some() => {
                refuse("You may only specify one of these parameters: allow_promotion_codes, discounts.")
            }
            [asked] => Ok(Some(asked)),
            _ => refuse("You may only specify one discount."),
        }
    }

    pub fn settings(self) -> Settings {
        Settings {
            adaptive_pricing: self.adaptive_pricing,
            automatic_tax: self.automatic_tax,
            billing_address_collection: self.billing_address_collection,
            integration_identifier: self.integration_identifier,
            locale: self.locale,
            origin_context: self.origin_context,
            payment_method_options: self.payment_method_options,
            phone_number_collection: self.phone_number_collection,
            submit_type: self.submit_type,
            tax_id_collection: self.tax_id_collection,
        }
    }
}

pub fn method_types(asked: Option<Vec<String>>) -> Result<Vec<String>, ApiError> {
    let asked = asked.filter(|types| !types.is_empty()).unwrap_or_else(|| vec!["card".to_owned()]);
    match asked.iter().position(|name| !METHOD_TYPES.contains(&name.as_str())) {
        None => Ok(asked),
        Some(index) => {
            let message = format!(
                "Invalid payment_method_types[{index}]: the sandbox takes {}, and not `{}`.",
                METHOD_TYPES.join(", "),
                asked[index]
            );
            Err(ApiError::invalid(message).about(&format!("payment_method_types[{index}]")))
        }
    }
}
