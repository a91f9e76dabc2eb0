//! What was paid for an invoice through Stripe, and what of it can be given back.

use serde::{Deserialize, Serialize};

use crate::{
    CallOutcome, CallPurpose, GatewayCall, GatewayCallId, Invoice, InvoiceDetails, InvoiceStatus, Money,
    StripeId, Timestamp, Unchargeable, UnknownWord, stored::stored,
};

/// A payment of an invoice through Stripe. What the customer's balance paid, or somebody outside Stripe, is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvoicePayment {
    /// The payment intent, or the charge of a payment without one.
    #[serde(deserialize_with = "stored")]
    pub payment: StripeId,
    /// The part of the invoice that it paid.
    pub paid: Money,
    /// The refunds of the payment, newest first.
    pub refunds: Vec<Refund>,
}

/// A refund at Stripe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refund {
    /// Stripe's id.
    #[serde(deserialize_with = "stored")]
    pub id: StripeId,
    /// The amount.
    pub amount: Money,
    /// Stripe's status.
    pub status: RefundStatus,
    /// Stripe's word for the reason.
    pub reason: Option<String>,
    /// The moment of creation.
    #[serde(with = "crate::wire_time")]
    pub created_at: Timestamp,
    /// The call in its metadata, if it was made by us.
    pub call_id: Option<GatewayCallId>,
}

/// The status of a refund in Stripe's words. Parsing never fails: an unknown status counts as given back.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum RefundStatus {
    /// On its way.
    Pending,
    /// It waits for something of the payer's.
    RequiresAction,
    /// Given back.
    Succeeded,
    /// Not given back: the money is the merchant's again.
    Failed,
    /// Withdrawn before it was given back.
    Canceled,
    /// A word this version does not know.
    Unrecognized(String),
}

impl RefundStatus {
    /// Stripe's status.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "pending",
            Self::RequiresAction => "requires_action",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Unrecognized(word) => word,
        }
    }

    /// Whether the amount is given back, or will be.
    #[must_use]
    pub fn gives_back(&self) -> bool {
        !matches!(self, Self::Failed | Self::Canceled)
    }
}

impl From<String> for RefundStatus {
    fn from(status: String) -> Self {
        match status.as_str() {
            "pending" => Self::Pending,
            "requires_action" => Self::RequiresAction,
            "succeeded" => Self::Succeeded,
            "failed" => Self::Failed,
            "canceled" => Self::Canceled,
            _ => Self::Unrecognized(status),
        }
    }
}

impl From<RefundStatus> for String {
    fn from(status: RefundStatus) -> Self {
        status.as_str().to_owned()
    }
}

/// The reason of a refund, in Stripe's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundReason {
    /// The payer asked for it.
    RequestedByCustomer,
    /// The payer was charged twice.
    Duplicate,
    /// The payer did not make the payment. Stripe blocks the card and the e-mail address.
    Fraudulent,
}

words!(RefundReason {
    RequestedByCustomer => "requested_by_customer",
    Duplicate => "duplicate",
    Fraudulent => "fraudulent",
}, stored or UnknownWord { expected: "requested_by_customer, duplicate or fraudulent" });

/// A part of a payment that is to be given back: an amount in Stripe's unit, never "all that is left".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRefund {
    payment: StripeId,
    amount: Money,
    stripe_amount: i64,
    reason: Option<RefundReason>,
}

impl PaymentRefund {
    /// A refund of this amount.
    ///
    /// # Errors
    /// [`Unchargeable`], for an amount that Stripe cannot express.
    pub fn new(payment: StripeId, amount: Money, reason: Option<RefundReason>) -> Result<Self, Unchargeable> {
        Ok(Self { payment, amount, stripe_amount: amount.stripe_amount()?, reason })
    }

    /// The payment.
    #[must_use]
    pub fn payment(&self) -> &StripeId {
        &self.payment
    }

    /// The amount.
    #[must_use]
    pub fn amount(&self) -> Money {
        self.amount
    }

    /// The amount in Stripe's unit of its currency.
    #[must_use]
    pub fn stripe_amount(&self) -> i64 {
        self.stripe_amount
    }

