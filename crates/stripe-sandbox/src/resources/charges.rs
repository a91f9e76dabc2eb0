//! Money that was taken, or tried to be.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    customers::Customer,
    payment_intents::{PaymentError, PaymentIntent},
    payment_methods::{MethodKind, PaymentMethod},
    refunds::Refund,
};
use crate::{
    clock::Timestamp,
    store::{Resource, Tx, stored_as},
    wire::{Answer, Call, Metadata, Patch, Range, Reply, Routes, page::inline, values::merge_metadata},
};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Charge {
    pub id: String,
    pub created: Timestamp,
    pub amount: i64,
    pub amount_captured: i64,
    pub amount_refunded: i64,
    pub currency: String,
    pub customer: Option<String>,
    pub description: Option<String>,
    pub payment_intent: Option<String>,
    pub payment_method: PaymentMethod,
    pub error: Option<PaymentError>,
    pub is_disputed: bool,
    pub shipping: Option<Value>,
    pub metadata: Metadata,
    pub test_clock: Option<String>,
}

impl Resource for Charge {
    stored_as!(Charge);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        let is_paid = self.error.is_none();
        json!({
            "id": self.id,
            "object": "charge",
            "amount": self.amount,
            "amount_captured": self.amount_captured,
            "amount_refunded": self.amount_refunded,
            "application": null,
            "application_fee": null,
            "application_fee_amount": null,
            "balance_transaction": null,
            "billing_details": self.payment_method.billing_details,
            "calculated_statement_descriptor": "SANDBOX",
            "captured": self.amount_captured > 0,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "description": self.description,
            "disputed": self.is_disputed,
            "failure_balance_transaction": null,
            "failure_code": self.error.as_ref().map(|error| &error.code),
            "failure_message": self.error.as_ref().map(|error| &error.message),
            "fraud_details": {},
            "livemode": false,
            "metadata": self.metadata,
            "on_behalf_of": null,
            "outcome": self.render_outcome(),
            "paid": is_paid,
            "payment_intent": self.payment_intent,
            "payment_method": self.payment_method.id,
            "payment_method_details": self.render_details(),
            "receipt_email": null,
            "receipt_number": null,
            "receipt_url": null,
            "refunded": self.amount_refunded > 0 && self.amount_refunded == self.amount_taken(),
            "review": null,
            "shipping": self.shipping,
            "source": null,
            "source_transfer": null,
            "statement_descriptor": null,
            "statement_descriptor_suffix": null,
            "status": if is_paid { "succeeded" } else { "failed" },
            "transfer_data": null,
            "transfer_group": null,
        })
    }

    fn includable(&self, tx: &Tx<'_>, field: &str) -> Option<Value> {
        match field {
            "refunds" => {
                let refunds = tx.of_owner::<Refund>(&self.id).map(|refund| refund.render(tx));
                Some(inline(&format!("/v1/charges/{}/refunds", self.id), refunds))
            }
            "balance_transaction" if self.amount_captured > 0 => Some(self.render_balance_transaction()),
            _ => None,
        }
    }

    fn test_clock(&self) -> Option<&str> {
        self.test_clock.as_deref()
    }

    fn owner(&self) -> Option<&str> {
        self.customer.as_deref()
    }
}

impl Charge {
    /// What a try of an intent leaves behind. It is stored, and told of by the intent.
    pub fn of_intent(
        tx: &mut Tx<'_>,
        intent: &PaymentIntent,
        method: &PaymentMethod,
        error: Option<&PaymentError>,
        is_captured: bool,
    ) -> Self {
        let charge = Self {
            id: tx.new_id("ch_"),
            created: tx.now(intent.test_clock.as_deref()),
            amount: intent.amount,
            amount_captured: if is_captured { intent.amount } else { 0 },
            amount_refunded: 0,
            currency: intent.currency.clone(),
            customer: intent.customer.clone(),
            description: intent.description.clone(),
            payment_intent: Some(intent.id.clone()),
            payment_method: method.clone(),
            error: error.cloned(),
            is_disputed: false,
            shipping: intent.shipping.clone(),
            metadata: intent.metadata.clone(),
            test_clock: intent.test_clock.clone(),
        };
        tx.put(charge.clone());
        charge
    }

    /// What there is to give back: what was captured, or only held.
    fn amount_taken(&self) -> i64 {
        if self.amount_captured > 0 { self.amount_captured } else { self.amount }
    }

