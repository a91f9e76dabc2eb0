//! A wish to keep a payment method for later.

mod endpoints;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use self::endpoints::routes;
use super::{
    authentication,
    cards::Behavior,
    checkout::{self, SetupData},
    customers::Customer,
    payment_intents::{FutureUsage, PaymentError},
    payment_methods::PaymentMethod,
};
use crate::{
    clock::Timestamp,
    store::{Resource, Tx, stored_as},
    wire::{ApiError, Metadata, values::new_metadata},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetupStatus {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Succeeded,
    Canceled,
}

impl SetupStatus {
    fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Canceled)
    }
}

/// The last try of an intent, which is told only when it is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SetupAttempt {
    pub id: String,
    pub created: Timestamp,
    pub payment_method: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SetupIntent {
    pub id: String,
    pub created: Timestamp,
    pub status: SetupStatus,
    pub client_secret: String,
    pub customer: Option<String>,
    pub payment_method: Option<String>,
    pub payment_method_types: Vec<String>,
    pub description: Option<String>,
    pub usage: FutureUsage,
    pub return_url: Option<String>,
    pub last_error: Option<PaymentError>,
    pub cancellation_reason: Option<String>,
    pub attempt: Option<SetupAttempt>,
    pub metadata: Metadata,
    /// The checkout that it was made by.
    pub checkout_session: Option<String>,
}

impl Resource for SetupIntent {
    stored_as!(SetupIntent);

    fn render(&self, tx: &Tx<'_>) -> Value {
        let waits = self.status == SetupStatus::RequiresAction;
        let next_action = waits.then(|| authentication::next_action(tx, &self.id, self.return_url.as_ref()));
        json!({
            "id": self.id,
            "object": "setup_intent",
            "allowed_payment_method_types": null,
            "application": null,
            "automatic_payment_methods": null,
            "cancellation_reason": self.cancellation_reason,
            "client_secret": self.client_secret,
            "created": self.created,
            "customer": self.customer,
            "customer_account": null,
            "description": self.description,
            "excluded_payment_method_types": null,
            "last_setup_error": self.last_error.as_ref().map(|error| error.render(tx)),
            "latest_attempt": null,
            "livemode": false,
            "mandate": null,
            "metadata": self.metadata,
            "next_action": next_action,
            "on_behalf_of": null,
            "payment_method": self.payment_method,
            "payment_method_configuration_details": null,
            "payment_method_options": null,
            "payment_method_types": self.payment_method_types,
            "single_use_mandate": null,
            "status": self.status,
            "usage": self.usage,
        })
    }

    fn includable(&self, tx: &Tx<'_>, field: &str) -> Option<Value> {
        let attempt = self.attempt.as_ref().filter(|_| field == "latest_attempt")?;
        Some(self.render_attempt(tx, attempt))
    }

    fn owner(&self) -> Option<&str> {
        self.customer.as_deref()
    }
}

impl SetupIntent {
    fn render_attempt(&self, tx: &Tx<'_>, attempt: &SetupAttempt) -> Value {
        let status = match self.status {
            SetupStatus::Succeeded => "succeeded",
            SetupStatus::RequiresAction => "requires_action",
            SetupStatus::Canceled => "abandoned",
            SetupStatus::RequiresPaymentMethod | SetupStatus::RequiresConfirmation => "failed",
        };
        let method =
            tx.find::<PaymentMethod>(&attempt.payment_method).map(|method| method.kind.render_attempt());
        json!({
            "id": attempt.id,
            "object": "setup_attempt",
            "application": null,
            "created": attempt.created,
            "customer": self.customer,
            "customer_account": null,
            "flow_directions": null,
            "livemode": false,
            "on_behalf_of": null,
            "payment_method": attempt.payment_method,
            "payment_method_details": method,
            "setup_error": self.last_error.as_ref().map(|error| error.render(tx)),
            "setup_intent": self.id,
            "status": status,
            "usage": self.usage,
        })
    }

    /// Asks a customer for a payment method.
    pub fn begin(tx: &mut Tx<'_>, customer: &Customer) -> Self {
        let intent = Self::new(tx, Some(customer.id.clone()));
        tx.create(&intent, "setup_intent.created");
        intent
    }

    /// Asks who pays a checkout for a payment method.
    ///
    /// # Errors
    ///
    /// Metadata that cannot be.
    pub fn of_checkout(
        tx: &mut Tx<'_>,
        session: &checkout::Session,
        data: SetupData,
    ) -> Result<Self, ApiError> {
        let intent = Self {
            description: data.description,
            metadata: new_metadata(data.metadata)?,
            payment_method_types: session.payment_method_types.clone(),
            checkout_session: Some(session.id.clone()),
            ..Self::new(tx, session.customer.clone())
        };
        tx.create(&intent, "setup_intent.created");
        Ok(intent)
    }

