//! Webhooks that are lost, doubled, late and out of order, the same way for the same seed.

use serde_json::{Value, json};

use crate::{
    client::Client,
    receiver::{Delivery, Receiver},
    sandbox,
};

const CUSTOMERS: usize = 30;

struct Chaotic {
    client: Client,
    receiver: Receiver,
    _sandbox: stripe_sandbox::Sandbox,
}

impl Chaotic {
    /// Creates thirty customers under chaos, with a receiver of their creation.
    async fn with(chaos: Value) -> Self {
        let sandbox = sandbox().await;
        let (client, receiver) = (Client::new(&sandbox), Receiver::start().await);
        client.webhook(receiver.url(), &["customer.created"], false).await;
        client.control("chaos", chaos).await;
        for number in 0..CUSTOMERS {
            client.post("/v1/customers", &[("name", &number.to_string())]).await.ok();
        }
        Self { client, receiver, _sandbox: sandbox }
    }

    /// All that is delivered in the end.
    async fn delivered(&self) -> Vec<Delivery> {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        loop {
            let list = self.client.get("/_sandbox/deliveries").await.ok();
            let deliveries = list["deliveries"].as_array().unwrap();
            let outcomes: Vec<_> = deliveries.iter().map(|it| it["outcome"].as_str().unwrap()).collect();
            if outcomes.iter().all(|outcome| *outcome != "pending") {
                let count = outcomes.iter().filter(|outcome| **outcome == "delivered").count();
                let deliveries = self.receiver.wait_for(count).await;
                assert_eq!(deliveries.len(), count);
                return deliveries;
            }
            assert!(std::time::Instant::now() < deadline, "deliveries are pending: {list}");
            tokio::task::yield_now().await;
        }
    }
}

/// The numbers of the customers, in the order of their arrival.
fn numbers(deliveries: &[Delivery]) -> Vec<usize> {
    let name =
        |delivery: &Delivery| delivery.event()["data"]["object"]["name"].as_str().unwrap().parse().unwrap();
    deliveries.iter().map(name).collect()
}

/// The same, in the order of the customers.
fn sorted(deliveries: &[Delivery]) -> Vec<usize> {
    let mut numbers = numbers(deliveries);
    numbers.sort_unstable();
    numbers
}

async fn sorted_under(chaos: Value) -> Vec<usize> {
    sorted(&Chaotic::with(chaos).await.delivered().await)
}

#[tokio::test]
async fn without_chaos_each_event_comes_once() {
    let chaotic = Chaotic::with(json!({ "seed": 1 })).await;
    assert_eq!(sorted(&chaotic.delivered().await), (0..CUSTOMERS).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_is_dropped_never_comes_and_the_seed_decides_what() {
    let some = |seed: u64| sorted_under(json!({ "seed": seed, "drop": 0.5 }));
    let first = some(3).await;
    assert!((5..=25).contains(&first.len()), "{} of 30 is not a half", first.len());
    assert_eq!(some(3).await, first);
    assert_ne!(some(4).await, first);
    assert!(sorted_under(json!({ "seed": 3, "drop": 1.0 })).await.is_empty());
}

#[tokio::test]
async fn what_is_doubled_comes_twice_as_the_same_event_and_the_seed_decides_what() {
    let some = |seed: u64| sorted_under(json!({ "seed": seed, "duplicate": 0.5 }));
    let first = some(3).await;
    assert!((CUSTOMERS + 5..=CUSTOMERS + 25).contains(&first.len()), "{} of 60", first.len());
    assert_eq!(some(3).await, first);
    assert_ne!(some(4).await, first);
    let all = Chaotic::with(json!({ "seed": 3, "duplicate": 1.0 })).await.delivered().await;
    let mut bodies: Vec<_> = all.iter().map(super::receiver::Delivery::id).collect();
    assert_eq!(bodies.len(), 2 * CUSTOMERS);
    bodies.sort();
    bodies.dedup();
    assert_eq!(bodies.len(), CUSTOMERS);
}

#[tokio::test]
async fn what_is_shuffled_all_comes_but_out_of_order() {
    let chaotic = Chaotic::with(json!({ "seed": 3, "shuffle": 1.0 })).await;
    let deliveries = chaotic.delivered().await;
    assert_eq!(sorted(&deliveries), (0..CUSTOMERS).collect::<Vec<_>>());
    let displaced = numbers(&deliveries).windows(2).filter(|pair| pair[0] > pair[1]).count();
    assert!(displaced >= 3, "only {displaced} of 30 came before their turn");
}

#[tokio::test]
async fn what_is_delayed_comes_late_and_comes() {
    let chaotic = Chaotic::with(json!({ "seed": 3, "delayMs": 1500 })).await;
    let deliveries = chaotic.delivered().await;
    assert_eq!(sorted(&deliveries), (0..CUSTOMERS).collect::<Vec<_>>());
    let spread = deliveries.iter().map(|delivery| delivery.at).max().unwrap() - deliveries[0].at;
    assert!(spread.as_millis() > 700, "delays of up to 1500 ms spread over {spread:?}");
}

#[tokio::test]
async fn the_seed_decides_how_long_each_delivery_is_held_back() {
    let held = async |seed: u64| {
        let chaos = json!({ "seed": seed, "delayMs": 2000, "shuffle": 0.5 });
        let list = Chaotic::with(chaos).await.client.get("/_sandbox/deliveries").await.ok();
        let deliveries = list["deliveries"].as_array().unwrap();
        deliveries.iter().map(|delivery| delivery["delayMs"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let first = held(3).await;
    assert_eq!(first.len(), CUSTOMERS);
    assert_eq!(held(3).await, first);
    assert_ne!(held(4).await, first);
}

#[tokio::test]
async fn chaos_ends_when_it_is_taken_back() {
    let chaotic = Chaotic::with(json!({ "seed": 3, "drop": 1.0 })).await;
    chaotic.client.delete("/_sandbox/chaos").await.ok();
    chaotic.client.post("/v1/customers", &[("name", "99")]).await.ok();
    assert_eq!(numbers(&chaotic.receiver.wait_for(1).await), [99]);
}

#[tokio::test]
async fn a_dropped_event_can_still_be_read() {
    let chaotic = Chaotic::with(json!({ "seed": 3, "drop": 1.0 })).await;
    assert_eq!(
        chaotic.client.get("/v1/events?type=customer.created&limit=100").await.ok()["data"]
            .as_array()
            .unwrap()
            .len(),
        CUSTOMERS
    );
}

#[tokio::test]
async fn a_list_of_values_is_no_chaos() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    for list in [json!([]), json!([1, 0.5, 0.5, 0.5, 1])] {
        let refused = client.post_json("/_sandbox/chaos", &list).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
    }
    assert_eq!(client.get("/_sandbox/chaos").await.ok()["chaos"], Value::Null);
}