    /// Lets money go that was only held.
    pub fn release(tx: &mut Tx<'_>, id: &str) {
        if let Some(charge) = tx.find::<Self>(id).cloned() {
            tx.update(&Self { amount_refunded: charge.amount, ..charge }, "charge.refunded");
        }
    }

    /// The sandbox takes no fee.
    fn render_balance_transaction(&self) -> Value {
        json!({
            "id": self.id.replacen("ch_", "txn_", 1),
            "object": "balance_transaction",
            "amount": self.amount_captured,
            "available_on": self.created,
            "balance_type": "payments",
            "created": self.created,
            "currency": self.currency,
            "description": self.description,
            "exchange_rate": null,
            "fee": 0,
            "fee_details": [],
            "net": self.amount_captured,
            "reporting_category": "charge",
            "source": self.id,
            "status": "available",
            "type": "charge",
        })
    }

    fn render_outcome(&self) -> Value {
        let (kind, status, reason, message) = match &self.error {
            None => ("authorized", "approved_by_network", None, "Payment complete."),
            Some(error) => (
                "issuer_declined",
                "declined_by_network",
                error.decline_code.as_ref().or(Some(&error.code)),
                "The bank did not return any further details with this decline.",
            ),
        };
        json!({
            "advice_code": null,
            "network_advice_code": null,
            "network_decline_code": null,
            "network_status": status,
            "reason": reason,
            "risk_level": "normal",
            "risk_score": 1,
            "seller_message": message,
            "type": kind,
        })
    }

    fn render_details(&self) -> Value {
        match &self.payment_method.kind {
            MethodKind::Card { brand, last4, exp_month, exp_year } => json!({
                "card": {
                    "amount_authorized": self.error.is_none().then_some(self.amount),
                    "authorization_code": null,
                    "brand": brand,
                    "checks": {
                        "address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass",
                    },
                    "country": "US",
                    "electronic_commerce_indicator": null,
                    "exp_month": exp_month,
                    "exp_year": exp_year,
                    "fingerprint": format!("sandbox{brand}{last4}"),
                    "funding": "credit",
                    "installments": null,
                    "last4": last4,
                    "mandate": null,
                    "network": brand,
                    "network_transaction_id": null,
                    "regulated_status": "unregulated",
                    "three_d_secure": null,
                    "transaction_link_id": null,
                    "wallet": null,
                },
                "type": "card",
            }),
            MethodKind::SepaDebit { country, last4 } => json!({
                "sepa_debit": {
                    "bank_code": "19043",
                    "branch_code": "",
                    "country": country,
                    "fingerprint": format!("sandboxsepa{last4}"),
                    "last4": last4,
                    "mandate": null,
                },
                "type": "sepa_debit",
            }),
        }
    }
}

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/charges", list);
    routes.get("/v1/charges/{charge}", retrieve);
    routes.post("/v1/charges/{charge}", update);
    routes.list("/v1/charges/{charge}/refunds", refunds);
}

fn refunds(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let charge = tx.get::<Charge>(call.id("charge"))?;
    call.page_of(tx, tx.of_owner::<Refund>(&charge.id))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListCharges {
    customer: Option<String>,
    payment_intent: Option<String>,
    created: Option<Range>,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListCharges = call.params()?;
    Customer::check_filter(tx, params.customer.as_ref())?;
    let wanted = |charge: &&Charge| {
        params.customer.as_ref().is_none_or(|customer| charge.customer.as_ref() == Some(customer))
            && params
                .payment_intent
                .as_ref()
                .is_none_or(|intent| charge.payment_intent.as_ref() == Some(intent))
            && params.created.is_none_or(|range| range.holds(charge.created))
    };
    call.page_of(tx, tx.newest_first::<Charge>().filter(wanted))
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&tx.get::<Charge>(call.id("charge"))?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateCharge {
    #[serde(default)]
    description: Patch<String>,
    #[serde(default)]
    metadata: Patch<Metadata>,
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut charge = tx.get::<Charge>(call.id("charge"))?;
    let params: UpdateCharge = call.params()?;
    params.description.apply(&mut charge.description);
    merge_metadata(&mut charge.metadata, params.metadata)?;
    tx.update(&charge, "charge.updated");
    Ok(Answer::object(&charge))
}
