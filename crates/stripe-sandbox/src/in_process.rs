//! The sandbox without HTTP, tasks and wall clock, for simulations: one call, one answer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;

use crate::{
    api::{Api, ApiRequest, ApiResponse},
    clock::{Clock, Timestamp},
    lifecycle,
    resources::{
        checkout, customers::Customer, invoice_items::InvoiceItem, invoices::Invoice, prices::Price,
        products::Product, refunds::Refund, schedules::Schedule, subscriptions::Subscription,
    },
    store::{Kind, Object, Origin, Resource, Table, Tables, World},
    webhooks::{self, Delivery},
    wire::Metadata,
};

/// A sandbox whose clock stands until it is moved. The same seed and calls give the same ids and secrets.
pub struct InProcess {
    api: Api,
    world: Mutex<World>,
}

/// An event on its way to an endpoint.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// The event's type.
    pub kind: String,
    /// The id of the endpoint.
    pub endpoint: String,
    /// The body that is signed.
    pub body: String,
    secrets: Vec<String>,
}

impl Webhook {
    /// The header `Stripe-Signature` of an attempt at this time.
    #[must_use]
    pub fn signature(&self, at: Timestamp) -> String {
        webhooks::signature(&self.secrets, at, &self.body)
    }
}

/// An object of the ledger.
#[derive(Debug, Clone)]
pub struct LedgerObject {
    /// The account it is in.
    pub account: String,
    /// The word of Stripe's API for its kind, such as `checkout.session`.
    pub kind: &'static str,
    /// The id.
    pub id: String,
    /// The customer it is of.
    pub customer: Option<String>,
    /// The status in Stripe's words; empty for a kind that has none. An invoice item is `pending` until it is on an
    /// invoice.
    pub status: String,
    /// The metadata.
    pub metadata: Metadata,
}

impl InProcess {
    /// A sandbox with nothing in it.
    #[must_use]
    pub fn new(seed: u64, at: Timestamp) -> Self {
        Self { api: Api::new(), world: Mutex::new(world(seed, at)) }
    }

    /// Forgets everything, the clock included.
    pub fn renew(&self, seed: u64, at: Timestamp) {
        *self.lock() = world(seed, at);
    }

    /// Carries out a request to the API.
    pub fn call(&self, request: &ApiRequest) -> ApiResponse {
        let mut world = self.lock();
        let response = self.api.answer(&mut world, request, None);
        lifecycle::finish_advancing(&mut world);
        response
    }

    /// Moves the clock forward and does on the way what falls due.
    pub fn move_clock(&self, to: Timestamp) {
        lifecycle::move_clock(&mut self.lock(), to);
    }

    /// The webhooks since the last look, in the order in which they were made.
    pub fn take_webhooks(&self) -> Vec<Webhook> {
        let mut world = self.lock();
        let made = std::mem::take(&mut world.undelivered);
        made.into_iter().filter_map(|(account, id)| webhook(&mut world, &account, &id)).collect()
    }

    /// Everything that carries metadata or can be charged for, in order of creation.
    pub fn ledger(&self) -> Vec<LedgerObject> {
        let world = self.lock();
        world.accounts().flat_map(|(account, tables)| ledger_of(account, tables)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn world(seed: u64, at: Timestamp) -> World {
    World::new(Clock::Standing { at }, seed, "https://stripe.example".to_owned())
}

fn webhook(world: &mut World, account: &str, id: &str) -> Option<Webhook> {
    let mut tx = world.begin(account, Origin::default());
    let delivery = tx.find::<Delivery>(id)?.clone();
    let parcel = delivery.parcel(&mut tx).ok()?;
    let (kind, endpoint) = (delivery.event_name, delivery.endpoint);
    Some(Webhook { kind, endpoint, body: parcel.body, secrets: parcel.secrets })
}

/// The kinds of the ledger.
const KINDS: [Kind; 9] = [
    Kind::Customer,
    Kind::Product,
    Kind::Price,
    Kind::CheckoutSession,
    Kind::Subscription,
    Kind::Schedule,
    Kind::InvoiceItem,
    Kind::Invoice,
    Kind::Refund,
];

fn ledger_of<'a>(account: &'a str, tables: &'a Tables) -> impl Iterator<Item = LedgerObject> + 'a {
    let records = KINDS.iter().filter_map(|kind| tables.get(kind)).flat_map(Table::records);
    records.filter_map(|record| entry(account, &record.object))
}

fn entry(account: &str, object: &Object) -> Option<LedgerObject> {
    let of = |kind, customer: Option<&String>, status: String, metadata: &Metadata| {
        Some(LedgerObject {
            account: account.to_owned(),
            kind,
            id: object.id().to_owned(),
            customer: customer.cloned(),
            status,
            metadata: metadata.clone(),
        })
    };
    if let Some(it) = Customer::of(object) {
        return of("customer", None, String::new(), &it.metadata);
    }
    if let Some(it) = Product::of(object) {
        return of("product", None, String::new(), &it.metadata);
    }
    if let Some(it) = Price::of(object) {
        return of("price", None, String::new(), &it.metadata);
    }
    if let Some(it) = checkout::Session::of(object) {
        return of("checkout.session", it.customer.as_ref(), word(it.status), &it.metadata);
    }
    if let Some(it) = Subscription::of(object) {
        return of("subscription", Some(&it.customer), word(it.status), &it.metadata);
    }
    if let Some(it) = Schedule::of(object) {
        return of("subscription_schedule", Some(&it.customer), word(it.status), &it.metadata);
    }
    if let Some(it) = InvoiceItem::of(object) {
        let status = if it.invoice.is_none() { "pending" } else { "" };
        return of("invoiceitem", Some(&it.customer), status.to_owned(), &it.metadata);
    }
    if let Some(it) = Invoice::of(object) {
        return of("invoice", Some(&it.customer), word(it.status), &it.metadata);
    }
    let it = Refund::of(object)?;
    of("refund", it.customer.as_ref(), String::new(), &it.metadata)
}

/// A status in the words of the API.
fn word(status: impl Serialize) -> String {
    match serde_json::to_value(status) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}