    /// Ends an intent that has not succeeded, if there is one.
    pub fn abandon(tx: &mut Tx<'_>, id: &str) {
        let Some(intent) = tx.find::<Self>(id).cloned() else { return };
        if intent.status.is_final() {
            return;
        }
        let cancellation_reason = Some("abandoned".to_owned());
        let intent = Self { status: SetupStatus::Canceled, cancellation_reason, ..intent };
        tx.put(intent.clone());
        tx.emit("setup_intent.canceled", &intent);
    }

    fn new(tx: &mut Tx<'_>, customer: Option<String>) -> Self {
        let id = tx.new_id("seti_");
        Self {
            client_secret: format!("{id}_secret_{}", tx.secret(24)),
            id,
            created: tx.now(None),
            status: SetupStatus::RequiresPaymentMethod,
            customer,
            payment_method: None,
            payment_method_types: vec!["card".to_owned()],
            description: None,
            usage: FutureUsage::OffSession,
            return_url: None,
            last_error: None,
            cancellation_reason: None,
            attempt: None,
            metadata: Metadata::new(),
            checkout_session: None,
        }
    }

    /// # Errors
    ///
    /// There is nothing to confirm it with, or the card is declined.
    pub fn confirm(mut self, tx: &mut Tx<'_>) -> Result<Self, ApiError> {
        let method = self.payment_method.as_ref().and_then(|id| tx.find::<PaymentMethod>(id).cloned());
        let method = method.ok_or_else(|| ApiError::missing_param("payment_method"))?;
        self.last_error = None;
        self.attempt = Some(SetupAttempt {
            id: tx.new_id("setatt_"),
            created: tx.now(None),
            payment_method: method.id.clone(),
        });
        if let Some(decline) = method.refused_at_once() {
            let (code, decline_code, message) = decline.words();
            self.fail(tx, &method, code, decline_code, message);
            let rendered = self.render(tx);
            return Err(ApiError::card(code, decline_code, message).with("setup_intent", rendered));
        }
        match method.behavior {
            Behavior::AuthenticatesAlways | Behavior::AuthenticatesOnce => {
                self.status = SetupStatus::RequiresAction;
                tx.put(self.clone());
                tx.emit("setup_intent.requires_action", &self);
                Ok(self)
            }
            Behavior::Succeeds
            | Behavior::Declined(_)
            | Behavior::FailsOnceAttached
            | Behavior::Disputed
            | Behavior::Inquired => self.succeed(tx, &method),
        }
    }

    /// What the owner of the card did on the authentication page.
    ///
    /// # Errors
    ///
    /// Nothing waits for authentication.
    pub fn authenticate(tx: &mut Tx<'_>, id: &str, succeeds: bool) -> Result<Self, ApiError> {
        let mut intent = tx.get::<Self>(id)?;
        let method = intent.payment_method.as_ref().and_then(|id| tx.find::<PaymentMethod>(id).cloned());
        let Some(method) = method.filter(|_| intent.status == SetupStatus::RequiresAction) else {
            return Err(unexpected("authenticate", &intent));
        };
        let intent = if succeeds {
            intent.succeed(tx, &method)?
        } else {
            let message =
                "The provided PaymentMethod has failed authentication. Provide another one to try again.";
            intent.fail(tx, &method, "setup_intent_authentication_failure", None, message);
            intent
        };
        checkout::setup_changed(tx, &intent);
        Ok(intent)
    }

    fn succeed(mut self, tx: &mut Tx<'_>, method: &PaymentMethod) -> Result<Self, ApiError> {
        let mut method = method.clone();
        if let Some(customer) = self.customer.as_ref().and_then(|id| tx.find::<Customer>(id).cloned()) {
            method = PaymentMethod::attached(tx, &customer, "payment_method", &method.id)?;
        }
        tx.put(PaymentMethod { is_authenticated: true, ..method });
        self.status = SetupStatus::Succeeded;
        tx.put(self.clone());
        tx.emit("setup_intent.succeeded", &self);
        Ok(self)
    }

    fn fail(
        &mut self,
        tx: &mut Tx<'_>,
        method: &PaymentMethod,
        code: &str,
        decline_code: Option<&str>,
        message: &str,
    ) {
        self.status = SetupStatus::RequiresPaymentMethod;
        self.payment_method = None;
        self.last_error = Some(PaymentError {
            code: code.to_owned(),
            decline_code: decline_code.map(str::to_owned),
            message: message.to_owned(),
            payment_method: Some(method.id.clone()),
            charge: None,
        });
        tx.put(self.clone());
        tx.emit("setup_intent.setup_failed", self);
    }
}

fn unexpected(verb: &str, intent: &SetupIntent) -> ApiError {
    let status = json!(intent.status);
    let status = status.as_str().unwrap_or_default();
    let message = format!("You cannot {verb} this SetupIntent because it has a status of {status}.");
    ApiError::invalid(message).coded("setup_intent_unexpected_state")
}
