//! Our tables, as far as the auditor reads them.

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

diesel::table! { workspaces (workspace_id) { workspace_id -> Text, state -> Text, } }
diesel::table! {
    audit_entries (entry_id) {
        rowid -> BigInt, entry_id -> Text, workspace_id -> Text, number -> BigInt, subject -> Text,
        event -> Text, state_before -> Text, state_after -> Text,
    }
}
diesel::table! {
    gateway_calls (call_id) {
        call_id -> Text, workspace_id -> Text, idempotency_key -> Text, subject -> Text, body -> Text,
        outcome -> Text, object_id -> Nullable<Text>, reason -> Nullable<Text>, prepared_at -> Text,
        refunded_payment -> Nullable<Text>,
    }
}
diesel::table! {
    gateway_links (stripe_id) {
        stripe_id -> Text, workspace_id -> Text, account -> Text, kind -> Text, own_key -> Text,
    }
}
diesel::table! {
    checkout_intents (intent_id) {
        intent_id -> Text, workspace_id -> Text, account -> Text, session -> Nullable<Text>, state -> Text,
    }
}
diesel::table! {
    subscriptions (subscription_id) {
        subscription_id -> Text, workspace_id -> Text, gateway_account_id -> Text,
        stripe_subscription_id -> Text, status -> Text, quantity -> BigInt, times -> Text,
    }
}
diesel::table! {
    invoices (invoice_id) {
        invoice_id -> Text, workspace_id -> Text, gateway_account_id -> Text, stripe_invoice_id -> Text,
        subscription_id -> Nullable<Text>, status -> Text, details -> Text,
    }
}
diesel::table! {
    work (work_key) { attempts -> BigInt, due_at -> Text, work_key -> Text, kind -> Text, reason -> Nullable<Text>, set_aside_at -> Nullable<Text>, }
}
/// The form of a moment in a column.
const STORED_TIME: &str = "%Y-%m-%d %H:%M:%S%.f%:z";

/// A moment of a column in seconds.
pub(super) fn seconds(text: &str) -> i64 {
    chrono::DateTime::parse_from_str(text, STORED_TIME).unwrap().timestamp()
}

diesel::table! { stripe_events (event_id) { event_id -> Text, } }
diesel::table! { unplaced_events (event_id) { event_id -> Text, } }

/// The workspaces with the states of their switches.
pub(super) fn switches(database: &mut SqliteConnection) -> Vec<(String, String)> {
    workspaces::table.order(workspaces::workspace_id).load(database).unwrap()
}

#[derive(Queryable)]
pub(super) struct Entry {
    pub(super) row: i64,
    pub(super) workspace: String,
    pub(super) number: i64,
    pub(super) subject: String,
    pub(super) event: String,
    pub(super) before: String,
    pub(super) after: String,
}

/// The audit entries after a row, in the order in which they were written.
pub(super) fn entries(database: &mut SqliteConnection, after: i64) -> Vec<Entry> {
    use audit_entries as e;
    e::table
        .filter(e::rowid.gt(after))
        .order(e::rowid)
        .select((e::rowid, e::workspace_id, e::number, e::subject, e::event, e::state_before, e::state_after))
        .load(database)
        .unwrap()
}

/// The subjects of the calls without an outcome.
pub(super) fn unresolved_calls(database: &mut SqliteConnection) -> Vec<String> {
    use gateway_calls as c;
    c::table.filter(c::outcome.eq("unresolved")).order(c::call_id).select(c::subject).load(database).unwrap()
}

/// The creations of a workspace without an outcome.
pub(super) fn unresolved_creations(database: &mut SqliteConnection, workspace: &str) -> Vec<String> {
    use gateway_calls as c;
    c::table
        .filter(c::workspace_id.eq(workspace))
        .filter(c::outcome.eq("unresolved"))
        .filter(c::subject.like("create%"))
        .select(c::subject)
        .load(database)
        .unwrap()
}

#[derive(Queryable)]
#[expect(clippy::struct_field_names, reason = "the names of the columns")]
pub(super) struct Call {
    pub(super) call_id: String,
    pub(super) subject: String,
    pub(super) outcome: String,
    pub(super) object_id: Option<String>,
}

/// The calls.
pub(super) fn calls(database: &mut SqliteConnection) -> Vec<Call> {
    use gateway_calls as c;
    c::table
        .order(c::call_id)
        .select((c::call_id, c::subject, c::outcome, c::object_id))
        .load(database)
        .unwrap()
}

/// The customers of a workspace: account, Stripe's id, and the payer.
pub(super) fn customers(database: &mut SqliteConnection, workspace: &str) -> Vec<(String, String, String)> {
    use gateway_links as l;
    l::table
        .filter(l::workspace_id.eq(workspace))
        .filter(l::kind.eq("customer"))
        .order(l::stripe_id)
        .select((l::account, l::stripe_id, l::own_key))
        .load(database)
        .unwrap()
}

