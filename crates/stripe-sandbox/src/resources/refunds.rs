//! Money that was given back.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{charges::Charge, payment_intents::PaymentIntent};
use crate::{
    clock::Timestamp,
    currency,
    store::{Resource, Tx, stored_as},
    wire::{
        Answer, ApiError, Call, Metadata, Patch, Range, Reply, Routes,
        values::{merge_metadata, new_metadata},
    },
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundReason {
    Duplicate,
    Fraudulent,
    RequestedByCustomer,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Refund {
    pub id: String,
    pub created: Timestamp,
    pub amount: i64,
    pub currency: String,
    pub charge: String,
    pub payment_intent: Option<String>,
    pub customer: Option<String>,
    pub reason: Option<RefundReason>,
    pub metadata: Metadata,
}

impl Resource for Refund {
    stored_as!(Refund);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        json!({
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "balance_transaction": null,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": null,
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
            "payment_method": null,
            "reason": self.reason,
            "receipt_number": null,
            "source_transfer_reversal": null,
            "status": "succeeded",
            "transfer_reversal": null,
        })
    }

    /// Listed under its charge.
    fn owner(&self) -> Option<&str> {
        Some(&self.charge)
    }
}

impl Refund {
    /// Gives back an amount of a charge, or all that is left of it. `param` is what an error of the amount is about.
    ///
    /// # Errors
    ///
    /// A charge that did not succeed, is disputed or given back already, or an amount that is more than what is left.
    pub fn make(
        tx: &mut Tx<'_>,
        mut charge: Charge,
        amount: Option<i64>,
        reason: Option<RefundReason>,
        metadata: Metadata,
        param: &str,
    ) -> Result<Self, ApiError> {
        if charge.error.is_some() || charge.amount_captured == 0 {
            return Err(ApiError::invalid("Only a charge that succeeded and was captured can be refunded.")
                .about("charge"));
        }
        if charge.is_disputed {
            let message = format!("Charge {} has been charged back; cannot issue a refund.", charge.id);
            return Err(ApiError::invalid(message).coded("charge_disputed"));
        }
        let left = charge.amount_captured - charge.amount_refunded;
        if left == 0 {
            let message = format!("Charge {} has already been refunded.", charge.id);
            return Err(ApiError::invalid(message).coded("charge_already_refunded"));
        }
        let amount = amount.unwrap_or(left);
        if !(1..=left).contains(&amount) {
            let message = format!(
                "Refund amount ({amount}) must be more than 0 and at most the unrefunded amount ({left})."
            );
            return Err(ApiError::invalid(message).about(param));
        }
        currency::check_step(amount, &charge.currency).map_err(|error| error.about(param))?;
        charge.amount_refunded += amount;
        let refund = Self {
            id: tx.new_id("re_"),
            created: tx.now(charge.test_clock.as_deref()),
            amount,
            currency: charge.currency.clone(),
            charge: charge.id.clone(),
            payment_intent: charge.payment_intent.clone(),
            customer: charge.customer.clone(),
            reason,
            metadata,
        };
        tx.create(&refund, "refund.created");
        tx.update(&charge, "charge.refunded");
        Ok(refund)
    }
}

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/refunds", list);
    routes.post("/v1/refunds", create);
    routes.get("/v1/refunds/{refund}", retrieve);
    routes.post("/v1/refunds/{refund}", update);
    routes.post("/v1/refunds/{refund}/cancel", cancel);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListRefunds {
    charge: Option<String>,
    payment_intent: Option<String>,
    created: Option<Range>,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListRefunds = call.params()?;
    let wanted = |refund: &&Refund| {
        params.charge.as_ref().is_none_or(|charge| refund.charge == *charge)
            && params
                .payment_intent
                .as_ref()
                .is_none_or(|intent| refund.payment_intent.as_ref() == Some(intent))
            && params.created.is_none_or(|range| range.holds(refund.created))
    };
    call.page_of(tx, tx.newest_first::<Refund>().filter(wanted))
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&tx.get::<Refund>(call.id("refund"))?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateRefund {
    charge: Option<String>,
    payment_intent: Option<String>,
    amount: Option<i64>,
    reason: Option<RefundReason>,
    metadata: Option<Metadata>,
}

fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: CreateRefund = call.params()?;
    let charge = match (&params.charge, &params.payment_intent) {
        (Some(charge), _) => tx.named::<Charge>("charge", charge)?,
        (None, Some(intent)) => {
            let intent = tx.named::<PaymentIntent>("payment_intent", intent)?;
            let charge = intent.latest_charge.and_then(|id| tx.find::<Charge>(&id).cloned());
            charge.ok_or_else(|| {
                ApiError::invalid("This PaymentIntent does not have a successful charge to refund.")
                    .about("payment_intent")
            })?
        }
        (None, None) => return Err(ApiError::missing_param("charge")),
    };
    let metadata = new_metadata(params.metadata)?;
    let refund = Refund::make(tx, charge, params.amount, params.reason, metadata, "amount")?;
    Ok(Answer::object(&refund))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateRefund {
    #[serde(default)]
    metadata: Patch<Metadata>,
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut refund = tx.get::<Refund>(call.id("refund"))?;
    let params: UpdateRefund = call.params()?;
    merge_metadata(&mut refund.metadata, params.metadata)?;
    tx.update(&refund, "refund.updated");
    tx.emit("charge.refund.updated", &refund);
    Ok(Answer::object(&refund))
}

/// Only a refund that waits for its receiver can be canceled, and those of the sandbox never wait.
fn cancel(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let refund = tx.get::<Refund>(call.id("refund"))?;
    Err(ApiError::invalid(format!(
        "Refund {} has the status succeeded and can no longer be canceled.",
        refund.id
    )))
}
