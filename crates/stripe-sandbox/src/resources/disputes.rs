//! A charge that its card's owner does not recognize.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::charges::Charge;
use crate::{
    clock::{DAY, Timestamp},
    store::{Resource, Tx, stored_as},
    wire::{Answer, ApiError, Call, Metadata, Patch, Range, Reply, Routes, values::merge_metadata},
};

/// How long evidence can be given.
const ANSWER_WITHIN: Timestamp = 9 * DAY;

/// What evidence can be given.
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStatus {
    WarningNeedsResponse,
    WarningUnderReview,
    WarningClosed,
    NeedsResponse,
    UnderReview,
    Won,
    Lost,
}

impl DisputeStatus {
    fn is_closed(self) -> bool {
        matches!(self, Self::WarningClosed | Self::Won | Self::Lost)
    }

    /// The bank only asks: no money is taken back yet.
    fn is_inquiry(self) -> bool {
        matches!(self, Self::WarningNeedsResponse | Self::WarningUnderReview | Self::WarningClosed)
    }

    /// What becomes of it when its evidence is handed in. Stripe's test mode decides by these texts.
    fn answered(self, text: Option<&String>) -> Self {
        match (self.is_inquiry(), text.map(String::as_str)) {
            (true, Some("winning_evidence")) => Self::WarningClosed,
            (true, _) => Self::WarningUnderReview,
            (false, Some("winning_evidence")) => Self::Won,
            (false, Some("losing_evidence")) => Self::Lost,
            (false, _) => Self::UnderReview,
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Dispute {
    pub id: String,
    pub created: Timestamp,
    pub amount: i64,
    pub currency: String,
    pub charge: String,
    pub payment_intent: Option<String>,
    pub status: DisputeStatus,
    pub evidence: BTreeMap<String, String>,
    pub submissions: u32,
    pub metadata: Metadata,
}

impl Resource for Dispute {
    stored_as!(Dispute);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        let mut evidence: Map<_, _> =
            EVIDENCE.into_iter().map(|name| (name.to_owned(), json!(self.evidence.get(name)))).collect();
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
                "due_by": (!self.status.is_closed()).then_some(self.created + ANSWER_WITHIN),
                "enhanced_eligibility": {},
                "has_evidence": !self.evidence.is_empty(),
                "past_due": false,
                "submission_count": self.submissions,
                "submission_method": if self.submissions > 0 { "manual" } else { "not_submitted" },
            },
            "intended_submission_method": null,
            "is_charge_refundable": self.status.is_inquiry() && !self.status.is_closed(),
            "livemode": false,
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
            "reason": "fraudulent",
            "status": self.status,
        })
    }

    fn owner(&self) -> Option<&str> {
        Some(&self.charge)
    }
}

impl Dispute {
    /// The owner of a card disputes what was charged.
    pub fn open(tx: &mut Tx<'_>, charge: Charge, status: DisputeStatus) {
        let dispute = Self {
            id: tx.new_id("du_"),
            created: tx.now(charge.test_clock.as_deref()),
            amount: charge.amount,
            currency: charge.currency.clone(),
            charge: charge.id.clone(),
            payment_intent: charge.payment_intent.clone(),
            status,
            evidence: BTreeMap::new(),
            submissions: 0,
            metadata: Metadata::new(),
        };
        let is_disputed = !status.is_inquiry();
        tx.update(&Charge { is_disputed, ..charge }, "charge.updated");
        tx.create(&dispute, "charge.dispute.created");
        if is_disputed {
            tx.emit("charge.dispute.funds_withdrawn", &dispute);
        }
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
    created: Option<Range>,
    charge: Option<String>,
    payment_intent: Option<String>,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListDisputes = call.params()?;
    let wanted = |dispute: &&Dispute| {
        params.charge.as_ref().is_none_or(|charge| dispute.charge == *charge)
            && params.created.is_none_or(|range| range.holds(dispute.created))
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
    evidence: Option<BTreeMap<String, String>>,
    submit: Option<bool>,
    #[serde(default)]
    metadata: Patch<Metadata>,
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut dispute = tx.get::<Dispute>(call.id("dispute"))?;
    let params: UpdateDispute = call.params()?;
    merge_metadata(&mut dispute.metadata, params.metadata)?;
    let mut ends = false;
    if let Some(evidence) = params.evidence {
        if dispute.status.is_closed() {
            return Err(ApiError::invalid("This dispute is already closed.").about("evidence"));
        }
        give(&mut dispute, evidence)?;
        if params.submit.unwrap_or(true) {
            dispute.submissions += 1;
            dispute.status = dispute.status.answered(dispute.evidence.get("uncategorized_text"));
            ends = dispute.status.is_closed();
        }
    }
    tx.update(&dispute, "charge.dispute.updated");
    if ends {
        tx.emit("charge.dispute.closed", &dispute);
    }
    if ends && dispute.status == DisputeStatus::Won {
        tx.emit("charge.dispute.funds_reinstated", &dispute);
    }
    Ok(Answer::object(&dispute))
}

/// An empty text takes evidence back.
fn give(dispute: &mut Dispute, evidence: BTreeMap<String, String>) -> Result<(), ApiError> {
    for (name, text) in evidence {
        if !EVIDENCE.contains(&name.as_str()) {
            return Err(ApiError::unknown_param(&format!("evidence[{name}]")));
        }
        if text.is_empty() {
            dispute.evidence.remove(&name)
        } else {
            dispute.evidence.insert(name, text)
        };
    }
    Ok(())
}

/// Giving up: the money goes back to the card's owner.
fn close(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let dispute = tx.get::<Dispute>(call.id("dispute"))?;
    if dispute.status.is_closed() {
        return Err(ApiError::invalid("This dispute is already closed."));
    }
    let status = if dispute.status.is_inquiry() { DisputeStatus::WarningClosed } else { DisputeStatus::Lost };
    let dispute = Dispute { status, ..dispute };
    tx.put(dispute.clone());
    tx.emit("charge.dispute.closed", &dispute);
    Ok(Answer::object(&dispute))
}
