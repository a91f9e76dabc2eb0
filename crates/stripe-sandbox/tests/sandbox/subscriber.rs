//! One customer with one subscription, and what they are billed.

use serde_json::Value;

use crate::client::Client;

pub struct Subscriber {
    pub client: Client,
    pub customer: String,
    pub subscription: String,
    events_seen: usize,
}

/// The figures of an invoice that a test works out by hand.
#[derive(Debug, PartialEq)]
pub struct Invoice {
    pub reason: String,
    pub status: String,
    pub lines: Vec<Line>,
    pub total: i64,
    pub due: i64,
    pub paid: i64,
    pub remaining: i64,
    pub starting_balance: i64,
    pub ending_balance: Option<i64>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    pub start: i64,
    pub end: i64,
    pub amount: i64,
    pub proration: bool,
}

/// A full period.
pub fn line(amount: i64, start: i64, end: i64) -> Line {
    Line { start, end, amount, proration: false }
}

/// A part of a period, credited or charged.
pub fn proration(amount: i64, start: i64, end: i64) -> Line {
    Line { start, end, amount, proration: true }
}

impl Invoice {
    /// Paid in full with the card, the balance untouched.
    pub fn paid(reason: &str, total: i64, mut lines: Vec<Line>) -> Self {
        lines.sort();
        Self {
            reason: reason.to_owned(),
            status: "paid".to_owned(),
            lines,
            total,
            due: total,
            paid: total,
            remaining: 0,
            starting_balance: 0,
            ending_balance: Some(0),
        }
    }

    /// Made, and not yet final.
    pub fn draft(reason: &str, total: i64, lines: Vec<Line>) -> Self {
        let paid = Self::paid(reason, total, lines);
        Self { status: "draft".to_owned(), paid: 0, remaining: total, ending_balance: None, ..paid }
    }

    /// Final, and not yet paid.
    pub fn open(reason: &str, total: i64, lines: Vec<Line>) -> Self {
        let paid = Self::paid(reason, total, lines);
        Self { status: "open".to_owned(), paid: 0, remaining: total, ..paid }
    }
}

impl Subscriber {
    pub async fn new(client: &Client) -> Self {
        let customer = client.customer_with_card().await;
        Self { client: client.clone(), customer, subscription: String::new(), events_seen: 0 }
    }

    pub async fn subscribe(&mut self, price: &str, more: &[(&str, &str)]) {
        self.subscription = self.client.subscribe(&self.customer, price, more).await;
    }

    pub async fn update(&self, form: &[(&str, &str)]) -> Value {
        self.client.post(&format!("/v1/subscriptions/{}", self.subscription), form).await.ok()
    }

    pub async fn change_price(&self, price: &str, behaviour: &str) {
        let item = self.read().await["items"]["data"][0]["id"].as_str().unwrap().to_owned();
        let form =
            [("items[0][id]", item.as_str()), ("items[0][price]", price), ("proration_behavior", behaviour)];
        self.update(&form).await;
    }

    /// Asserts the status.
    pub async fn stands(&self, status: &str) {
        assert_eq!(self.read().await["status"], status);
    }

    pub async fn last_invoice(&self) -> Value {
        self.invoices().await.pop().unwrap()
    }

    /// Changes the price of its first item, and what else is given.
    pub async fn change_to(&self, price: &str, more: &[(&str, &str)]) -> Value {
        let item = self.read().await["items"]["data"][0]["id"].as_str().unwrap().to_owned();
        let mut form = vec![("items[0][id]", item.as_str()), ("items[0][price]", price)];
        form.extend_from_slice(more);
        self.update(&form).await
    }

    /// The amounts that wait for the next invoice, the oldest first.
    pub async fn pending(&self) -> Vec<i64> {
        let path = format!("/v1/invoiceitems?pending=true&limit=100&customer={}", self.customer);
        let items = self.client.get(&path).await.ok()["data"].as_array().unwrap().clone();
        items.iter().rev().map(|item| item["amount"].as_i64().unwrap()).collect()
    }

