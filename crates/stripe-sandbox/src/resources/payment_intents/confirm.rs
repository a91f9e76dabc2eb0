//! Tries a payment.

use super::{CaptureMethod, FutureUsage, PaymentError, PaymentIntent, Status, check_payment};
use crate::{
    lifecycle,
    resources::{
        cards::{Behavior, Decline},
        charges::Charge,
        checkout,
        customers::Customer,
        disputes::{Dispute, DisputeStatus},
        payment_methods::{MethodKind, PaymentMethod},
    },
    store::Tx,
    wire::{ApiError, Metadata},
};

/// How long a bank takes for a debit, in seconds of the sandbox.
const DEBIT_TAKES: i64 = 10;

/// A payment that an invoice asks for.
pub struct Collect {
    pub customer: Option<String>,
    pub amount: i64,
    pub currency: String,
    pub payment_method: Option<String>,
    pub invoice: Option<String>,
    pub off_session: bool,
    pub description: Option<String>,
    pub metadata: Metadata,
    pub setup_future_usage: bool,
    pub test_clock: Option<String>,
}

impl PaymentIntent {
    pub fn new(tx: &mut Tx<'_>, asked: Collect) -> Self {
        let id = tx.new_id("pi_");
        Self {
            client_secret: format!("{id}_secret_{}", tx.secret(24)),
            id,
            created: tx.now(asked.test_clock.as_deref()),
            amount: asked.amount,
            currency: asked.currency,
            status: Status::RequiresPaymentMethod,
            customer: asked.customer,
            payment_method: asked.payment_method,
            payment_method_types: vec!["card".to_owned()],
            invoice: asked.invoice,
            description: asked.description,
            capture_method: CaptureMethod::Automatic,
            is_confirmed_manually: false,
            setup_future_usage: asked.setup_future_usage.then_some(FutureUsage::OffSession),
            receipt_email: None,
            statement_descriptor: None,
            shipping: None,
            return_url: None,
            metadata: asked.metadata,
            latest_charge: None,
            last_error: None,
            amount_received: 0,
            canceled_at: None,
            cancellation_reason: None,
            settles_at: None,
            checkout_session: None,
            test_clock: asked.test_clock,
        }
    }

    /// Makes an intent and tries it when there is something to pay with. What came of it is in its status.
    pub fn collect(tx: &mut Tx<'_>, asked: Collect) -> Self {
        let (off_session, has_method) = (asked.off_session, asked.payment_method.is_some());
        let intent = Self::new(tx, asked);
        tx.create(&intent, "payment_intent.created");
        if has_method { intent.confirm(tx, off_session) } else { intent }
    }

    /// Tries an intent again. One that has succeeded, is on its way or was canceled is left as it is.
    #[must_use]
    pub fn retry(mut self, tx: &mut Tx<'_>, payment_method: Option<String>, off_session: bool) -> Self {
        if matches!(self.status, Status::Succeeded | Status::Processing | Status::Canceled) {
            return self;
        }
        self.payment_method = payment_method.or(self.payment_method);
        if self.payment_method.is_some() { self.confirm(tx, off_session) } else { self }
    }

    /// Tries the payment with its payment method.
    #[must_use]
    pub fn confirm(mut self, tx: &mut Tx<'_>, off_session: bool) -> Self {
        let method = self.payment_method.as_ref().and_then(|id| tx.find::<PaymentMethod>(id).cloned());
        // One that was detached since pays nothing.
        let Some(method) = method.filter(|method| !method.is_detached) else {
            self.payment_method = None;
            self.status = Status::RequiresPaymentMethod;
            tx.put(self.clone());
            return self;
        };
        self.last_error = None;
        // An invoice can be for more than any payment may be.
        if let Err(error) = check_payment(self.amount, &self.currency)
            && error.code == Some("amount_too_large")
        {
            return self.fail(tx, &method, ("amount_too_large", None), &error.message);
        }
        if matches!(method.kind, MethodKind::SepaDebit { .. }) {
            self.settles_at = Some(tx.now(self.test_clock.as_deref()) + DEBIT_TAKES);
            return self.moved(tx, Status::Processing, "payment_intent.processing");
        }
        match method.behavior {
            Behavior::Succeeds | Behavior::Disputed | Behavior::Inquired => self.succeed(tx, &method),
            Behavior::Declined(decline) => self.decline(tx, &method, decline),
            Behavior::FailsOnceAttached => self.decline(tx, &method, Decline::Generic),
            Behavior::AuthenticatesOnce if method.is_authenticated => self.succeed(tx, &method),
            // An invoice waits for its customer, where another payment fails.
            Behavior::AuthenticatesOnce | Behavior::AuthenticatesAlways
                if off_session && self.invoice.is_none() =>
            {
                self.fail(
                    tx,
                    &method,
                    ("authentication_required", Some("authentication_required")),
                    "Your card was declined. This transaction requires authentication.",
                )
            }
            Behavior::AuthenticatesOnce | Behavior::AuthenticatesAlways => {
                self.moved(tx, Status::RequiresAction, "payment_intent.requires_action")
            }
        }
    }

    fn moved(mut self, tx: &mut Tx<'_>, status: Status, event: &'static str) -> Self {
        self.status = status;
        tx.put(self.clone());
        tx.emit(event, &self);
        self
    }

