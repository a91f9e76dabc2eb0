//! A charge that its card's owner does not recognize.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::charges::Charge;
use crate::{
    clock::{DAY, Timestamp},
    store::{Resource, Tx, stored_as},
    wire::{Answer, ApiError, Call, Metadata, Patch, Reply, Routes, values::merge_metadata},
};

/// How long evidence can be given.
const ANSWER_WITHIN: Timestamp = 9 * DAY;

/// What evidence can be given; the sandbox takes none.
const EVIDENCE: [&str; 27] = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Dispute {
    pub id: String,
    pub created: Timestamp,
    pub amount: i64,
    pub currency: String,
    pub charge: String,
    pub payment_intent: Option<String>,
    pub is_closed: bool,
    pub metadata: Metadata,
}

impl Resource for Dispute {
    stored_as!(Dispute);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        let mut evidence: Map<_, _> =
            EVIDENCE.into_iter().map(|name| (name.to_owned(), Value::Null)).collect();
        evidence.insert("enhanced_evidence".to_owned(), json!({}));
        json!({
            "id": self.id,
            "object": "dispute",
            "amount": self.amount,
            "balance_transactions": [],
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "enhanced_eligibility_types": [],
            "evidence": evidence,
            "evidence_details": {
                "due_by": (!self.is_closed).then_some(self.created + ANSWER_WITHIN),
                "enhanced_eligibility": {},
                "has_evidence": false,
                "past_due": false,
                "submission_count": 0,
                "submission_method": "not_submitted",
            },
            "intended_submission_method": null,
            "is_charge_refundable": false,
            "livemode": false,
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
            "reason": "fraudulent",
            "status": if self.is_closed { "lost" } else { "needs_response" },
        })
    }
}

impl Dispute {
    /// The owner of a card disputes what was charged.
    pub fn open(tx: &mut Tx<'_>, charge: Charge) {
        let dispute = Self {
            id: tx.new_id("du_"),
            created: tx.now(charge.test_clock.as_deref()),
            amount: charge.amount,
            currency: charge.currency.clone(),
            charge: charge.id.clone(),
            payment_intent: charge.payment_intent.clone(),
            is_closed: false,
            metadata: Metadata::new(),
        };
        tx.update(&Charge { is_disputed: true, ..charge }, "charge.updated");
        tx.create(&dispute, "charge.dispute.created");
    }
}

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/disputes", list);
    routes.get("/v1/disputes/{dispute}", retrieve);
    routes.post("/v1/disputes/{dispute}", update);
    routes.post("/v1/disputes/{dispute}/close", close);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListDisputes {
    charge: Option<String>,
    payment_intent: Option<String>,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListDisputes = call.params()?;
    let wanted = |dispute: &&Dispute| {
        params.charge.as_ref().is_none_or(|charge| dispute.charge == *charge)
            && params
                .payment_intent
                .as_ref()
                .is_none_or(|intent| dispute.payment_intent.as_ref() == Some(intent))
    };
    call.page_of(tx, tx.newest_first::<Dispute>().filter(wanted))
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&tx.get::<Dispute>(call.id("dispute"))?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateDispute {
    #[serde(default)]
    metadata: Patch<Metadata>,
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut dispute = tx.get::<Dispute>(call.id("dispute"))?;
    let params: UpdateDispute = call.params()?;
    merge_metadata(&mut dispute.metadata, params.metadata)?;
    tx.update(&dispute, "charge.dispute.updated");
    Ok(Answer::object(&dispute))
}

/// Giving up: the money goes back to the card's owner.
fn close(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let dispute = tx.get::<Dispute>(call.id("dispute"))?;
    if dispute.is_closed {
        return Err(ApiError::invalid("This dispute is already closed."));
    }
    let dispute = Dispute { is_closed: true, ..dispute };
    tx.put(dispute.clone());
    tx.emit("charge.dispute.closed", &dispute);
    Ok(Answer::object(&dispute))
}