    /// What each of its invoices comes to, the oldest first.
    pub async fn totals(&self) -> Vec<i64> {
        self.invoices().await.iter().map(|invoice| invoice["total"].as_i64().unwrap()).collect()
    }

    pub async fn read(&self) -> Value {
        self.client.get(&format!("/v1/subscriptions/{}", self.subscription)).await.ok()
    }

    /// Asserts the status, and the period that the item stands in.
    pub async fn is(&self, status: &str, start: i64, end: i64) {
        let subscription = self.read().await;
        let item = &subscription["items"]["data"][0];
        let found = (
            subscription["status"].as_str().unwrap(),
            item["current_period_start"].as_i64().unwrap(),
            item["current_period_end"].as_i64().unwrap(),
        );
        assert_eq!(found, (status, start, end));
    }

    /// The customer's balance: negative is in the customer's favour.
    pub async fn balance(&self) -> i64 {
        self.client.get(&format!("/v1/customers/{}", self.customer)).await.ok()["balance"].as_i64().unwrap()
    }

    /// All invoices of the customer, the oldest first.
    pub async fn invoices(&self) -> Vec<Value> {
        let path = format!("/v1/invoices?limit=100&customer={}", self.customer);
        let mut invoices = self.client.get(&path).await.ok()["data"].as_array().unwrap().clone();
        invoices.reverse();
        invoices
    }

    /// Asserts that there are `count` invoices, the last of which has these figures.
    pub async fn has_invoices(&self, count: usize, wanted: &Invoice) -> Value {
        let invoices = self.invoices().await;
        let last = invoices.last().unwrap();
        assert_eq!(figures(last), *wanted, "of invoice {} of {count}", invoices.len());
        assert_eq!(invoices.len(), count);
        last.clone()
    }

    /// Events since the last call, the oldest first. Each of `orders` must be found among them in its order.
    pub async fn emitted(&mut self, orders: &[&[&str]]) -> Vec<Value> {
        let events = self.client.events().await.split_off(self.events_seen);
        self.events_seen += events.len();
        let kinds: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
        for order in orders {
            let mut rest = kinds.iter();
            for wanted in *order {
                assert!(rest.any(|kind| kind == wanted), "{wanted} of {order:?} is missing in {kinds:?}");
            }
        }
        events
    }
}

fn figures(invoice: &Value) -> Invoice {
    let number = |field: &str| invoice[field].as_i64().unwrap_or_else(|| panic!("{field} of {invoice}"));
    let text =
        |field: &str| invoice[field].as_str().unwrap_or_else(|| panic!("{field} of {invoice}")).to_owned();
    assert_eq!(number("subtotal"), number("total"), "nothing is discounted or taxed here");
    let mut lines: Vec<_> =
        invoice["lines"]["data"].as_array().unwrap().iter().map(figures_of_line).collect();
    lines.sort();
    Invoice {
        reason: text("billing_reason"),
        status: text("status"),
        lines,
        total: number("total"),
        due: number("amount_due"),
        paid: number("amount_paid"),
        remaining: number("amount_remaining"),
        starting_balance: number("starting_balance"),
        ending_balance: invoice["ending_balance"].as_i64(),
    }
}

fn figures_of_line(line: &Value) -> Line {
    let parent = &line["parent"];
    let details = match parent["type"].as_str().unwrap() {
        "invoice_item_details" => &parent["invoice_item_details"],
        _ => &parent["subscription_item_details"],
    };
    let (amount, proration) = (line["amount"].as_i64().unwrap(), details["proration"].as_bool().unwrap());
    let description = line["description"].as_str().unwrap();
    if proration {
        let wording = if amount < 0 { "Unused time on" } else { "Remaining time on" };
        assert!(description.starts_with(wording), "{description}");
    }
    Line {
        start: line["period"]["start"].as_i64().unwrap(),
        end: line["period"]["end"].as_i64().unwrap(),
        amount,
        proration,
    }
}