    /// The reason.
    #[must_use]
    pub fn reason(&self) -> Option<RefundReason> {
        self.reason
    }
}

/// What was paid for an invoice, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundState {
    /// The sum of its payments through Stripe.
    pub paid: Money,
    /// The part that was given back at Stripe.
    pub refunded: Money,
    /// The part of refunds whose outcome is not known, or not seen at Stripe yet.
    pub under_way: Money,
    /// The part that can still be given back.
    pub left: Money,
    /// What is left of each payment, in Stripe's order.
    parts: Vec<(StripeId, i64)>,
}

/// A refund that the rules refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefundRefused {
    /// Nothing was paid.
    #[error("The invoice has not been paid, so there is nothing to refund.")]
    NotPaid,
    /// The invoice is paid, but not by a payment through Stripe.
    #[error(
        "No payment through Stripe paid this invoice: it was free, or paid from the customer’s balance or outside \
         Stripe. Give it back where it was paid."
    )]
    PaidElsewhere,
    /// More was asked for than is left.
    #[error("{}", exceeds(*.asked, .state))]
    Exceeds {
        /// The amount; `None` for all that is left.
        asked: Option<Money>,
        /// What is left, and what became of the rest.
        state: Box<RefundState>,
    },
    /// The amount is zero or less.
    #[error("Enter an amount of more than zero.")]
    NotPositive,
    /// Stripe cannot express the amount.
    #[error("{0}")]
    Amount(#[from] Unchargeable),
}

fn exceeds(asked: Option<Money>, state: &RefundState) -> String {
    let RefundState { paid, refunded, under_way, left, .. } = state;
    let mut parts = vec![match asked {
        Some(asked) => format!("{asked} was asked for, and {left} is left to refund: {paid} was paid"),
        None => format!("Nothing is left to refund: {paid} was paid"),
    }];
    if refunded.minor_units() > 0 {
        parts.push(format!("{refunded} was refunded"));
    }
    if under_way.minor_units() > 0 {
        parts.push(format!("{under_way} is being refunded"));
    }
    format!("{}.", parts.join(", "))
}

impl RefundState {
    /// A state of these sums, of no known payments.
    #[must_use]
    pub fn of_sums(paid: Money, refunded: Money, under_way: Money, left: Money) -> Self {
        Self { paid, refunded, under_way, left, parts: Vec::new() }
    }

    /// The state of an invoice with the calls that refund its payments, settled ones included. `None` for the mirror of
    /// an earlier version, which has no payments.
    ///
    /// A call counts until its refund is seen among those that were fetched, so that neither a lost answer nor an old
    /// mirror lets an amount be given back twice.
    #[must_use]
    pub fn of(details: &InvoiceDetails, calls: &[GatewayCall]) -> Option<Self> {
        let currency = details.total.currency();
        let (mut paid, mut refunded, mut under_way, mut parts) = (0_i64, 0_i64, 0_i64, Vec::new());
        for payment in details.payments.as_ref()? {
            let given_back = payment.refunded();
            let (of_payment, rest) = (payment.paid.minor_units(), payment.left());
            let sent = calls.iter().filter_map(|call| payment.unseen(call, rest));
            let sent = sent.fold(0_i64, i64::saturating_add).min(rest);
            paid = paid.saturating_add(of_payment);
            refunded = refunded.saturating_add(given_back);
            under_way = under_way.saturating_add(sent);
            parts.push((payment.payment.clone(), rest.saturating_sub(sent)));
        }
        let left = parts.iter().fold(0_i64, |sum, (_, left)| sum.saturating_add(*left));
        let [paid, refunded, under_way, left] =
            [paid, refunded, under_way, left].map(|minor_units| Money::new(minor_units, currency));
        Some(Self { paid, refunded, under_way, left, parts })
    }

