//! Who pays.

mod endpoints;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use self::endpoints::routes;
use super::{discounts::Discount, sources, subscriptions::Subscription};
use crate::{
    clock::Timestamp,
    store::{Resource, Tx, stored_as},
    wire::{ApiError, Metadata, page::inline},
};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Customer {
    pub id: String,
    pub created: Timestamp,
    pub name: Option<String>,
    pub email: Option<String>,
    pub description: Option<String>,
    pub phone: Option<String>,
    pub address: Option<Address>,
    pub metadata: Metadata,
    /// Minor units of its currency; what is negative is credit for the next invoices.
    pub balance: i64,
    /// As its balance, in other currencies.
    #[serde(default)]
    pub other_balances: BTreeMap<String, i64>,
    /// Of its first invoice; its subscriptions must all be in it.
    pub currency: Option<String>,
    pub default_payment_method: Option<String>,
    pub discount: Option<String>,
    pub invoice_prefix: String,
    pub next_invoice_number: u32,
    pub is_delinquent: bool,
    pub preferred_locales: Vec<String>,
    pub test_clock: Option<String>,
    pub is_deleted: bool,
    #[serde(default)]
    pub default_source: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Address {
    pub city: Option<String>,
    pub country: Option<String>,
    pub line1: Option<String>,
    pub line2: Option<String>,
    pub postal_code: Option<String>,
    pub state: Option<String>,
}

impl Resource for Customer {
    stored_as!(Customer);

    fn render(&self, tx: &Tx<'_>) -> Value {
        if self.is_deleted {
            return json!({ "id": self.id, "object": "customer", "deleted": true });
        }
        json!({
            "id": self.id,
            "object": "customer",
            "address": self.address,
            "balance": self.balance,
            "created": self.created,
            "currency": self.currency,
            "customer_account": null,
            "default_source": self.default_source,
            "delinquent": self.is_delinquent,
            "description": self.description,
            "discount": self.current_discount(tx).map(|it| it.render(tx)),
            "email": self.email,
            "invoice_prefix": self.invoice_prefix,
            "invoice_settings": {
                "custom_fields": null,
                "default_payment_method": self.default_payment_method,
                "footer": null,
                "rendering_options": null,
            },
            "livemode": false,
            "metadata": self.metadata,
            "name": self.name,
            "next_invoice_sequence": self.next_invoice_number,
            "phone": self.phone,
            "preferred_locales": self.preferred_locales,
            "shipping": null,
            "tax_exempt": "none",
            "test_clock": self.test_clock,
        })
    }

    fn includable(&self, tx: &Tx<'_>, field: &str) -> Option<Value> {
        let url = format!("/v1/customers/{}/{field}", self.id);
        match field {
            "subscriptions" => {
                Some(inline(&url, self.subscriptions(tx).map(|subscription| subscription.render(tx))))
            }
            "sources" => Some(sources::of_customer(tx, self)),
            "default_source" => sources::default_of(tx, self),
            "tax_ids" => Some(inline(&url, std::iter::empty())),
            "invoice_credit_balance" => Some(self.credit_balances()),
            "cash_balance" => Some(json!({
                "object": "cash_balance",
                "available": null,
                "customer": self.id,
                "customer_account": null,
                "livemode": false,
                "settings": { "reconciliation_mode": "automatic", "using_merchant_default": true },
            })),
            "tax" => Some(json!({
                "automatic_tax": "unrecognized_location",
                "ip_address": null,
                "location": null,
                "provider": "stripe",
            })),
            _ => None,
        }
    }

    fn test_clock(&self) -> Option<&str> {
        self.test_clock.as_deref()
    }
}

impl Customer {
    /// One of whom nothing is known yet; it is not stored.
    pub fn new(tx: &mut Tx<'_>, test_clock: Option<String>) -> Self {
        Self {
            id: tx.new_id("cus_"),
            created: tx.now(test_clock.as_deref()),
            name: None,
            email: None,
            description: None,
            phone: None,
            address: None,
            metadata: Metadata::new(),
            balance: 0,
            other_balances: BTreeMap::new(),
            currency: None,
            default_payment_method: None,
            discount: None,
            invoice_prefix: tx.secret(8).to_uppercase(),
            next_invoice_number: 1,
            is_delinquent: false,
            preferred_locales: Vec::new(),
            test_clock,
            is_deleted: false,
            default_source: None,
        }
    }

    /// Minor units of this currency.
    pub fn balance_in(&self, currency: &str) -> i64 {
        if self.is_billed_in(currency) {
            self.balance
        } else {
            self.other_balances.get(currency).copied().unwrap_or_default()
        }
    }

    pub fn add_to_balance(&mut self, currency: &str, amount: i64) {
        let balance = if self.is_billed_in(currency) {
            &mut self.balance
        } else {
            self.other_balances.entry(currency.to_owned()).or_default()
        };
        *balance = balance.saturating_add(amount);
    }

    fn is_billed_in(&self, currency: &str) -> bool {
        self.currency.as_ref().is_none_or(|own| own == currency)
    }

    /// The subscriptions that have not ended, newest first.
    fn subscriptions<'a>(&'a self, tx: &'a Tx<'_>) -> impl Iterator<Item = &'a Subscription> {
        tx.of_owner::<Subscription>(&self.id).filter(|subscription| subscription.status.is_live())
    }

    /// What invoices in each currency can use: credit is positive here.
    fn credit_balances(&self) -> Value {
        let own = self.currency.iter().map(|currency| (currency, self.balance));
        let others = self.other_balances.iter().map(|(currency, balance)| (currency, *balance));
        own.chain(others).map(|(currency, balance)| (currency.clone(), json!(-balance))).collect()
    }

    /// A customer that can still be sold to.
    ///
    /// # Errors
    ///
    /// There is none, or it was deleted; `param` says where its id came from.
    pub fn present(tx: &Tx<'_>, param: &str, id: &str) -> Result<Self, ApiError> {
        let customer = tx.named::<Self>(param, id)?;
        if customer.is_deleted {
            return Err(ApiError::invalid(format!("No such customer: '{id}'"))
                .about(param)
                .coded("resource_missing"));
        }
        Ok(customer)
    }

    /// A list can be narrowed to a customer that was deleted, and not to one that never was.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn check_filter(tx: &Tx<'_>, id: Option<&String>) -> Result<(), ApiError> {
        id.map_or(Ok(()), |id| tx.named::<Self>("customer", id).map(drop))
    }

    /// As [`Customer::present`], for the customer of the address itself.
    ///
    /// # Errors
    ///
    /// `resource_missing` with 404.
    pub fn at(tx: &Tx<'_>, id: &str) -> Result<Self, ApiError> {
        tx.get::<Self>(id)
            .and_then(|it| if it.is_deleted { Err(ApiError::no_such("customer", id)) } else { Ok(it) })
    }

    /// What their payments are made with, where nothing else is said.
    pub fn pays_with(&self) -> Option<&String> {
        self.default_payment_method.as_ref().or(self.default_source.as_ref())
    }

    /// Their own discount, until it is used up or has ended.
    pub fn current_discount<'a>(&self, tx: &'a Tx<'_>) -> Option<&'a Discount> {
        let now = self.now(tx);
        tx.find::<Discount>(self.discount.as_deref()?).filter(|discount| discount.applies(now))
    }

    pub fn now(&self, tx: &Tx<'_>) -> Timestamp {
        tx.now(self.test_clock.as_deref())
    }
}

/// # Errors
///
/// It is no address; `param` says where it came from.
pub fn check_email(email: &str, param: &str) -> Result<(), ApiError> {
    if email.contains('@') && email.chars().count() <= 512 {
        return Ok(());
    }
    Err(ApiError::invalid(format!("Invalid email address: {email}")).about(param).coded("email_invalid"))
}
