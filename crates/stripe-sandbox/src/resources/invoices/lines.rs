//! What an invoice is made of.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{clock::Timestamp, unit_amount::UnitAmount, wire::Metadata};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub start: Timestamp,
    pub end: Timestamp,
}

/// What a line is priced by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pricing {
    pub price: String,
    pub product: String,
    pub unit_amount: UnitAmount,
}

impl Pricing {
    pub fn render(&self) -> Value {
        json!({
            "price_details": { "price": self.price, "product": self.product },
            "type": "price_details",
            "unit_amount_decimal": self.unit_amount.to_string(),
        })
    }
}

/// What each discount takes off.
pub fn discount_amounts(discounts: &[(String, i64)]) -> Vec<Value> {
    discounts.iter().map(|(id, amount)| json!({ "amount": amount, "discount": id })).collect()
}

/// As [`discount_amounts`], among what else is taken off before taxes.
pub fn pretax_credit_amounts(discounts: &[(String, i64)]) -> Vec<Value> {
    let of = |(id, amount): &(String, i64)| json!({ "amount": amount, "discount": id, "type": "discount" });
    discounts.iter().map(of).collect()
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    pub id: String,
    /// Minor units, before discounts.
    pub amount: i64,
    pub description: Option<String>,
    pub is_discountable: bool,
    pub is_proration: bool,
    pub invoice_item: Option<String>,
    pub subscription: Option<String>,
    pub subscription_item: Option<String>,
    pub period: Period,
    pub pricing: Option<Pricing>,
    pub quantity: u64,
    pub metadata: Metadata,
    /// What each discount of the invoice takes off this line.
    pub discounts: Vec<(String, i64)>,
}

impl Line {
    /// What it comes to with its discounts taken off.
    pub fn net(&self) -> i64 {
        self.discounts.iter().fold(self.amount, |left, (_, off)| left.saturating_sub(*off))
    }

    pub fn render(&self, invoice: Option<&str>, currency: &str) -> Value {
        json!({
            "id": self.id,
            "object": "line_item",
            "amount": self.amount,
            "currency": currency,
            "description": self.description,
            "discount_amounts": discount_amounts(&self.discounts),
            "discountable": self.is_discountable,
            "discounts": [],
            "invoice": invoice,
            "livemode": false,
            "metadata": self.metadata,
            "parent": self.render_parent(),
            "period": self.period,
            "pretax_credit_amounts": pretax_credit_amounts(&self.discounts),
            "pricing": self.pricing.as_ref().map(Pricing::render),
            "quantity": self.quantity,
            "quantity_decimal": self.quantity.to_string(),
            "subscription": self.subscription,
            "subtotal": self.amount,
            "taxes": [],
        })
    }

    fn render_parent(&self) -> Value {
        let proration_details = json!({ "credited_items": null });
        match (&self.subscription_item, &self.invoice_item) {
            (Some(item), invoice_item) => json!({
                "invoice_item_details": null,
                "subscription_item_details": {
                    "invoice_item": invoice_item,
                    "proration": self.is_proration,
                    "proration_details": proration_details,
                    "subscription": self.subscription,
                    "subscription_item": item,
                },
                "type": "subscription_item_details",
            }),
            (None, Some(invoice_item)) => json!({
                "invoice_item_details": {
                    "invoice_item": invoice_item,
                    "proration": self.is_proration,
                    "proration_details": proration_details,
                    "subscription": self.subscription,
                },
                "subscription_item_details": null,
                "type": "invoice_item_details",
            }),
            (None, None) => Value::Null,
        }
    }
}