    /// The refunds that give back this amount, or all that is left: one, if a payment has that much left.
    ///
    /// # Errors
    /// [`RefundRefused`].
    pub fn plan(
        &self,
        invoice: &InvoiceDetails,
        asked: Option<Money>,
        reason: Option<RefundReason>,
    ) -> Result<Vec<PaymentRefund>, RefundRefused> {
        if self.paid.minor_units() == 0 {
            let is_paid = invoice.status == InvoiceStatus::Paid;
            return Err(if is_paid { RefundRefused::PaidElsewhere } else { RefundRefused::NotPaid });
        }
        let amount = asked.unwrap_or(self.left);
        if asked.is_some_and(|asked| asked.minor_units() <= 0) {
            return Err(RefundRefused::NotPositive);
        }
        let is_too_much = amount.currency() != self.left.currency()
            || amount.minor_units() > self.left.minor_units()
            || amount.minor_units() == 0;
        if is_too_much {
            return Err(RefundRefused::Exceeds { asked, state: Box::new(self.clone()) });
        }
        let mut missing = amount.minor_units();
        let holds_all = self.parts.iter().find(|(_, left)| *left >= missing);
        let parts: Vec<_> = holds_all.map_or_else(|| self.parts.iter().collect(), |part| vec![part]);
        let mut refunds = Vec::new();
        for (payment, left) in parts {
            let part = missing.min(*left);
            if part > 0 {
                let part = Money::new(part, amount.currency());
                refunds.push(PaymentRefund::new(payment.clone(), part, reason)?);
            }
            missing -= part;
        }
        Ok(refunds)
    }
}

impl InvoicePayment {
    /// The part that was not given back, in minor units.
    #[must_use]
    pub fn left(&self) -> i64 {
        self.paid.minor_units().saturating_sub(self.refunded()).max(0)
    }

    /// The part that was given back.
    fn refunded(&self) -> i64 {
        let given_back = self.refunds.iter().filter(|refund| refund.status.gives_back());
        given_back.fold(0, |sum, refund| sum.saturating_add(refund.amount.minor_units()))
    }

    /// What a call gives back of `rest`, if it refunds this payment and its refund was not fetched.
    fn unseen(&self, call: &GatewayCall, rest: i64) -> Option<i64> {
        let (payment, amount) = match &call.purpose {
            CallPurpose::RefundInvoice { payment, amount, .. } => (payment, amount.minor_units()),
            CallPurpose::RefundDuplicate { payment_intent, .. } => (payment_intent, rest),
            _ => return None,
        };
        let is_seen = |refund: &Refund| {
            refund.call_id == Some(call.id) || call.outcome == CallOutcome::Done(refund.id.clone())
        };
        let is_refused = matches!(call.outcome, CallOutcome::Refused(_));
        let counts = *payment == self.payment && !is_refused && !self.refunds.iter().any(is_seen);
        counts.then_some(amount)
    }
}

/// How much of an invoice was given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refunded {
    /// Nothing.
    Nothing,
    /// A part of what was paid.
    Partly,
    /// All that was paid through Stripe.
    Fully,
}

impl InvoiceDetails {
    /// How much of it was given back.
    #[must_use]
    pub fn how_refunded(&self) -> Refunded {
        let Some(state) = RefundState::of(self, &[]) else { return Refunded::Nothing };
        match (state.refunded.minor_units(), state.left.minor_units()) {
            (..=0, _) => Refunded::Nothing,
            (_, 0) => Refunded::Fully,
            _ => Refunded::Partly,
        }
    }

    /// Whether this differs from an earlier mirror only in what an earlier version did not fetch.
    #[must_use]
    pub fn only_completes(&self, earlier: &Self) -> bool {
        let completed = Self {
            payments: earlier.payments.clone().or_else(|| self.payments.clone()),
            is_charged_automatically: earlier.is_charged_automatically.or(self.is_charged_automatically),
            sums: earlier.sums.or(self.sums),
            next_attempt_at: earlier.next_attempt_at.or(self.next_attempt_at),
            ..earlier.clone()
        };
        let is_refund_new = earlier.payments.is_none() && self.how_refunded() != Refunded::Nothing;
        *self == completed && !is_refund_new
    }
}

impl Invoice {
    /// What was paid, given back and is left, as the mirror has it; `None` for the mirror of an earlier version.
    #[must_use]
    pub fn refund_state(&self) -> Option<RefundState> {
        RefundState::of(&self.details, &[])
    }
}

#[cfg(test)]
mod tests;
