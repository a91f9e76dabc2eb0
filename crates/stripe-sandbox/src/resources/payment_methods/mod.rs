//! What a customer pays with.

mod endpoints;
mod ownership;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use self::{endpoints::routes, ownership::detached};
use super::{
    cards::{Behavior, Decline, by_name, by_number},
    customers::Address,
};
use crate::{
    clock::Timestamp,
    store::{Resource, Tx, stored_as},
    wire::{ApiError, Metadata},
};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PaymentMethod {
    pub id: String,
    pub created: Timestamp,
    pub customer: Option<String>,
    pub kind: MethodKind,
    pub behavior: Behavior,
    /// Its owner has allowed that it is charged without them.
    pub is_authenticated: bool,
    /// One that was a customer's and is no longer can be nobody's again.
    pub is_detached: bool,
    pub billing_details: BillingDetails,
    pub metadata: Metadata,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodKind {
    Card { brand: String, last4: String, exp_month: u32, exp_year: u32 },
    SepaDebit { country: String, last4: String },
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BillingDetails {
    pub address: Option<Address>,
    pub email: Option<String>,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub tax_id: Option<String>,
}

impl MethodKind {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Card { .. } => "card",
            Self::SepaDebit { .. } => "sepa_debit",
        }
    }

    /// As the attempt of a setup intent shows it.
    pub fn render_attempt(&self) -> Value {
        match self {
            Self::Card { brand, last4, exp_month, exp_year } => json!({
                "card": {
                    "brand": brand,
                    "checks": null,
                    "country": "US",
                    "exp_month": exp_month,
                    "exp_year": exp_year,
                    "funding": "credit",
                    "last4": last4,
                    "network": brand,
                    "three_d_secure": null,
                    "wallet": null,
                },
                "type": "card",
            }),
            Self::SepaDebit { .. } => json!({ "sepa_debit": {}, "type": "sepa_debit" }),
        }
    }
}

impl Resource for PaymentMethod {
    stored_as!(PaymentMethod);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        let mut body = json!({
            "id": self.id,
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": self.billing_details,
            "created": self.created,
            "customer": self.customer,
            "customer_account": null,
            "livemode": false,
            "metadata": self.metadata,
            "type": self.kind.name(),
        });
        body[self.kind.name()] = match &self.kind {
            MethodKind::Card { brand, last4, exp_month, exp_year } => json!({
                "brand": brand,
                "checks": { "address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass" },
                "country": "US",
                "display_brand": brand,
                "exp_month": exp_month,
                "exp_year": exp_year,
                "fingerprint": format!("sandbox{brand}{last4}"),
                "funding": "credit",
                "generated_from": null,
                "last4": last4,
                "networks": { "available": [brand], "preferred": null },
                "regulated_status": "unregulated",
                "three_d_secure_usage": { "supported": true },
                "wallet": null,
            }),
            MethodKind::SepaDebit { country, last4 } => json!({
                "bank_code": "19043",
                "branch_code": "",
                "country": country,
                "fingerprint": format!("sandboxsepa{last4}"),
                "generated_from": { "charge": null, "setup_attempt": null },
                "last4": last4,
            }),
        };
        body
    }

    fn owner(&self) -> Option<&str> {
        self.customer.as_deref()
    }
}

impl PaymentMethod {
    /// A stored payment method, or a new one from a test token such as `pm_card_visa` or `tok_visa`.
    ///
    /// # Errors
    ///
    /// There is neither.
    pub fn resolve(tx: &mut Tx<'_>, param: &str, id: &str) -> Result<Self, ApiError> {
        let card = id.strip_prefix("pm_card_").or_else(|| id.strip_prefix("tok_")).and_then(by_name);
        if let Some(card) = card {
            let kind = card_kind(card.number, card.brand, tx.now(None));
            return Ok(Self::new(tx, kind, card.behavior));
        }
        tx.named(param, id)
    }

    fn new(tx: &mut Tx<'_>, kind: MethodKind, behavior: Behavior) -> Self {
        let method = Self {
            id: tx.new_id("pm_"),
            created: tx.now(None),
            customer: None,
            kind,
            behavior,
            is_authenticated: false,
            is_detached: false,
            billing_details: BillingDetails::default(),
            metadata: Metadata::new(),
        };
        tx.put(method.clone());
        method
    }

    /// From what a person typed into a card form, who does so at `now`.
    ///
    /// # Errors
    ///
    /// A number, date or code that cannot be.
    pub fn from_card(
        tx: &mut Tx<'_>,
        number: &str,
        (exp_month, exp_year): (u32, u32),
        cvc: Option<&str>,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        let number: String = number.chars().filter(|letter| !letter.is_whitespace()).collect();
        let refuse = |code: &'static str, message: &str, param: &str| {
            Err(ApiError::card(code, None, message).undoing_everything().about(param))
        };
        let Some((brand, behavior)) = by_number(&number) else {
            let (_, _, message) = Decline::IncorrectNumber.words();
            return refuse("incorrect_number", message, "card[number]");
        };
        let exp_year = if exp_year < 100 { exp_year + 2000 } else { exp_year };
        if !(1..=12).contains(&exp_month) {
            return refuse(
                "invalid_expiry_month",
                "Your card's expiration month is invalid.",
                "card[exp_month]",
            );
        }
        let today = chrono::DateTime::from_timestamp(now, 0).unwrap_or_default();
        let (year, month) = (chrono::Datelike::year(&today), chrono::Datelike::month(&today));
        let this_month = (u32::try_from(year).unwrap_or(0), month);
        if (exp_year, exp_month) < this_month || exp_year > this_month.0 + 50 {
            return refuse(
                "invalid_expiry_year",
                "Your card's expiration year is invalid.",
                "card[exp_year]",
            );
        }
        if cvc.is_some_and(|cvc| !(3..=4).contains(&cvc.len()) || !cvc.bytes().all(|it| it.is_ascii_digit()))
        {
            return refuse("invalid_cvc", "Your card's security code is invalid.", "card[cvc]");
        }
        let last4 = number[number.len() - 4..].to_owned();
        let kind = MethodKind::Card { brand: brand.to_owned(), last4, exp_month, exp_year };
        Ok(Self::new(tx, kind, behavior))
    }

    /// Why its card cannot be kept. What is wrong with a bank account shows when it is debited.
    pub fn refused_at_once(&self) -> Option<Decline> {
        match (&self.kind, self.behavior) {
            (MethodKind::Card { .. }, Behavior::Declined(decline)) => Some(decline),
            _ => None,
        }
    }
}

fn card_kind(number: &str, brand: &str, now: Timestamp) -> MethodKind {
    let year = chrono::DateTime::from_timestamp(now, 0).map_or(2030, |time| chrono::Datelike::year(&time));
    MethodKind::Card {
        brand: brand.to_owned(),
        last4: number[number.len() - 4..].to_owned(),
        exp_month: 12,
        exp_year: u32::try_from(year).unwrap_or(2030) + 4,
    }
}
