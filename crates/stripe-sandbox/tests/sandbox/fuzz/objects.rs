//! The objects that requests are about.

use proptest::sample::Index;
use serde_json::Value;

use crate::{client::Client, shop::text};

/// What an object says it is, and what the address of a route calls it.
const KINDS: &[(&str, &str)] = &[
    ("account", "account"),
    ("billing_portal.configuration", "configuration"),
    ("card", "card"),
    ("charge", "charge"),
    ("checkout.session", "session"),
    ("coupon", "coupon"),
    ("credit_note", "note"),
    ("customer", "customer"),
    ("customer_balance_transaction", "transaction"),
    ("dispute", "dispute"),
    ("event", "event"),
    ("invoice", "invoice"),
    ("invoice_payment", "invoice_payment"),
    ("invoiceitem", "invoiceitem"),
    ("payment_intent", "intent"),
    ("payment_method", "method"),
    ("plan", "plan"),
    ("price", "price"),
    ("product", "product"),
    ("promotion_code", "promotion_code"),
    ("refund", "refund"),
    ("setup_intent", "setup"),
    ("subscription", "subscription"),
    ("subscription_item", "item"),
    ("subscription_schedule", "schedule"),
    ("test_helpers.test_clock", "clock"),
    ("webhook_endpoint", "endpoint"),
];

const LISTS: &[&str] = &[
    "/v1/charges",
    "/v1/customers",
    "/v1/disputes",
    "/v1/events?limit=5",
    "/v1/invoice_payments",
    "/v1/prices",
    "/v1/products",
    "/v1/subscription_items?subscription=",
];

/// Kinds and ids.
pub struct Objects(Vec<(&'static str, String)>);

impl Objects {
    /// At least one of each kind.
    pub async fn some(client: &Client) -> Self {
        let mut objects = Self(Vec::new());
        let customer = client.customer_with_card().await;
        let price = client.monthly_price("Basic", "usd", 2000).await;
        client.monthly_price("Dinars", "kwd", 6000).await;
        objects.subscribe(client, &customer, &price).await;
        objects.charge(client, &customer).await;
        objects.configure(client).await;
        for list in LISTS {
            let of_subscription = if list.ends_with('=') { objects.first("subscription") } else { "" };
            let list = client.get(&format!("{list}{of_subscription}")).await.ok();
            list["data"].as_array().unwrap().iter().for_each(|object| objects.learn(object));
        }
        let missing = KINDS.iter().find(|(_, kind)| !objects.has(kind));
        assert_eq!(missing, None);
        objects
    }

    async fn subscribe(&mut self, client: &Client, customer: &str, price: &str) {
        let item = [("customer", customer), ("items[0][price]", price), ("items[0][quantity]", "3")];
        let subscription = self.make(client, "/v1/subscriptions", &item).await;
        let invoice = text(&subscription["latest_invoice"]);
        self.learn(&client.get(&format!("/v1/invoices/{invoice}")).await.ok());
        let credit = [("invoice", invoice), ("amount", "100"), ("credit_amount", "100")];
        self.make(client, "/v1/credit_notes", &credit).await;
        let phase = [("customer", customer), ("start_date", "now"), ("phases[0][items][0][price]", price)];
        self.make(client, "/v1/subscription_schedules", &phase).await;
        let line = [("line_items[0][price]", price), ("line_items[0][quantity]", "1")];
        let session = [("mode", "subscription"), ("success_url", "http://127.0.0.1:9/")];
        self.make(client, "/v1/checkout/sessions", &[session, line].concat()).await;
        let item = [("customer", customer), ("amount", "700"), ("currency", "usd")];
        self.make(client, "/v1/invoiceitems", &item).await;
    }

    async fn charge(&mut self, client: &Client, customer: &str) {
        let methods = client.get(&format!("/v1/customers/{customer}/payment_methods")).await.ok();
        self.learn(&methods["data"][0]);
        let amount = [("amount", "2000"), ("currency", "usd")];
        self.make(client, "/v1/payment_intents", &amount).await;
        let disputed = [("payment_method", "pm_card_createDispute"), ("confirm", "true")];
        self.make(client, "/v1/payment_intents", &[amount, disputed].concat()).await;
        let paid = [("payment_method", "pm_card_visa"), ("confirm", "true")];
        let paid = self.make(client, "/v1/payment_intents", &[amount, paid].concat()).await;
        let refund = [("payment_intent", text(&paid["id"])), ("amount", "500")];
        self.make(client, "/v1/refunds", &refund).await;
        self.make(client, "/v1/setup_intents", &[("customer", customer)]).await;
        let customer = format!("/v1/customers/{customer}");
        self.make(client, &format!("{customer}/sources"), &[("source", "tok_visa")]).await;
        let credit = [("amount", "-100"), ("currency", "usd")];
        self.make(client, &format!("{customer}/balance_transactions"), &credit).await;
    }

    async fn configure(&mut self, client: &Client) {
        let coupon = self.make(client, "/v1/coupons", &[("percent_off", "20")]).await;
        let code = [("promotion[type]", "coupon"), ("promotion[coupon]", text(&coupon["id"]))];
        self.make(client, "/v1/promotion_codes", &code).await;
        let plan =
            [("amount", "900"), ("currency", "usd"), ("interval", "year"), ("product[name]", "Yearly")];
        self.make(client, "/v1/plans", &plan).await;
        let clock = self.make(client, "/v1/test_helpers/test_clocks", &[("frozen_time", "1767225600")]).await;
        self.make(client, "/v1/customers", &[("test_clock", text(&clock["id"]))]).await;
        self.make(client, "/v1/accounts", &[("type", "standard")]).await;
        let endpoint = [("url", "http://127.0.0.1:9/"), ("enabled_events[]", "coupon.deleted")];
        self.make(client, "/v1/webhook_endpoints", &endpoint).await;
        let features = [("features[subscription_cancel][enabled]", "true")];
        self.make(client, "/v1/billing_portal/configurations", &features).await;
    }

    async fn make(&mut self, client: &Client, path: &str, form: &[(&str, &str)]) -> Value {
        let made = client.post(path, form).await.ok();
        self.learn(&made);
        made
    }

    /// What a request has made is what later ones may be about.
    pub fn learn(&mut self, made: &Value) {
        let kind = KINDS.iter().find(|(object, _)| made["object"] == *object);
        if let (Some((_, kind)), Some(id)) = (kind, made["id"].as_str()) {
            self.0.push((kind, id.to_owned()));
        }
    }

    fn first(&self, kind: &str) -> &str {
        &self.0.iter().find(|(known, _)| *known == kind).unwrap().1
    }

    pub fn has(&self, kind: &str) -> bool {
        self.0.iter().any(|(known, _)| *known == kind)
    }

    pub fn of_kind(&self, kind: &str, index: Index) -> String {
        let fitting: Vec<_> = self.0.iter().filter(|(known, _)| *known == kind).collect();
        if fitting.is_empty() { format!("{kind}_none") } else { index.get(&fitting).1.clone() }
    }

    /// The address of a route, with ids of objects in it.
    pub fn fill(&self, route: &str, index: Index) -> String {
        let mut parts = route.split('{');
        let mut path = parts.next().unwrap().to_owned();
        for part in parts {
            let (kind, after) = part.split_once('}').unwrap();
            path.push_str(&self.of_kind(kind, index));
            path.push_str(after);
        }
        path
    }
}