    fn succeed(mut self, tx: &mut Tx<'_>, method: &PaymentMethod) -> Self {
        let is_captured = self.capture_method != CaptureMethod::Manual;
        let charge = Charge::of_intent(tx, &self, method, None, is_captured);
        self.latest_charge = Some(charge.id.clone());
        self.last_error = None;
        self.settles_at = None;
        self.status = if is_captured { Status::Succeeded } else { Status::RequiresCapture };
        self.amount_received = if is_captured { self.amount } else { 0 };
        self.keep_for_later(tx, method);
        tx.put(self.clone());
        tx.emit("charge.succeeded", &charge);
        tx.emit(
            if is_captured { "payment_intent.succeeded" } else { "payment_intent.amount_capturable_updated" },
            &self,
        );
        match method.behavior {
            Behavior::Disputed => Dispute::open(tx, charge, DisputeStatus::NeedsResponse),
            Behavior::Inquired => Dispute::open(tx, charge, DisputeStatus::WarningNeedsResponse),
            _ => {}
        }
        self
    }

    /// What is to be used again becomes the customer's, if it is nobody's yet.
    fn keep_for_later(&self, tx: &mut Tx<'_>, method: &PaymentMethod) {
        if self.setup_future_usage.is_none() {
            return;
        }
        if !method.is_authenticated {
            tx.put(PaymentMethod { is_authenticated: true, ..method.clone() });
        }
        let customer = self.customer.as_ref().and_then(|id| Customer::present(tx, "customer", id).ok());
        if let Some(customer) = customer.filter(|_| method.customer.is_none()) {
            // It paid already, and so it can be attached.
            drop(PaymentMethod::attached(tx, &customer, "payment_method", &method.id));
        }
    }

    fn decline(self, tx: &mut Tx<'_>, method: &PaymentMethod, decline: Decline) -> Self {
        let (code, decline_code, message) = decline.words();
        self.fail(tx, method, (code, decline_code), message)
    }

    fn fail(
        mut self,
        tx: &mut Tx<'_>,
        method: &PaymentMethod,
        code: (&str, Option<&str>),
        message: &str,
    ) -> Self {
        let mut error = PaymentError {
            code: code.0.to_owned(),
            decline_code: code.1.map(str::to_owned),
            message: message.to_owned(),
            payment_method: Some(method.id.clone()),
            charge: None,
        };
        let charge = Charge::of_intent(tx, &self, method, Some(&error), false);
        error.charge = Some(charge.id.clone());
        self.latest_charge = Some(charge.id.clone());
        self.last_error = Some(error);
        self.settles_at = None;
        // An invoice's intent keeps nothing that failed.
        self.payment_method = None;
        self.status = Status::RequiresPaymentMethod;
        tx.put(self.clone());
        tx.emit("charge.failed", &charge);
        tx.emit("payment_intent.payment_failed", &self);
        self
    }

    /// What the owner of the card did on the authentication page.
    ///
    /// # Errors
    ///
    /// Nothing waits for authentication.
    pub fn authenticate(tx: &mut Tx<'_>, id: &str, succeeds: bool) -> Result<Self, ApiError> {
        let intent = tx.get::<Self>(id)?;
        let method = intent.payment_method.as_ref().and_then(|id| tx.find::<PaymentMethod>(id).cloned());
        let Some(method) = method.filter(|_| intent.status == Status::RequiresAction) else {
            return Err(ApiError::invalid("This payment does not wait for authentication.")
                .coded("payment_intent_unexpected_state"));
        };
        let intent = if succeeds {
            intent.succeed(tx, &method)
        } else {
            let code = ("payment_intent_authentication_failure", None);
            let message =
                "The provided PaymentMethod has failed authentication. Provide another one to try again.";
            intent.fail(tx, &method, code, message)
        };
        lifecycle::payment_changed(tx, &intent);
        Ok(intent)
    }

    /// A debit arrives, or comes back.
    pub fn settle(tx: &mut Tx<'_>, id: &str) {
        let Some(intent) = tx.find::<Self>(id).cloned() else { return };
        let method = intent.payment_method.as_ref().and_then(|id| tx.find::<PaymentMethod>(id).cloned());
        let Some(method) = method else {
            tx.put(Self { settles_at: None, ..intent });
            return;
        };
        let intent = match method.behavior {
            Behavior::Declined(decline) => intent.decline(tx, &method, decline),
            _ => intent.succeed(tx, &method),
        };
        lifecycle::debit_ended(tx, &intent);
        checkout::debit_settled(tx, &intent);
    }

    /// Ends an intent that has not succeeded and is not under way.
    pub fn cancel(tx: &mut Tx<'_>, id: &str, reason: &str) -> Option<Self> {
        tx.find::<Self>(id).filter(|intent| intent.status != Status::Processing)?;
        Self::abandon(tx, id, reason)
    }

    /// As [`PaymentIntent::cancel`], and stops a debit that is under way.
    pub fn abandon(tx: &mut Tx<'_>, id: &str, reason: &str) -> Option<Self> {
        let intent = tx.find::<Self>(id).cloned()?;
        if matches!(intent.status, Status::Succeeded | Status::Canceled) {
            return None;
        }
        if intent.status == Status::RequiresCapture {
            intent.latest_charge.iter().for_each(|charge| Charge::release(tx, charge));
        }
        let canceled_at = Some(tx.now(intent.test_clock.as_deref()));
        let intent = Self { canceled_at, cancellation_reason: Some(reason.to_owned()), ..intent };
        Some(intent.moved(tx, Status::Canceled, "payment_intent.canceled"))
    }
}
