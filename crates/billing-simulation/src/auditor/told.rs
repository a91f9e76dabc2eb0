//! What people were told is done, is done.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::refunds::{REFUNDS, RefundedPayment, amount_of, gives_back, paid_by};
use super::{Auditor, Verdict, tables};
use crate::template::WORKSPACES;

/// What people were told is done.
#[derive(Default)]
pub(crate) struct Told {
    /// Refunds: the invoices with the places of the keys.
    pub(crate) refunded: BTreeSet<(String, usize)>,
    /// The invoices that are void.
    pub(crate) voided: BTreeSet<String>,
    /// The subscriptions whose trial is over, with when that was told first, in seconds.
    pub(crate) ended_trials: BTreeMap<String, i64>,
}

impl Auditor<'_> {
    /// The invoices are void and refunded as people were told.
    pub(crate) fn told_is_so(&mut self, told: &Told) -> Verdict {
        let refunds = self.refunds();
        for workspace in WORKSPACES {
            for mirrored in tables::invoices(&mut self.database, workspace) {
                let (id, stripe_id) = (&mirrored.invoice_id, &mirrored.stripe_id);
                let of_invoice = |told: &&(String, usize)| told.0 == *id;
                let places: Vec<_> = told.refunded.iter().filter(of_invoice).map(|told| told.1).collect();
                if places.is_empty() && !told.voided.contains(id) {
                    continue;
                }
                let path = format!("/v1/invoices/{stripe_id}?expand[]=payments");
                let invoice = self.fetched(&mirrored.account, &path);
                if told.voided.contains(id) && invoice["status"] != "void" {
                    return Err(format!("{stripe_id} was said to be void, and is {}", invoice["status"]));
                }
                for place in places {
                    is_refunded(&invoice, &refunds, place)?;
                }
            }
        }
        Ok(())
    }
}

/// An invoice is refunded as somebody asked under the key in this place.
fn is_refunded(invoice: &Value, refunds: &BTreeMap<String, RefundedPayment>, place: usize) -> Verdict {
    let (asked, reason) = REFUNDS[place];
    let refunds = paid_by(invoice).filter_map(|payment| refunds.get(payment));
    let refunds = refunds.flat_map(|payment| &payment.refunds);
    let made: Vec<_> = refunds.filter(|it| gives_back(it) && it["reason"] == reason.as_str()).collect();
    let is_as_asked = |refund: &&Value| asked.is_none_or(|asked| amount_of(refund) == asked);
    if made.is_empty() || !made.iter().all(is_as_asked) {
        let asked = asked.map_or_else(|| "all that was left".to_owned(), |asked| asked.to_string());
        return Err(format!("{asked} of {} was said to be refunded, and is not", invoice["id"]));
    }
    Ok(())
}
