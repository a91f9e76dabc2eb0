//! Our tables of what people asked for, as far as the auditor reads them: calls, and the answers under idempotency keys.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

use super::tables::{gateway_calls as c, seconds};

diesel::table! {
    answered_requests (request_key) { workspace_id -> Text, request_key -> Text, outcome -> Text, }
}

#[derive(Queryable)]
struct RefundCallRow {
    call_id: String,
    payment: String,
    body: String,
    refusal: Option<String>,
    prepared_at: String,
}

/// The call of a refund that somebody asked for.
pub(super) struct RefundCall {
    pub(super) call_id: String,
    pub(super) payment: String,
    /// The reason that was given for it.
    pub(super) reason: String,
    /// Why it was refused.
    pub(super) refusal: Option<String>,
    /// In seconds.
    pub(super) prepared_at: i64,
}

impl From<RefundCallRow> for RefundCall {
    fn from(row: RefundCallRow) -> Self {
        let RefundCallRow { call_id, payment, body, refusal, prepared_at } = row;
        let reason = form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "reason");
        let reason = reason.map(|(_, reason)| reason.into_owned()).unwrap_or_default();
        Self { call_id, payment, reason, refusal, prepared_at: seconds(&prepared_at) }
    }
}

/// The calls of refunds, in the order in which they were decided on.
pub(super) fn refund_calls(database: &mut SqliteConnection) -> Vec<RefundCall> {
    let calls = c::table.filter(c::subject.like("refund_invoice/%")).order(c::call_id);
    let columns = (c::call_id, c::refunded_payment.assume_not_null(), c::body, c::reason, c::prepared_at);
    let rows: Vec<RefundCallRow> = calls.select(columns).load(database).unwrap();
    rows.into_iter().map(RefundCall::from).collect()
}

/// The payments that the service gave back by itself, for a payer's second subscription.
pub(super) fn payments_of_duplicates(database: &mut SqliteConnection) -> Vec<String> {
    let calls = c::table.filter(c::subject.like("refund_duplicate/%"));
    calls.select(c::refunded_payment.assume_not_null()).load(database).unwrap()
}

/// The payments of which a refund has no outcome.
pub(super) fn payments_being_refunded(database: &mut SqliteConnection) -> Vec<String> {
    let calls = c::table.filter(c::outcome.eq("unresolved")).filter(c::refunded_payment.is_not_null());
    calls.select(c::refunded_payment.assume_not_null()).load(database).unwrap()
}

/// The outcomes of the changes of plan, by call.
pub(super) fn plan_changes(database: &mut SqliteConnection) -> BTreeMap<String, String> {
    let calls = c::table.filter(c::subject.like("change_plan/%")).select((c::call_id, c::outcome));
    let calls: Vec<(String, String)> = calls.load(database).unwrap();
    calls.into_iter().collect()
}

/// A change of plan that was carried out.
#[derive(Queryable)]
pub(super) struct DoneCall {
    pub(super) call_id: String,
    /// The idempotency key at Stripe.
    pub(super) key: String,
}

/// The call that a request under a key has led to, if it is known to be carried out.
pub(super) fn done_call_of(
    database: &mut SqliteConnection,
    workspace: &str,
    request_key: &str,
) -> Option<DoneCall> {
    use answered_requests as a;
    let answered = a::table.filter(a::workspace_id.eq(workspace)).filter(a::request_key.eq(request_key));
    let answer: Option<String> = answered.select(a::outcome).first(database).optional().unwrap();
    let call_id: String = serde_json::from_str(&answer?).unwrap();
    let done = c::table.filter(c::call_id.eq(call_id)).filter(c::outcome.eq("done"));
    done.select((c::call_id, c::idempotency_key)).first(database).optional().unwrap()
}
