//! What Stripe has.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::stripe::Stripe;

/// The lists of what can be charged for.
const CHARGED: [(&str, &str); 5] = [
    ("checkout.session", "/v1/checkout/sessions?"),
    ("subscription", "/v1/subscriptions?status=all"),
    ("subscription_schedule", "/v1/subscription_schedules?"),
    ("invoiceitem", "/v1/invoiceitems?"),
    ("invoice", "/v1/invoices?"),
];

/// The other lists of what a call can make.
const MADE: [(&str, &str); 3] =
    [("product", "/v1/products?"), ("price", "/v1/prices?"), ("refund", "/v1/refunds?")];

pub(crate) struct Ledger {
    /// The workspace of each customer.
    customers: BTreeMap<String, String>,
    /// Each object with its kind.
    objects: Vec<(&'static str, Value)>,
}

impl Ledger {
    /// Everything.
    pub(crate) async fn read(stripe: &Stripe) -> Self {
        let customers = stripe.list("/v1/customers?").await;
        let mut ledger = Self { customers: customers.iter().map(customer).collect(), objects: Vec::new() };
        ledger.objects.extend(customers.into_iter().map(|customer| ("customer", customer)));
        for (kind, path) in CHARGED.into_iter().chain(MADE) {
            ledger.add(kind, stripe.list(path).await);
        }
        ledger
    }

    /// The chargeable objects of one customer.
    pub(crate) async fn of_customer(stripe: &Stripe, id: &str) -> Self {
        let found = stripe.get(&format!("/v1/customers/{id}")).await;
        let mut ledger = Self { customers: [customer(&found)].into(), objects: Vec::new() };
        for (kind, path) in CHARGED {
            let listed = stripe.list(&format!("{path}&customer={id}")).await;
            assert!(kind != "checkout.session" || !listed.is_empty(), "the customer has a session");
            ledger.add(kind, listed);
        }
        ledger
    }

    fn add(&mut self, kind: &'static str, objects: Vec<Value>) {
        self.objects.extend(objects.into_iter().map(|object| (kind, object)));
    }

    /// The objects of a kind, each with its workspace.
    pub(crate) fn of_kind(&self, kind: &str) -> impl Iterator<Item = (&str, &Value)> {
        let of_kind = self.objects.iter().filter(move |(known, _)| *known == kind);
        of_kind.map(|(_, object)| (self.workspace_of(object), object))
    }

    fn workspace_of(&self, object: &Value) -> &str {
        self.customers.get(text(object, "customer")).map_or("no workspace", String::as_str)
    }

    /// What can still be charged for, each with its workspace.
    pub(crate) fn chargeable(&self) -> impl Iterator<Item = (&str, String)> {
        let chargeable = self.objects.iter().filter(|(kind, object)| is_chargeable(kind, object));
        chargeable.map(|(kind, object)| {
            let what = format!("{kind} {} is {}", text(object, "id"), text(object, "status"));
            (self.workspace_of(object), what)
        })
    }

    /// The objects of a call that made more than one of a kind.
    pub(crate) fn second_objects(&self) -> impl Iterator<Item = String> {
        let mut made: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for (kind, object) in &self.objects {
            if let Some(call) = object["metadata"]["kl_call_id"].as_str() {
                made.entry((kind, call)).or_default().push(text(object, "id"));
            }
        }
        let twice = made.into_iter().filter(|(_, ids)| ids.len() > 1);
        twice.map(|((_, call), ids)| format!("{call} made {}", ids.join(" and ")))
    }

    /// The customers with more than one live subscription: one customer is one payer in one app.
    pub(crate) fn second_subscriptions(&self) -> impl Iterator<Item = String> {
        let mut live: BTreeMap<&str, u32> = BTreeMap::new();
        for (_, subscription) in self.of_kind("subscription") {
            if is_chargeable("subscription", subscription) {
                *live.entry(text(subscription, "customer")).or_default() += 1;
            }
        }
        let twice = live.into_iter().filter(|(_, live)| *live > 1);
        twice.map(|(customer, live)| format!("I2: {customer} has {live} live subscriptions"))
    }

    /// The number of invoices for a renewal.
    pub(crate) fn renewals(&self) -> usize {
        let invoices = self.of_kind("invoice");
        invoices.filter(|(_, invoice)| invoice["billing_reason"] == "subscription_cycle").count()
    }
}

/// The id of a customer and its workspace.
fn customer(customer: &Value) -> (String, String) {
    let workspace = text(&customer["metadata"], "kl_workspace_id");
    (text(customer, "id").to_owned(), workspace.to_owned())
}

pub(crate) fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object[field].as_str().unwrap_or_default()
}

fn is_chargeable(kind: &str, object: &Value) -> bool {
    let status = text(object, "status");
    match kind {
        "checkout.session" => status == "open",
        "subscription" => !matches!(status, "canceled" | "incomplete_expired"),
        "subscription_schedule" => status == "not_started",
        "invoiceitem" => object["invoice"].is_null(),
        "invoice" => matches!(status, "draft" | "open"),
        _ => false,
    }
}