#[derive(Queryable)]
#[expect(clippy::struct_field_names, reason = "the names of the columns")]
pub(super) struct Intent {
    pub(super) intent_id: String,
    pub(super) account: String,
    pub(super) session: Option<String>,
    pub(super) state: String,
}

/// The checkout intents of a workspace.
pub(super) fn intents(database: &mut SqliteConnection, workspace: &str) -> Vec<Intent> {
    use checkout_intents as i;
    i::table
        .filter(i::workspace_id.eq(workspace))
        .order(i::intent_id)
        .select((i::intent_id, i::account, i::session, i::state))
        .load(database)
        .unwrap()
}

#[derive(Queryable)]
#[expect(clippy::struct_field_names, reason = "the names of the columns")]
pub(super) struct Subscription {
    pub(super) subscription_id: String,
    pub(super) account: String,
    pub(super) stripe_id: String,
    pub(super) status: String,
    pub(super) quantity: i64,
    pub(super) times: String,
}

/// The mirrored subscriptions of a workspace.
pub(super) fn subscriptions(database: &mut SqliteConnection, workspace: &str) -> Vec<Subscription> {
    use subscriptions as s;
    s::table
        .filter(s::workspace_id.eq(workspace))
        .order(s::subscription_id)
        .select((
            s::subscription_id,
            s::gateway_account_id,
            s::stripe_subscription_id,
            s::status,
            s::quantity,
            s::times,
        ))
        .load(database)
        .unwrap()
}

#[derive(Queryable)]
#[expect(clippy::struct_field_names, reason = "the names of the columns")]
pub(super) struct Invoice {
    pub(super) invoice_id: String,
    pub(super) account: String,
    pub(super) stripe_id: String,
    pub(super) subscription_id: Option<String>,
    pub(super) status: String,
    pub(super) details: String,
}

/// The mirrored invoices of a workspace.
pub(super) fn invoices(database: &mut SqliteConnection, workspace: &str) -> Vec<Invoice> {
    use invoices as i;
    i::table
        .filter(i::workspace_id.eq(workspace))
        .order(i::invoice_id)
        .select((
            i::invoice_id,
            i::gateway_account_id,
            i::stripe_invoice_id,
            i::subscription_id,
            i::status,
            i::details,
        ))
        .load(database)
        .unwrap()
}

/// The kinds of the work that was given up, with the reasons.
pub(super) fn set_aside(database: &mut SqliteConnection) -> Vec<(String, String)> {
    use work as w;
    w::table
        .filter(w::set_aside_at.is_not_null())
        .order((w::kind, w::work_key))
        .select((w::kind, w::reason.assume_not_null()))
        .load(database)
        .unwrap()
}

/// Whether an event is stored.
pub(super) fn has_event(database: &mut SqliteConnection, id: &str) -> bool {
    let placed: i64 =
        stripe_events::table.filter(stripe_events::event_id.eq(id)).count().get_result(database).unwrap();
    let unplaced: i64 =
        unplaced_events::table.filter(unplaced_events::event_id.eq(id)).count().get_result(database).unwrap();
    placed + unplaced > 0
}

/// The subscriptions that were ended as a payer's second, and when that was decided, in seconds.
pub(super) fn ended_duplicates(database: &mut SqliteConnection) -> Vec<(String, i64)> {
    use gateway_calls as c;
    let ended = c::table.filter(c::outcome.eq("done")).filter(c::subject.like("cancel_duplicate/%"));
    let ended: Vec<(String, String)> =
        ended.select((c::object_id.assume_not_null(), c::prepared_at)).load(database).unwrap();
    ended.into_iter().map(|(id, prepared_at)| (id, seconds(&prepared_at))).collect()
}

/// The number of events without a workspace.
pub(super) fn unplaced(database: &mut SqliteConnection) -> i64 {
    unplaced_events::table.count().get_result(database).unwrap()
}

/// Makes work of a kind due in a far future.
pub(super) fn put_off(database: &mut SqliteConnection, kind: &str) {
    let rows = diesel::update(work::table.filter(work::kind.eq(kind)));
    rows.set(work::due_at.eq("9999-01-01 00:00:00+00:00")).execute(database).unwrap();
}

/// Has work done again that was set aside because processes died with it, as an operator does.
pub(super) fn replay_crashed(database: &mut SqliteConnection) {
    let rows = work::table.filter(work::set_aside_at.is_not_null());
    let rows = rows.filter(work::reason.like("%attempts ended without an outcome"));
    let unset = (work::set_aside_at.eq(None::<String>), work::attempts.eq(0));
    diesel::update(rows).set(unset).execute(database).unwrap();
}
