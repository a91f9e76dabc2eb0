//! One payment, from the wish to the money.

mod amounts;
mod confirm;
mod endpoints;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use self::{
    amounts::check_payment,
    confirm::Collect,
    endpoints::{Shipping, only_confirmed, routes},
};
use super::{authentication, payment_methods::PaymentMethod};
use crate::{
    clock::Timestamp,
    store::{Resource, Tx, stored_as},
    wire::{ApiError, Metadata},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Processing,
    RequiresCapture,
    Succeeded,
    Canceled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureMethod {
    Automatic,
    AutomaticAsync,
    Manual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FutureUsage {
    OffSession,
    OnSession,
}

/// Why the last try failed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PaymentError {
    pub code: String,
    pub decline_code: Option<String>,
    pub message: String,
    pub payment_method: Option<String>,
    pub charge: Option<String>,
}

impl PaymentError {
    pub fn render(&self, tx: &Tx<'_>) -> Value {
        let mut body = json!({
            "code": self.code,
            "doc_url": format!("https://stripe.com/docs/error-codes/{}", self.code.replace('_', "-")),
            "message": self.message,
            "type": "card_error",
        });
        let method = self.payment_method.as_ref().and_then(|id| tx.find::<PaymentMethod>(id));
        let more = [
            ("decline_code", self.decline_code.as_ref().map(|it| json!(it))),
            ("charge", self.charge.as_ref().map(|it| json!(it))),
            ("payment_method", method.map(|it| it.render(tx))),
        ];
        for (name, value) in more {
            if let Some(value) = value {
                body[name] = value;
            }
        }
        body
    }

    pub fn to_api_error(&self, tx: &Tx<'_>, intent: &PaymentIntent) -> ApiError {
        let code = known_code(&self.code);
        let mut error = ApiError::card(code, self.decline_code.as_deref(), self.message.clone())
            .with("payment_intent", intent.render(tx));
        if let Some(charge) = &self.charge {
            error = error.with("charge", json!(charge));
        }
        let method = self.payment_method.as_ref().and_then(|id| tx.find::<PaymentMethod>(id));
        if let Some(method) = method {
            error = error.with("payment_method", method.render(tx));
        }
        error
    }
}

fn known_code(code: &str) -> &'static str {
    const CODES: [&str; 8] = [
        "amount_too_large",
        "authentication_required",
        "expired_card",
        "incorrect_cvc",
        "incorrect_number",
        "payment_intent_authentication_failure",
        "processing_error",
        "card_declined",
    ];
    CODES.into_iter().find(|known| *known == code).unwrap_or("card_declined")
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PaymentIntent {
    pub id: String,
    pub created: Timestamp,
    pub amount: i64,
    pub currency: String,
    pub status: Status,
    pub client_secret: String,
    pub customer: Option<String>,
    pub payment_method: Option<String>,
    pub payment_method_types: Vec<String>,
    pub invoice: Option<String>,
    pub description: Option<String>,
    pub capture_method: CaptureMethod,
    pub is_confirmed_manually: bool,
    pub setup_future_usage: Option<FutureUsage>,
    pub receipt_email: Option<String>,
    pub statement_descriptor: Option<String>,
    pub shipping: Option<Value>,
    pub return_url: Option<String>,
    pub metadata: Metadata,
    pub latest_charge: Option<String>,
    pub last_error: Option<PaymentError>,
    pub amount_received: i64,
    pub canceled_at: Option<Timestamp>,
    pub cancellation_reason: Option<String>,
    /// When a debit that is on its way arrives or fails.
    pub settles_at: Option<Timestamp>,
    /// The checkout that it was made by.
    pub checkout_session: Option<String>,
    pub test_clock: Option<String>,
}

impl Resource for PaymentIntent {
    stored_as!(PaymentIntent);

    fn render(&self, tx: &Tx<'_>) -> Value {
        let capturable = if self.status == Status::RequiresCapture { self.amount } else { 0 };
        let waits = self.status == Status::RequiresAction;
        let next_action = waits.then(|| authentication::next_action(tx, &self.id, self.return_url.as_ref()));
        json!({
            "id": self.id,
            "object": "payment_intent",
            "allowed_payment_method_types": null,
            "amount": self.amount,
            "amount_capturable": capturable,
            "amount_details": { "tip": {} },
            "amount_received": self.amount_received,
            "application": null,
            "application_fee_amount": null,
            "automatic_payment_methods": null,
            "canceled_at": self.canceled_at,
            "cancellation_reason": self.cancellation_reason,
            "capture_method": self.capture_method,
            "client_secret": self.client_secret,
            "confirmation_method": if self.is_confirmed_manually { "manual" } else { "automatic" },
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": null,
            "description": self.description,
            "excluded_payment_method_types": null,
            "last_payment_error": self.last_error.as_ref().map(|error| error.render(tx)),
            "latest_charge": self.latest_charge,
            "livemode": false,
            "managed_payments": null,
            "metadata": self.metadata,
            "next_action": next_action,
            "on_behalf_of": null,
            "payment_method": self.payment_method,
            "payment_method_configuration_details": null,
            "payment_method_options": null,
            "payment_method_types": self.payment_method_types,
            "payment_record": null,
            "processing": null,
            "receipt_email": self.receipt_email,
            "review": null,
            "setup_future_usage": self.setup_future_usage,
            "shipping": self.shipping,
            "source": null,
            "statement_descriptor": self.statement_descriptor,
            "statement_descriptor_suffix": null,
            "status": self.status,
            "transfer_group": null,
        })
    }

    fn test_clock(&self) -> Option<&str> {
        self.test_clock.as_deref()
    }

    fn due(&self) -> Option<Timestamp> {
        self.settles_at.filter(|_| self.status == Status::Processing)
    }

    fn owner(&self) -> Option<&str> {
        self.customer.as_deref()
    }
}
