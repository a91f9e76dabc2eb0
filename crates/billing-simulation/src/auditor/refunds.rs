//! Nobody is given back more than was paid, and nobody twice for one request.

use std::collections::{BTreeMap, BTreeSet};

use billing_domain::RefundReason;
use serde_json::Value;

use super::requests::{self, RefundCall};
use super::{Auditor, Verdict};

/// The refunds that people ask for of an invoice, each under a key of its own: the amount, of which `None` is all that is
/// left, and the reason. A repeat under a key is the same request. Another key has another amount and another reason, so that
/// two refunds with the same are a double one; the reason tells all that is left from an amount that happens to be the same.
pub(crate) const REFUNDS: [(Option<i64>, RefundReason); 3] = [
    (None, RefundReason::Fraudulent),
    (Some(307), RefundReason::RequestedByCustomer),
    (Some(901), RefundReason::Duplicate),
];

/// The seconds for which a key is remembered. Afterwards it stands for another request.
const REMEMBERED: i64 = 24 * 3_600;

/// A payment at Stripe of which something was given back.
pub(super) struct RefundedPayment {
    account: String,
    /// Newest first.
    pub(super) refunds: Vec<Value>,
}

impl Auditor<'_> {
    /// The payments with refunds.
    pub(super) fn refunds(&self) -> BTreeMap<String, RefundedPayment> {
        let mut payments = BTreeMap::new();
        for account in &self.accounts {
            for refund in self.listed(account, "/v1/refunds?limit=100") {
                let payment = refund["payment_intent"].as_str().unwrap().to_owned();
                let refunded = || RefundedPayment { account: account.clone(), refunds: Vec::new() };
                payments.entry(payment).or_insert_with(refunded).refunds.push(refund);
            }
        }
        payments
    }

    pub(super) fn refunds_are_as_asked(&mut self) -> Verdict {
        let calls = requests::refund_calls(&mut self.database);
        self.admitted_refunds_fit(&calls)?;
        for (payment, refunded) in self.refunds() {
            self.no_more_than_paid(&payment, &refunded)?;
            for (_, reason) in REFUNDS {
                let of_key = |call: &&RefundCall| call.payment == payment && call.reason == reason.as_str();
                once_a_request(&payment, &refunded, calls.iter().filter(of_key))?;
            }
        }
        Ok(())
    }

    /// What was given back is not more than what was paid.
    fn no_more_than_paid(&self, payment: &str, refunded: &RefundedPayment) -> Verdict {
        let intent = self.fetched(&refunded.account, &format!("/v1/payment_intents/{payment}"));
        let paid = intent["amount_received"].as_i64().unwrap();
        let back: i64 = refunded.refunds.iter().filter(|it| gives_back(it)).map(amount_of).sum();
        if back > paid {
            return Err(format!("{back} of the {paid} of {payment} was given back"));
        }
        Ok(())
    }

    /// Stripe has what the service has let through: what was refunded there and what was under way was taken off before.
    /// Only a refund that the service makes by itself may come in between.
    fn admitted_refunds_fit(&mut self, calls: &[RefundCall]) -> Verdict {
        let duplicates = requests::payments_of_duplicates(&mut self.database);
        for RefundCall { call_id, payment, refusal, .. } in calls {
            let Some(refusal) = refusal.as_ref().filter(|refusal| refusal.contains("refunded")) else {
                continue;
            };
            if !duplicates.contains(payment) {
                return Err(format!("refund {call_id} of {payment} was let through, and refused: {refusal}"));
            }
        }
        Ok(())
    }
}

/// Of the calls under a key, in their order, those of each time for which the key was remembered have made one refund.
fn once_a_request<'c>(
    payment: &str,
    refunded: &RefundedPayment,
    calls: impl Iterator<Item = &'c RefundCall>,
) -> Verdict {
    let mut requests: Vec<(i64, BTreeSet<&str>)> = Vec::new();
    for RefundCall { call_id, prepared_at, .. } in calls {
        match requests.last_mut() {
            Some((since, calls)) if prepared_at - *since <= REMEMBERED => {
                calls.insert(call_id);
            }
            _ => requests.push((*prepared_at, BTreeSet::from([call_id.as_str()]))),
        }
    }
    for (_, calls) in requests {
        let is_of_request = |it: &&Value| gives_back(it) && calls.contains(call_of(it));
        let made: Vec<_> = refunded.refunds.iter().filter(is_of_request).map(id_of).collect();
        if made.len() > 1 {
            return Err(format!("{payment} was refunded twice for one request: {}", made.join(" and ")));
        }
    }
    Ok(())
}

/// The payment intents by which an invoice was paid.
pub(super) fn paid_by(invoice: &Value) -> impl Iterator<Item = &str> {
    let payments = invoice["payments"]["data"].as_array().into_iter().flatten();
    let paid = payments.filter(|payment| payment["status"] == "paid");
    paid.filter_map(|payment| payment["payment"]["payment_intent"].as_str())
}

/// Whether the amount is given back, or will be.
pub(super) fn gives_back(refund: &Value) -> bool {
    refund["status"] != "failed" && refund["status"] != "canceled"
}

pub(super) fn amount_of(refund: &Value) -> i64 {
    refund["amount"].as_i64().unwrap()
}

fn id_of(refund: &Value) -> &str {
    refund["id"].as_str().unwrap()
}

/// The call that made it; empty for one by hand.
fn call_of(refund: &Value) -> &str {
    refund["metadata"]["kl_call_id"].as_str().unwrap_or_default()
}
