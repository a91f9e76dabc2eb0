//! The program is killed in the middle of its work: what it has answered is there afterwards, and nothing is half done.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::watch;

use crate::client::Client;

const WRITERS: usize = 4;
/// Answers before each kill.
const ENOUGH: usize = 15;
const KILLS: usize = 3;

struct Program {
    process: Child,
    client: Client,
}

impl Program {
    fn start(state: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_stripe-sandbox"))
            .args(["--port", "0", "--state"])
            .arg(state)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let url = said.trim().strip_prefix("stripe-sandbox listening on ").unwrap();
        Self { client: Client::at(url).with_key("sk_test_tests"), process }
    }
}

/// With SIGKILL, which nothing can answer.
impl Drop for Program {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[derive(Clone)]
struct Order {
    customer: String,
    price: String,
    key: String,
}

impl Order {
    /// One request that makes a subscription, its invoice, a payment and their events.
    async fn place(&self, client: &Client) -> reqwest::Result<Value> {
        let form = [
            ("customer", self.customer.as_str()),
            ("items[0][price]", &self.price),
            ("metadata[key]", &self.key),
        ];
        let client = client.with_idempotency_key(&self.key);
        Ok(client.attempt(Method::POST, "/v1/subscriptions", &form).await?.ok())
    }
}

/// Places orders until the program is gone. Gives those that were answered, with the answer, and the one that was not.
async fn write(client: Client, first: Order, answered: watch::Sender<usize>) -> (Vec<(Order, Value)>, Order) {
    let mut done = Vec::new();
    loop {
        let order = Order { key: format!("{}-{}", first.key, done.len()), ..first.clone() };
        match order.place(&client).await {
            Ok(answer) => done.push((order, answer)),
            Err(_) => return (done, order),
        }
        answered.send_modify(|count| *count += 1);
    }
}

#[tokio::test]
async fn kill_keeps_what_was_answered_and_leaves_nothing_half_done() {
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("state.jsonl");
    let mut program = Program::start(&state);
    let price = program.client.monthly_price("Basic", "usd", 2000).await;
    let customer = program.client.customer_with_card().await;
    let mut keys = 0;
    for round in 0..KILLS {
        let (sender, mut answered) = watch::channel(0);
        let write = |number: usize| {
            let key = format!("{round}-{number}");
            let order = Order { customer: customer.clone(), price: price.clone(), key };
            tokio::spawn(write(program.client.clone(), order, sender.clone()))
        };
        let writers: Vec<_> = (0..WRITERS).map(write).collect();
        answered.wait_for(|count| *count >= ENOUGH).await.unwrap();
        drop(program);
        program = Program::start(&state);
        let client = &program.client;
        assert_nothing_is_half(client).await;
        for writer in writers {
            let (done, open) = writer.await.unwrap();
            for (order, answer) in &done {
                assert_eq!(order.place(client).await.unwrap(), *answer);
            }
            open.place(client).await.unwrap();
            keys += done.len() + 1;
        }
        assert_eq!(assert_nothing_is_half(client).await, keys);
    }
}

/// Each subscription came with its invoice, its payment and its event. Gives how many there are, each of another key.
async fn assert_nothing_is_half(client: &Client) -> usize {
    let events = client.events().await;
    let created = events.iter().filter(|event| event["type"] == "customer.subscription.created");
    let told: BTreeSet<_> = created.map(|event| event["data"]["object"]["id"].to_string()).collect();
    let (mut subscriptions, mut keys) = (BTreeSet::new(), BTreeSet::new());
    for subscription in all(client, "/v1/subscriptions", "&expand[]=data.latest_invoice.payments").await {
        let invoice = &subscription["latest_invoice"];
        assert_eq!((&invoice["status"], &subscription["status"]), (&"paid".into(), &"active".into()));
        let payment = &invoice["payments"]["data"][0]["payment"]["payment_intent"];
        let intent = client.get(&format!("/v1/payment_intents/{}", payment.as_str().unwrap())).await.ok();
        assert_eq!(intent["status"], "succeeded");
        subscriptions.insert(subscription["id"].to_string());
        keys.insert(subscription["metadata"]["key"].to_string());
    }
    assert_eq!(subscriptions, told);
    assert_eq!(subscriptions.len(), keys.len());
    keys.len()
}

async fn all(client: &Client, path: &str, more: &str) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    loop {
        let cursor = all.last().map(|it| format!("&starting_after={}", it["id"].as_str().unwrap()));
        let page = format!("{path}?limit=100{more}{}", cursor.unwrap_or_default());
        let list = client.get(&page).await.ok();
        all.extend_from_slice(list["data"].as_array().unwrap());
        if list["has_more"] == false {
            return all;
        }
    }
}
